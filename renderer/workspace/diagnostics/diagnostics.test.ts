import { expect, test } from 'vitest'
import { parseDiagnostics } from './diagnostics.ts'

const unknownAttribute = `Error: Unknown attribute

  with host_process.agent,
  on main.tf:48:27
  48:   limits = { cpu = "2", memmory = "4Gi" }
                              ^^^^^^^

There is no attribute "memmory" here. Did you mean "memory"?`

test('a diagnostic has its file, line, column and the marked part of the line', () => {
  const [found] = parseDiagnostics(unknownAttribute)
  expect(found).toMatchObject({
    severity: 'error',
    summary: 'Unknown attribute',
    detail: 'There is no attribute "memmory" here. Did you mean "memory"?',
    file: 'main.tf',
    line: 48,
    column: 27,
    address: 'host_process.agent',
  })
  const [line] = found?.excerpt ?? []
  expect(line?.text.slice(line.markStart, line.markEnd)).toBe('memmory')
})

test('several diagnostics in one log are separated', () => {
  const text = `Planning\n${unknownAttribute}\n\nWarning: Deprecated argument\n\n  on a b/x.tf:3:1\n  3: foo = 1\n     ^^^\n\nUse bar.`
  const found = parseDiagnostics(text)
  expect(found.map(({ severity, file, line }) => [severity, file, line])).toEqual([
    ['error', 'main.tf', 48],
    ['warning', 'a b/x.tf', 3],
  ])
})

test('a diagnostic framed by Terraform is found', () => {
  const [found] = parseDiagnostics(
    '╷\n│ Error: Invalid reference\n│ \n│   on main.tf line 12, in resource "a" "b":\n│   12:   x = y\n│ \n│ A reference needs a dot.\n╵',
  )
  expect(found).toMatchObject({
    summary: 'Invalid reference',
    file: 'main.tf',
    line: 12,
    detail: 'A reference needs a dot.',
  })
  expect(found?.excerpt[0]?.text).toBe('  x = y')
})

test('a diagnostic without a source position has a summary and detail', () => {
  expect(parseDiagnostics('Error: Cycle in the configuration\n\na → b → a')).toEqual([
    { severity: 'error', summary: 'Cycle in the configuration', detail: 'a → b → a', excerpt: [] },
  ])
})

test('plain text has no diagnostics', () => {
  expect(parseDiagnostics('the agent binary is missing\nat 12:30')).toEqual([])
})
