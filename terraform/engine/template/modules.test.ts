import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { build } from '../../testing/build-fixture.ts'
import { readState, writeState } from '../state/state.ts'
import { openTemplate, parseTemplate } from './template.ts'

const templateOf = (files: Readonly<Record<string, string>>) =>
  parseTemplate(
    '/',
    Object.entries(files).map(([file, text]) => ({ file, text })),
  )

const folderOf = (files: Readonly<Record<string, string>>) => {
  const dir = mkdtempSync(join(tmpdir(), 'modules-'))
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(dir, file)), { recursive: true })
    writeFileSync(join(dir, file), text)
  }
  return dir
}

const outputsOf = ({ outputs }: { outputs: Readonly<Record<string, { value: unknown }>> }) =>
  Object.fromEntries(Object.entries(outputs).map(([name, { value }]) => [name, value]))

const child = `
variable "name" { type = string }
variable "suffix" { default = "!" }
resource "terraform_data" "a" { input = "\${var.name}\${var.suffix}" }
output "out" { value = terraform_data.a.output }
output "name" { value = var.name }
`

test('a module gets variables and returns outputs', async () => {
  const template = templateOf({
    'main.tf': `
module "one" {
  source = "./child"
  name   = "x"
}
resource "terraform_data" "after" { input = module.one.out }
output "out" { value = [module.one.out, terraform_data.after.output, keys(module.one), path.module] }`,
    'child/main.tf': child,
  })
  const { state, diagnostics, changes } = await build(template)
  expect(diagnostics).toEqual([])
  expect(changes).toEqual(['create module.one.terraform_data.a', 'create terraform_data.after'])
  expect(outputsOf(state)).toEqual({ out: ['x!', 'x!', ['name', 'out'], '.'] })
  expect(state.resources.map(({ module, name }) => [module, name])).toEqual([
    ['module.one', 'a'],
    [undefined, 'after'],
  ])
  expect(state.resources[1]?.instances[0]?.dependencies).toEqual(['module.one.terraform_data.a'])
})

const repeated = {
  'main.tf': `
variable "keys" {
  type    = list(string)
  default = ["a", "b"]
}
module "counted" {
  source = "./child"
  count  = length(var.keys)
  name   = "c\${count.index}"
}
module "keyed" {
  source   = "./child"
  for_each = toset(var.keys)
  name     = each.key
  suffix   = "-\${each.value}"
}
output "counted" { value = [module.counted[0].out, module.counted[*].name, length(module.counted)] }
output "keyed" { value = { for key, one in module.keyed : key => one.out } }`,
  'child/main.tf': child,
}

test('count and for_each create instances of a module', async () => {
  const { state, diagnostics, changes } = await build(templateOf(repeated))
  expect(diagnostics).toEqual([])
  expect(changes).toEqual([
    'create module.counted[0].terraform_data.a',
    'create module.counted[1].terraform_data.a',
    'create module.keyed["a"].terraform_data.a',
    'create module.keyed["b"].terraform_data.a',
  ])
  expect(outputsOf(state)).toEqual({ counted: ['c0!', ['c0', 'c1'], 2], keyed: { a: 'a-a', b: 'b-b' } })
})

test('objects of removed module instances are deleted, also with a state read from JSON', async () => {
  const first = await build(templateOf(repeated))
  const read = readState(writeState(first.state))
  const state = 'state' in read ? read.state : null
  const same = await build(templateOf(repeated), { state })
  expect(same.changes).toEqual([])
  const fewer = await build(templateOf(repeated), { state, variables: { keys: '["a"]' } })
  expect(fewer.changes).toEqual([
    'delete module.counted[1].terraform_data.a',
    'delete module.keyed["b"].terraform_data.a',
  ])
  const none = await build(templateOf({ 'main.tf': 'locals {}' }), { state })
  expect(none.changes).toHaveLength(4)
  const destroyed = await build(templateOf(repeated), { state, mode: 'destroy' })
  expect(destroyed.state.resources).toEqual([])
})

test('modules can be nested and called several times, and their path is relative to the root', async () => {
  const template = templateOf({
    'main.tf':
      'module "outer" {\n  source = "./outer"\n  for_each = { k = "v" }\n  v = each.value\n}\noutput "o" { value = module.outer["k"].o }',
    'outer/main.tf':
      'variable "v" {}\nmodule "in" {\n  source = "../child"\n  count = 1\n  name = var.v\n}\noutput "o" { value = [module.in[0].out, path.module] }',
    'child/main.tf': child,
  })
  const { state, diagnostics } = await build(template)
  expect(diagnostics).toEqual([])
  expect(outputsOf(state)).toEqual({ o: ['v!', 'outer'] })
  expect(state.resources[0]?.module).toBe('module.outer["k"].module.in[0]')
})

test('depends_on with a module covers the whole module, and applies to nested modules', async () => {
  const template = templateOf({
    'main.tf': `
module "first" {
  source = "./child"
  name   = "1"
}
module "second" {
  source     = "./child"
  name       = "2"
  depends_on = [module.first]
}
data "coder_workspace" "me" { depends_on = [module.second] }
output "name" { value = data.coder_workspace.me.name }`,
    'child/main.tf': child,
  })
  const { events, changes, diagnostics, state } = await build(template)
  expect(diagnostics).toEqual([])
  expect(changes).toContain('read data.coder_workspace.me')
  const created = events.flatMap((event) =>
    event.kind === 'resource_done' && event.action === 'create' ? [event.address] : [],
  )
  expect(created).toEqual(['module.first.terraform_data.a', 'module.second.terraform_data.a'])
  expect(state.resources.at(-1)?.instances[0]?.dependencies).toEqual(['module.first.terraform_data.a'])
})

test('errors of a module call are reported at the call', async () => {
  const template = templateOf({
    'main.tf': `
module "a" {
  source = "./child"
  nmae   = "x"
}
module "b" { source = "./nowhere" }
module "c" {
  source  = "registry.coder.com/coder/code-server/coder"
  version = "1.0.0"
}
module "d" { source = "./self" }
output "x" { value = [module.a.ouput, module.b.x, module.c[0].y, module.e.z] }`,
    'child/main.tf': child,
    'self/main.tf': 'module "again" { source = "../self" }',
  })
  const { diagnostics } = await build(template)
  expect(diagnostics.map(({ summary }) => summary)).toEqual([
    'Unreadable module directory',
    'Module not available',
    'Module calls itself',
    'Unsupported attribute',
    'Reference to undeclared module',
    'Unsupported argument',
    'Missing required argument',
  ])
  expect(diagnostics[1]?.detail).toContain('terraform init')
})

test('a cycle through modules is reported with its path', () => {
  const template = templateOf({
    'main.tf': 'module "a" {\n  source = "./child"\n  name = module.a.out\n}',
    'child/main.tf': child,
  })
  expect(template.diagnostics[0]?.detail).toContain(
    'module.a.output.out → module.a.terraform_data.a → module.a.var.name',
  )
})

test('a vendored module is found by the manifest of terraform init, and a bundled one by its source', async () => {
  const manifest = {
    Modules: [
      { Key: '', Source: '', Dir: '.' },
      { Key: 'v', Source: 'registry.coder.com/coder/v/coder', Version: '1.2.0', Dir: '.terraform/modules/v' },
    ],
  }
  const bundled = folderOf({
    'main.tf': `${child}output "own" { value = file("\${path.module}/text") }`,
    text: 'hello',
  })
  const dir = folderOf({
    'main.tf': `
module "v" {
  source = "registry.coder.com/coder/v/coder"
  name   = "vendored"
}
module "b" {
  source  = "example/b/coder"
  version = "~> 1.0"
  name    = "bundled"
}
output "names" { value = [module.v.name, module.b.name, module.b.own] }`,
    '.terraform/modules/modules.json': JSON.stringify(manifest),
    '.terraform/modules/v/main.tf': child,
  })
  const lookups: unknown[] = []
  const template = openTemplate(dir, {
    bundledModuleDirs: [bundled],
    findBundledModule: (source, version) => {
      lookups.push([source, version])
      return bundled
    },
  })
  expect(lookups).toEqual([['example/b/coder', '~> 1.0']])
  const { state, diagnostics } = await build(template)
  expect(diagnostics).toEqual([])
  expect(outputsOf(state)).toEqual({ names: ['vendored', 'bundled', 'hello'] })
})

test('a module outside the template is only read with mayReadOutsideModule', () => {
  const dir = folderOf({ 'template/main.tf': 'module "a" { source = "../other" }', 'other/main.tf': 'locals {}' })
  expect(openTemplate(join(dir, 'template')).diagnostics).toMatchObject([{ summary: 'Unreadable module directory' }])
  expect(openTemplate(join(dir, 'template'), { mayReadOutsideModule: true }).diagnostics).toEqual([])
})
