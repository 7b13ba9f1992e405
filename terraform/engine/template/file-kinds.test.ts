import { expect, test } from 'vitest'
import { positionAt } from '../../diagnostics/source.ts'
import { build } from '../../testing/build-fixture.ts'
import { parseTemplate } from './template.ts'

const templateOf = (files: Readonly<Record<string, string>>) =>
  parseTemplate(
    '/',
    Object.entries(files).map(([file, text]) => ({ file, text })),
  )

async function outputsOf(files: Readonly<Record<string, string>>) {
  const { state, diagnostics } = await build(templateOf(files))
  expect(diagnostics).toEqual([])
  return Object.fromEntries(Object.entries(state.outputs).map(([name, { value }]) => [name, value]))
}

test('override files are merged into the blocks that they name', async () => {
  const outputs = await outputsOf({
    'main.tf': `
variable "v" {
  type    = number
  default = 1
}
locals {
  a = "base"
  b = "base"
}
resource "terraform_data" "r" {
  input = "base"
  lifecycle { prevent_destroy = true }
}
output "o" { value = [var.v, local.a, local.b, terraform_data.r.output] }`,
    'x_override.tf': 'variable "v" { default = 2 }\nlocals { a = "x" }\nresource "terraform_data" "r" { input = "x" }',
    'override.tf': 'locals { a = "first" }\nresource "terraform_data" "r" { triggers_replace = 1 }',
  })
  expect(outputs).toEqual({ o: [2, 'x', 'base', 'x'] })
})

test('an override without a base block is an error', () => {
  const { diagnostics } = templateOf({
    'main.tf': 'locals {}',
    'override.tf':
      'variable "v" { default = 2 }\nlocals { a = 1 }\nprovider "coder" {}\nmoved {\n  from = a.b\n  to = a.c\n}',
  })
  expect(diagnostics.map(({ summary }) => summary)).toEqual([
    'Missing base variable declaration to override',
    'Missing base local value definition to override',
    "Cannot override 'moved' blocks",
  ])
})

test('a .tofu file replaces the .tf file with its name, and backup files of editors are ignored', async () => {
  const outputs = await outputsOf({
    'main.tf': 'output "o" { value = "tf" }',
    'main.tofu': 'output "o" { value = "tofu" }',
    'other.tf': 'output "p" { value = 1 }',
    '.hidden.tf': 'output "o" { value = 2 }',
    'other.tf~': 'output "o" { value = 2 }',
    '#other.tf#': 'output "o" { value = 2 }',
  })
  expect(outputs).toEqual({ o: 'tofu', p: 1 })
})

test('variable values come from terraform.tfvars, then from *.auto.tfvars in order of name', async () => {
  const outputs = await outputsOf({
    'main.tf': 'variable "a" {}\nvariable "b" {}\nvariable "c" {}\noutput "o" { value = [var.a, var.b, var.c] }',
    'terraform.tfvars': 'a = "1"\nb = "1"\nc = "1"',
    'terraform.tfvars.json': '{ "b": ["${2}"], "c": "2" }',
    'x.auto.tfvars': 'c = "3"',
    'ignored.tfvars': 'c = "4"',
  })
  expect(outputs).toEqual({ o: ['1', ['${2}'], '3'] })
})

const json = JSON.stringify({
  '//': 'a comment',
  variable: {
    list: { type: 'list(string)', default: ['a', '${b}'] },
    name: { default: 'n', validation: { condition: '${length(var.name) > 0}', error_message: 'empty' } },
  },
  locals: [{ upper: '${upper(var.name)}', plain: 'x-${local.upper}\n', number: 12.5, none: null, flag: true }],
  resource: {
    terraform_data: {
      one: { count: 2, input: { '${var.name}-key': '${count.index}' }, depends_on: ['terraform_data.other'] },
      other: [{ input: 'o', lifecycle: { ignore_changes: ['input'] } }],
    },
    coder_agent: {
      main: {
        os: 'linux',
        arch: 'amd64',
        metadata: [
          { key: 'a', script: 'a', interval: 1 },
          { key: 'b', script: 'b', interval: 2 },
        ],
      },
      dynamic: {
        os: 'linux',
        arch: 'amd64',
        dynamic: {
          metadata: { for_each: ['x', 'y'], content: { key: '${metadata.value}', script: 's', interval: 1 } },
        },
      },
    },
  },
  output: {
    o: {
      value: [
        '${var.list}',
        '${local.plain}',
        '${local.number}',
        '${local.none}',
        '${local.flag}',
        '${terraform_data.one[1].output}',
        '${coder_agent.main.metadata[*].key}',
        '${coder_agent.dynamic.metadata[*].key}',
      ],
    },
  },
})

test('JSON has the same meaning as HCL', async () => {
  expect(await outputsOf({ 'main.tf.json': json })).toEqual({
    o: [['a', '${b}'], 'x-N\n', 12.5, null, true, { 'n-key': 1 }, ['a', 'b'], ['x', 'y']],
  })
})

test('diagnostics in JSON have exact positions', async () => {
  const text = '{\n  "output": {\n    "o": { "value": "${upper(lost.name)}" },\n    "p": { "value": "${1 +}" }\n  }\n}'
  const { diagnostics } = await build(templateOf({ 'main.tf.json': text }))
  const positions = diagnostics.map(({ summary, range }) => {
    const { line, column } = positionAt(text, range?.start ?? 0)
    return `${line}:${column} ${summary}`
  })
  expect(positions).toContain('3:30 Reference to undeclared resource')
  expect(positions.some((position) => position.startsWith('4:'))).toBe(true)
})

test.each(['{', '[1]', '{"a": 1,}', '{"a" 1}', '{"output": {"o": 1}}', '{"x": {}}', `${'['.repeat(9999)}`, '"\u0001"'])(
  'invalid JSON is reported with its position: %s',
  (text) => {
    const { diagnostics } = templateOf({ 'main.tf.json': text })
    expect(diagnostics.length).toBeGreaterThan(0)
    expect(diagnostics.every(({ range }) => range?.file === 'main.tf.json')).toBe(true)
  },
)
