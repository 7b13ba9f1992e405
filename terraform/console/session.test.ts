// The console prints exactly what OpenTofu's prints. The expected texts are in this file; if OpenTofu is installed, its
// output is compared too.

import { expect, test } from 'vitest'
import { requires } from '../../lib/testing/requirements.ts'
import { planTemplate } from '../engine/plan/plan.ts'
import { parseTemplate } from '../engine/template/template.ts'
import { terraformProvider } from '../providers/terraform/provider.ts'
import { findTofu, runTofu } from '../testing/tofu.ts'
import { evaluateInput, isIncomplete } from './session.ts'

const module = `variable "name" {
  type    = string
  default = "otter"
}
variable "ports" {
  type    = map(object({ port = number, open = optional(bool, true) }))
  default = { http = { port = 80 }, ssh = { port = 22, open = false } }
}
variable "secret" {
  sensitive = true
  default   = "x"
}
locals {
  loud = upper(var.name)
}
`

const cases: readonly (readonly [input: string, output: string])[] = [
  ['1 + 1', '2'],
  ['1 / 8', '0.125'],
  ['2e30', '2000000000000000000000000000000'],
  ['"a\\tb\\"c\\\\d"', '"a\\tb\\"c\\\\d"'],
  ['"é🐈\\u00a0\\u200b"', '"é🐈\\u00a0\\u200b"'],
  ['local.loud', '"OTTER"'],
  ['var.secret', '(sensitive value)'],
  ['[]', '[]'],
  ['{}', '{}'],
  ['[1, "b", [true, null]]', '[\n  1,\n  "b",\n  [\n    true,\n    null,\n  ],\n]'],
  ['{ b = 1, "a c" = { d = [] } }', '{\n  "a c" = {\n    "d" = []\n  }\n  "b" = 1\n}'],
  ['toset(["b", "a"])', 'toset([\n  "a",\n  "b",\n])'],
  ['tolist([1, 2])', 'tolist([\n  1,\n  2,\n])'],
  ['tomap({ a = "x" })', 'tomap({\n  "a" = "x"\n})'],
  [
    'var.ports',
    'tomap({\n  "http" = {\n    "open" = true\n    "port" = 80\n  }\n  "ssh" = {\n    "open" = false\n    "port" = 22\n  }\n})',
  ],
  ['"a\\nb"', '<<EOT\na\nb\nEOT'],
  ['["EOT\\nx"]', '[\n  <<-EOT_\n  EOT\n  x\n  EOT_,\n]'],
  ['null', 'null'],
  ['tostring(null)', 'tostring(null)'],
  ['tonumber(null)', 'tonumber(null)'],
  ['type(1)', 'number'],
  ['type(var.ports)', 'map(\n    object({\n        open: bool,\n        port: number,\n    }),\n)'],
  ['type([1, ["a"], {}])', 'tuple([\n    number,\n    tuple([\n        string,\n    ]),\n    object({}),\n])'],
  ['type(toset(["a"]))', 'set(string)'],
  ['[for s in ["a", "b"] : upper(s)]', '[\n  "A",\n  "B",\n]'],
  ['path.module', '"."'],
  ['terraform.workspace', '"default"'],
]

test('values and types are printed as expressions', async () => {
  const template = parseTemplate('/', [{ file: 'main.tf', text: module }])
  const { plan } = await planTemplate({
    template,
    variables: {},
    providers: [terraformProvider()],
    state: null,
    mode: 'apply',
    signal: new AbortController().signal,
    onEvent: () => undefined,
  })
  expect(cases.map(([input]) => evaluateInput(input, template, plan.evaluation).text)).toEqual(
    cases.map(([, output]) => output),
  )
})

const tofu = findTofu()

test('OpenTofu prints the same', { timeout: 60_000, ...requires('tofu') }, () => {
  const input = cases.map(([line]) => `${line}\n`).join('')
  const output = runTofu(tofu as string, { 'main.tf': module }, ['console', '-no-color'], input)
  expect(output.trimEnd()).toBe(cases.map(([, expected]) => expected).join('\n'))
})

test('an expression with open brackets continues on the next line', () => {
  expect(['[', '{ a = "}"', 'f(1,', '<<EOT\na'].map(isIncomplete)).toEqual([true, true, true, true])
  expect(['[1]', '"[("', '1 + 1', '<<EOT\na\nEOT\n'].map(isIncomplete)).toEqual([false, false, false, false])
})
