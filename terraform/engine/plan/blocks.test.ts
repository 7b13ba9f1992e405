import { expect, test } from 'vitest'
import { build, templateOf } from '../../testing/build-fixture.ts'
import { parseTemplate } from '../template/template.ts'

const stateNames = ({ state }: Awaited<ReturnType<typeof build>>) =>
  state.resources.flatMap(({ module, type, name, instances }) =>
    instances.map(({ indexKey }) => [module, type, name, indexKey].filter((part) => part !== undefined).join(' ')),
  )

const summaries = ({ diagnostics }: Awaited<ReturnType<typeof build>>) =>
  diagnostics.map(({ severity, summary }) => `${severity}: ${summary}`)

const terraformData = (name: string, more = 'input = 1') => `resource "terraform_data" "${name}" {\n  ${more}\n}\n`

test('moved blocks rename objects, in chains and into modules', async () => {
  const first = await build(templateOf(terraformData('a') + terraformData('b', 'count = 2') + terraformData('c')))
  const files = {
    'main.tf': `
${terraformData('z')}
${terraformData('keyed', 'for_each = { x = 1, y = 2 }')}
module "m" { source = "./child" }
moved {
  from = terraform_data.y
  to   = terraform_data.z
}
moved {
  from = terraform_data.a
  to   = terraform_data.y
}
moved {
  from = terraform_data.b[0]
  to   = terraform_data.keyed["x"]
}
moved {
  from = terraform_data.b[1]
  to   = terraform_data.keyed["y"]
}
moved {
  from = terraform_data.c
  to   = module.m.terraform_data.d
}`,
    'child/main.tf': `${terraformData('e')}moved {\n  from = terraform_data.d\n  to = terraform_data.e\n}`,
  }
  const sources = Object.entries(files).map(([file, text]) => ({ file, text }))
  const moved = await build(parseTemplate('/', sources), { state: first.state })
  expect(moved.changes).toEqual([])
  expect(moved.diagnostics).toEqual([])
  expect(stateNames(moved).sort()).toEqual([
    'module.m terraform_data e',
    'terraform_data keyed x',
    'terraform_data keyed y',
    'terraform_data z',
  ])
})

test('a moved module keeps its objects', async () => {
  const files = (name: string, more: string) =>
    parseTemplate('/', [
      { file: 'main.tf', text: `module "${name}" {\n  source = "./child"\n  ${more}\n}\n` },
      { file: 'child/main.tf', text: terraformData('a', 'count = 2') },
    ])
  const first = await build(files('old', ''))
  const renamed = files('new', 'count = 1\n}\nmoved {\n  from = module.old\n  to = module.new[0]')
  const second = await build(renamed, { state: first.state })
  expect(second.changes).toEqual([])
  expect(stateNames(second)).toEqual(['module.new[0] terraform_data a 0', 'module.new[0] terraform_data a 1'])
})

test('an object is kept when its block gains or loses count', async () => {
  const first = await build(templateOf(terraformData('a')))
  const counted = await build(templateOf(terraformData('a', 'count = 1\ninput = 1')), { state: first.state })
  expect([counted.changes, stateNames(counted)]).toEqual([[], ['terraform_data a 0']])
  const single = await build(templateOf(terraformData('a')), { state: counted.state })
  expect([single.changes, stateNames(single)]).toEqual([[], ['terraform_data a']])
})

test('moved and removed blocks of declared resources are errors', async () => {
  const moved = await build(
    templateOf(`${terraformData('a')}moved {\n  from = terraform_data.a\n  to = terraform_data.b\n}`),
  )
  expect(summaries(moved)).toEqual(['error: Moved object still exists'])
  const removed = await build(templateOf(`${terraformData('a')}removed {\n  from = terraform_data.a\n}`))
  expect(summaries(removed)).toEqual([
    'warning: Missing lifecycle from the removed block',
    'error: Removed resource block still exists',
  ])
})

test('a removed block forgets or destroys, and runs its provisioners', async () => {
  const first = await build(templateOf(terraformData('a') + terraformData('b')))
  const template = templateOf(`
removed {
  from = terraform_data.a
  lifecycle { destroy = false }
}
removed {
  from = terraform_data.b
  lifecycle { destroy = true }
  provisioner "local-exec" {
    when    = destroy
    command = "echo gone \${self.input}"
  }
}`)
  const second = await build(template, { state: first.state })
  expect(second.changes).toEqual(['delete terraform_data.b', 'forget terraform_data.a'])
  expect(summaries(second)).toEqual(['warning: Resource will be removed from the state'])
  expect(second.events.map(({ message }) => message)).toContain('gone 1')
  expect(second.state.resources).toEqual([])
})

test('lifecycle.destroy = false forgets the object instead of destroying it', async () => {
  const body = (more: string) => templateOf(terraformData('a', `${more}\n  lifecycle { destroy = false }`))
  const first = await build(body('triggers_replace = 1'))
  const second = await build(body('triggers_replace = 2'), { state: first.state })
  expect(second.changes).toEqual(['replace terraform_data.a'])
  expect(second.events.filter(({ kind }) => kind === 'resource_done').map(({ message }) => message)).not.toContain(
    'terraform_data.a: Destruction complete after 0s',
  )
  const last = await build(body('input = 1'), { state: second.state, mode: 'destroy' })
  expect(last.changes).toEqual(['forget terraform_data.a'])
})

test('import blocks import existing objects, also with for_each and keys', async () => {
  const template = templateOf(`
locals { ids = { a = "id-a", b = "id-b" } }
${terraformData('one')}
${terraformData('many', 'for_each = local.ids\n  input = each.key')}
import {
  to = terraform_data.one
  id = "x\${1 + 1}"
}
import {
  for_each = local.ids
  to       = terraform_data.many[each.key]
  id       = each.value
}
output "ids" { value = [terraform_data.one.id, [for one in terraform_data.many : one.id]] }`)
  const first = await build(template)
  expect(first.diagnostics).toEqual([])
  expect(first.changes).toEqual([
    'update terraform_data.many["a"]',
    'update terraform_data.many["b"]',
    'update terraform_data.one',
  ])
  expect(first.state.outputs.ids?.value).toEqual(['x2', ['id-a', 'id-b']])
  const second = await build(template, { state: first.state })
  expect(second.changes).toEqual([])
})

test('an import without a block or without provider support is an error', async () => {
  const template = templateOf(`
resource "coder_agent" "main" {
  os   = "linux"
  arch = "amd64"
}
import {
  to = coder_agent.main
  id = "x"
}
import {
  to = terraform_data.lost
  id = "x"
}`)
  expect(summaries(await build(template))).toEqual([
    'error: Configuration for import target does not exist',
    'error: Resource import not supported',
  ])
})

test('errors in a check block are warnings', async () => {
  const template = templateOf(`
${terraformData('a')}
check "values" {
  data "coder_external_auth" "scoped" { id = 1 + "x" }
  assert {
    condition     = terraform_data.a.output == 2
    error_message = "It is \${terraform_data.a.output}."
  }
}`)
  const checked = await build(template)
  expect(summaries(checked)).toEqual([
    'warning: Invalid operand',
    'warning: Check block assertion known after apply',
    'warning: Check block assertion failed',
  ])
  expect(checked.diagnostics.at(-1)?.detail).toBe('It is 1.')
  expect(stateNames(checked)).toEqual(['terraform_data a'])
})

test('enabled = false disables a resource or module, whose value is then null', async () => {
  const template = (on: boolean) =>
    parseTemplate('/', [
      {
        file: 'main.tf',
        text: `
locals { on = ${on} }
${terraformData('a', 'lifecycle { enabled = local.on }')}
module "m" {
  source = "./child"
  lifecycle { enabled = local.on }
}
output "off" { value = [terraform_data.a == null, module.m == null] }`,
      },
      { file: 'child/main.tf', text: terraformData('b') },
    ])
  const on = await build(template(true))
  expect([on.diagnostics, on.state.outputs.off?.value]).toEqual([[], [false, false]])
  const off = await build(template(false), { state: on.state })
  expect(off.changes).toEqual(['delete module.m.terraform_data.b', 'delete terraform_data.a'])
  expect([off.diagnostics, off.state.outputs.off?.value]).toEqual([[], [true, true]])
})

test.each([
  ['terraform_data.a', true],
  ['terraform_data.a[0]', false],
  ['terraform_data.a[1]', true],
  ['terraform_data.a[count.index]', false],
  ['terraform_data.a[1].input', true],
  ['terraform_data.a[1].triggers_replace', false],
])('replace_triggered_by %s replaces the object: %s', async (trigger, isReplaced) => {
  const template = (value: number) =>
    templateOf(`
${terraformData('a', `count = 2\n  input = count.index == 1 ? ${value} : 0`)}
${terraformData('b', `count = 1\n  lifecycle { replace_triggered_by = [${trigger}] }`)}`)
  const first = await build(template(1))
  const second = await build(template(2), { state: first.state })
  expect(second.changes.includes('replace terraform_data.b[0]')).toBe(isReplaced)
})

test('postconditions with known values are checked during planning', async () => {
  const template = templateOf(
    terraformData(
      'a',
      'lifecycle {\n    postcondition {\n      condition = self.input == 2\n      error_message = "not two"\n    }\n  }\n  input = 1',
    ),
  )
  const { state, diagnostics } = await build(template)
  expect(diagnostics).toMatchObject([{ summary: 'Resource postcondition failed', detail: 'not two' }])
  expect(state.resources).toEqual([])
})

test('prevent_destroy can depend on a variable, also in a destroy', async () => {
  const template = templateOf(`
variable "keep" { default = true }
${terraformData('a', 'lifecycle { prevent_destroy = var.keep }')}`)
  const first = await build(template)
  const kept = await build(template, { state: first.state, mode: 'destroy' })
  expect(summaries(kept)).toEqual(['error: Resource instance cannot be destroyed'])
  const destroyed = await build(template, { state: first.state, mode: 'destroy', variables: { keep: 'false' } })
  expect(destroyed.state.resources).toEqual([])
})

test('the use of deprecated variables and outputs of a module gives a warning', () => {
  const { diagnostics } = parseTemplate('/', [
    { file: 'main.tf', text: 'module "m" {\n  source = "./child"\n  old = 1\n}\noutput "o" { value = module.m.old }' },
    {
      file: 'child/main.tf',
      text: 'variable "old" {\n  default = 1\n  deprecated = "Use new."\n}\noutput "old" {\n  value = var.old\n  deprecated = "Take new."\n}',
    },
  ])
  expect(diagnostics.map(({ severity, detail }) => `${severity}: ${detail}`).sort()).toEqual([
    'warning: Take new.',
    'warning: Use new.',
  ])
})

test('dynamic blocks can be nested and name their iterator', async () => {
  const template = templateOf(`
resource "coder_agent" "main" {
  os   = "linux"
  arch = "amd64"
  dynamic "resources_monitoring" {
    for_each = [["/a", "/b"]]
    iterator = outer
    content {
      dynamic "volume" {
        for_each = outer.value
        content {
          path      = "/\${outer.key}\${volume.value}"
          enabled   = true
          threshold = 80
        }
      }
    }
  }
}
output "paths" { value = one(coder_agent.main.resources_monitoring[*]).volume[*].path }`)
  const { state, diagnostics } = await build(template)
  expect(diagnostics).toEqual([])
  expect(state.outputs.paths?.value).toEqual(expect.arrayContaining(['/0/a', '/0/b']))
})
