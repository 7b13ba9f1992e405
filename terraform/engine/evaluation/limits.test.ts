// Unbounded computations are stopped with a diagnostic. A missing limit shows as a test that hangs.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { build, templateOf } from '../../testing/build-fixture.ts'
import { parseTemplate } from '../template/template.ts'

/** Forty local values, each computed from the previous one. */
const chain = (first: string, next: (name: string) => string) => `locals {
  x0 = ${first}
  ${Array.from({ length: 40 }, (_, i) => `x${i + 1} = ${next(`local.x${i}`)}`).join('\n  ')}
}
output "o" { value = local.x40 }`

const unboundedTemplates: Readonly<Record<string, string>> = {
  'a range of 1e9': 'output "o" { value = length(range(1, 1e9)) }',
  'nested for expressions':
    'output "o" { value = [for a in range(1000) : [for b in range(1000) : [for c in range(1000) : c]]] }',
  'a set product': 'output "o" { value = length(setproduct(range(500), range(500), range(500))) }',
  'nested lists that double': `locals {
  l0 = [1, 2, 3, 4, 5, 6, 7, 8]
  ${Array.from({ length: 30 }, (_, i) => `l${i + 1} = [local.l${i}, local.l${i}]`).join('\n  ')}
}
output "o" { value = jsonencode(local.l30) }`,
  'strings that double': `locals {
  t0 = "abcdefgh"
  ${Array.from({ length: 40 }, (_, i) => `t${i + 1} = "\${local.t${i}}\${local.t${i}}"`).join('\n  ')}
}
output "o" { value = local.t40 }`,
  'a count of a million': 'resource "terraform_data" "a" { count = 1000000 }',
  'for_each with 50,000 keys': 'resource "terraform_data" "a" { for_each = toset([for i in range(50000) : "k${i}"]) }',
  'a format width of gigabytes': 'output "o" { value = format("%2000000000d", 1) }',
  'a repeated string':
    'output "o" { value = join("", [for i in range(100000) : "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx${join("", range(1000))}"]) }',
  'a repeatedly squared number': chain('12345678901', (n) => `${n} * ${n}`),
  'a string doubled by replace': chain('"aaaaaaaa"', (t) => `replace(${t}, "a", "aa")`),
  'a string with insertions between its characters': chain('"aaaaaaaa"', (t) => `replace(${t}, "", "b")`),
  'a string doubled by a pattern': chain('"aaaaaaaa"', (t) => `replace(${t}, "/a/", "aa")`),
  'a list doubled by concat': chain('[1]', (l) => `concat(${l}, ${l})`),
  'a pattern with thousands of groups': `output "o" { value = regexall("${'(a|b)?'.repeat(3000)}", "${'ab'.repeat(3000)}") }`,
  'too many bcrypt hashes':
    'resource "terraform_data" "a" { triggers_replace = terraform_data.b.id\n input = [for i in range(1000) : bcrypt("a", 10)] }\nresource "terraform_data" "b" {}',
  'a huge JSON number': 'output "o" { value = jsondecode("[1e999999999]") }',
  'a huge power': 'output "o" { value = pow(10, 1e9) }',
  'nested for directives in a template':
    'output "o" { value = "%{ for a in range(3000) }%{ for b in range(3000) }${a}${b}%{ endfor }%{ endfor }" }',
}

for (const [title, text] of Object.entries(unboundedTemplates)) {
  test(`${title} ends with a diagnostic`, async () => {
    const { diagnostics, state } = await build(templateOf(text))
    expect(diagnostics.filter(({ severity }) => severity === 'error').length).toBeGreaterThan(0)
    expect(state.resources.filter(({ name }) => name === 'a')).toEqual([])
  })
}

test('a template file that includes itself gives one short diagnostic', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'limits-'))
  try {
    writeFileSync(join(dir, 'a.tftpl'), '${templatefile("b.tftpl", {})}')
    writeFileSync(join(dir, 'b.tftpl'), '\n${upper(templatefile("a.tftpl", {}))}')
    const { diagnostics } = await build(templateOf('output "o" { value = templatefile("a.tftpl", {}) }', dir))
    expect(diagnostics.map(({ detail }) => detail)).toEqual([
      'Call to function "templatefile" failed: a.tftpl: template files include each other more than 50 levels deep.',
    ])
  } finally {
    rmSync(dir, { recursive: true })
  }
})

test('a module that calls itself is reported with the call path', () => {
  const { diagnostics } = parseTemplate('/', [
    { file: 'main.tf', text: 'module "a" { source = "./a" }' },
    { file: 'a/main.tf', text: 'module "b" { source = "../b" }' },
    { file: 'b/main.tf', text: 'module "c" { source = "../a" }' },
  ])
  expect(diagnostics.map(({ summary, detail }) => [summary, detail])).toEqual([
    ['Module calls itself', expect.stringContaining('module.a.module.b.module.c')],
  ])
})

test('the number of modules is limited', () => {
  const calls = (to: string) =>
    Array.from({ length: 20 }, (_, i) => `module "m${i}" { source = "../${to}" }\n`).join('')
  const { diagnostics } = parseTemplate('/', [
    { file: 'main.tf', text: calls('a').replaceAll('../a', './a') },
    { file: 'a/main.tf', text: calls('b') },
    { file: 'b/main.tf', text: calls('c') },
    { file: 'c/main.tf', text: 'locals { x = 1 }' },
  ])
  expect(diagnostics.map(({ summary }) => summary)).toEqual(['Too many modules'])
})

test('a cycle through modules is reported with its path', () => {
  const { diagnostics } = parseTemplate('/', [
    {
      file: 'main.tf',
      text: 'module "a" {\n  source = "./m"\n  x      = module.b.x\n}\nmodule "b" {\n  source = "./m"\n  x      = module.a.x\n}\n',
    },
    { file: 'm/main.tf', text: 'variable "x" {}\noutput "x" { value = local.y }\nlocals { y = var.x }\n' },
  ])
  expect(diagnostics.map(({ summary }) => summary)).toEqual(['Cycle'])
  const path = diagnostics[0]?.detail.split(': ')[1] ?? ''
  for (const step of ['module.a.var.x', 'module.a.local.y', 'module.a.output.x', 'module.b.var.x'])
    expect(path).toContain(step)
})

test('a failed branch does not stop the others, and their objects are in the state', async () => {
  const { state, diagnostics } = await build(
    templateOf(`
resource "terraform_data" "fails" {
  provisioner "local-exec" { command = "exit 1" }
}
resource "terraform_data" "waits" { input = terraform_data.fails.id }
resource "terraform_data" "other" { count = 15 }
resource "terraform_data" "after" { input = terraform_data.other[14].id }
`),
  )
  expect(diagnostics.filter(({ severity }) => severity === 'error')).toHaveLength(1)
  const names = state.resources.map(
    ({ name, instances }) => `${name} ${instances.length} ${instances[0]?.status ?? ''}`,
  )
  expect(names.sort()).toEqual(['after 1 ', 'fails 1 tainted', 'other 15 '])
})

test('suggestions for misspelled names are fast with many and with very long names', () => {
  const names = Array.from({ length: 5000 }, (_, at) => `  name_that_is_much_like_others_${at} = 1`).join('\n')
  const mistakes = Array.from(
    { length: 500 },
    (_, at) => `output "o${at}" { value = local.name_that_is_much_like_othres_${at} }`,
  )
  const long = ['a', 'b'].map((letter) => letter.repeat(200_000))
  const text = `locals {\n${names}\n  ${long[0]} = local.${long[1]}\n}\n${mistakes.join('\n')}\n`
  const { diagnostics } = parseTemplate('/', [{ file: 'main.tf', text }])
  expect(diagnostics).toHaveLength(501)
  expect(diagnostics.some(({ detail }) => detail.includes('Did you mean "name_that_is_much_like_others_7"'))).toBe(true)
})
