// Diagnostics have the format and the ranges of `tofu validate -json`.

import { expect, test } from 'vitest'
import { requires } from '../../lib/testing/requirements.ts'
import { parseTemplate } from '../engine/template/template.ts'
import { validateTemplate } from '../engine/validate.ts'
import { terraformProvider } from '../providers/terraform/provider.ts'
import { findTofu, runTofu } from '../testing/tofu.ts'
import { type DiagnosticJson, diagnosticToJson } from './diagnostic-json.ts'

const modules: Readonly<Record<string, string>> = {
  'an invalid type': 'variable "a" {\n  type = strin\n}\n',
  'an undeclared variable': 'locals {\n  größe = 1\n  x = "é🐈 ${upper(var.b)}"\n}\n',
  'an unsupported argument': 'resource "terraform_data" "e" {\n  inpt = 1\n}\n',
  'several lines': 'resource "terraform_data" "e" {\n  count = {\n    a = 1\n  }\n}\n',
  'a missing brace': 'output "o" {\n  value = 1\n',
  'the values of references': `variable "v" {
  type = map(string)
}
locals {
  list   = ["a"]
  secret = sensitive("x")
  number = 12345678901.5
}
output "a" {
  value = [for x in local.list : x.y]
}
output "b" {
  value = var.v + local.secret
}
output "c" {
  value = local.list["x"].y
}
output "d" {
  value = !local.number
}
`,
  'a failed call': `locals {
  list = ["a"]
}
output "a" {
  value = parseint(local.list, 10)
}
output "b" {
  value = try(local.list.x)
}
output "c" {
  value = coalesce()
}
`,
}

function ours(text: string): DiagnosticJson[] {
  const template = parseTemplate('/', [{ file: 'main.tf', text }])
  return validateTemplate(template, [terraformProvider()]).map((found) => diagnosticToJson(found, template.sources))
}

/** Diagnostics without their texts. */
const withoutTexts = (diagnostics: readonly DiagnosticJson[]) =>
  diagnostics.map(({ severity, range, snippet }) => ({ severity, range, snippet }))

test('a diagnostic has its range in bytes and the source lines', () => {
  expect(ours(modules['an undeclared variable'] as string)).toEqual([
    {
      severity: 'error',
      summary: 'Reference to undeclared input variable',
      detail: expect.any(String),
      range: {
        filename: 'main.tf',
        start: { line: 3, column: 19, byte: 45 },
        end: { line: 3, column: 24, byte: 50 },
      },
      snippet: {
        context: 'locals',
        code: '  x = "é🐈 ${upper(var.b)}"',
        start_line: 3,
        highlight_start_offset: 22,
        highlight_end_offset: 27,
        values: [],
      },
    },
  ])
})

const tofu = findTofu()

for (const [name, text] of Object.entries(modules)) {
  test(`OpenTofu reports the same ranges for ${name}`, { timeout: 60_000, ...requires('tofu') }, () => {
    const output = runTofu(tofu as string, { 'main.tf': text }, ['validate', '-json'])
    const { diagnostics } = JSON.parse(output) as { readonly diagnostics: readonly DiagnosticJson[] }
    const byStart = (a: DiagnosticJson, b: DiagnosticJson) => (a.range?.start.byte ?? 0) - (b.range?.start.byte ?? 0)
    expect(withoutTexts(ours(text).sort(byStart))).toEqual(withoutTexts([...diagnostics].sort(byStart)))
  })
}
