// Diagnostics have the shape of `tofu validate -json`, and point where it points.

import { expect, test } from 'vitest'
import { requires } from '../../lib/testing/requirements.ts'
import { parseTemplate } from '../engine/template/template.ts'
import { validateTemplate } from '../engine/validate.ts'
import { terraformProvider } from '../providers/terraform/provider.ts'
import { findTofu, runTofu } from '../testing/tofu.ts'
import { type DiagnosticJson, diagnosticToJson } from './diagnostic-json.ts'

const modules: Readonly<Record<string, string>> = {
  'a type that is none': 'variable "a" {\n  type = strin\n}\n',
  'a variable that is none': 'locals {\n  größe = 1\n  x = "é🐈 ${upper(var.b)}"\n}\n',
  'an argument that is none': 'resource "terraform_data" "e" {\n  inpt = 1\n}\n',
  'several lines': 'resource "terraform_data" "e" {\n  count = {\n    a = 1\n  }\n}\n',
  'a missing brace': 'output "o" {\n  value = 1\n',
  'what names stood for': `variable "v" {
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
  'a call that fails': `locals {
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

/** Without the words. */
const places = (diagnostics: readonly DiagnosticJson[]) =>
  diagnostics.map(({ severity, range, snippet }) => ({ severity, range, snippet }))

test('a diagnostic has its place and the lines around, counted in bytes', () => {
  expect(ours(modules['a variable that is none'] as string)).toEqual([
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
  test(`OpenTofu points to ${name} alike`, { timeout: 60_000, ...requires('tofu') }, () => {
    const said = runTofu(tofu as string, { 'main.tf': text }, ['validate', '-json'])
    const { diagnostics } = JSON.parse(said) as { readonly diagnostics: readonly DiagnosticJson[] }
    const byPlace = (a: DiagnosticJson, b: DiagnosticJson) => (a.range?.start.byte ?? 0) - (b.range?.start.byte ?? 0)
    expect(places(ours(text).sort(byPlace))).toEqual(places([...diagnostics].sort(byPlace)))
  })
}
