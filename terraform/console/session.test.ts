// The console answers as OpenTofu's does, sign for sign. What that is stands here; where OpenTofu is there, it is asked
// again, all questions at once.

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

const answers: readonly (readonly [question: string, answer: string])[] = [
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

test('values and types are printed in the language', async () => {
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
  expect(answers.map(([question]) => evaluateInput(question, template, plan.evaluation).text)).toEqual(
    answers.map(([, text]) => text),
  )
})

const tofu = findTofu()

test('OpenTofu answers alike', { timeout: 60_000, ...requires('tofu') }, () => {
  const questions = answers.map(([question]) => `${question}\n`).join('')
  const said = runTofu(tofu as string, { 'main.tf': module }, ['console', '-no-color'], questions)
  expect(said.trimEnd()).toBe(answers.map(([, text]) => text).join('\n'))
})

test('what has open brackets goes on in the next line', () => {
  expect(['[', '{ a = "}"', 'f(1,', '<<EOT\na'].map(isIncomplete)).toEqual([true, true, true, true])
  expect(['[1]', '"[("', '1 + 1', '<<EOT\na\nEOT\n'].map(isIncomplete)).toEqual([false, false, false, false])
})
