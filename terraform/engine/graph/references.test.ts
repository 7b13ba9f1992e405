import { expect, test } from 'vitest'
import { parseTemplate } from '../template/template.ts'

test('an undeclared resource is reported with its instance key, as in OpenTofu', () => {
  const text =
    'locals {\n  a = none.x[0].y\n  b = data.none.x[0].y\n  c = none.x.y\n  d = none.x[var.k].y\n}\nvariable "k" {}\n'
  const { diagnostics } = parseTemplate('/nowhere', [{ file: 'main.tf', text }])
  expect(diagnostics.map(({ range }) => text.slice(range?.start, range?.end))).toEqual([
    'none.x[0]',
    'data.none.x[0]',
    'none.x',
    'none.x',
  ])
})

test('the name resource alone is reported at its position', () => {
  const text = 'locals {\n  a = resource\n}\n'
  const { diagnostics } = parseTemplate('/nowhere', [{ file: 'main.tf', text }])
  expect(diagnostics.map(({ range }) => text.slice(range?.start, range?.end))).toEqual(['resource'])
})
