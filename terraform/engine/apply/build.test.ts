import { expect, test } from 'vitest'
import { positionAt } from '../../diagnostics/source.ts'
import type { OperationContext, Provider } from '../../provider.ts'
import { computed, forceNew, noBlocks, optional, text } from '../../provider-schema.ts'
import { build, templateOf } from '../../testing/build-fixture.ts'
import { withFields } from '../../values/fields.ts'
import { string } from '../../values/value.ts'
import { isEmptyState, readState, writeState } from '../state/state.ts'

/** A provider with one resource type that records its operations, and fails for the given addresses. */
function recorder(fails: ReadonlySet<string> = new Set()) {
  const log: string[] = []
  let count = 0
  const record = (verb: string, context: OperationContext) => log.push(`${verb} ${context.address}`)
  const provider: Provider = {
    name: 'thing',
    source: 'test/thing',
    configuration: { attributes: {}, blocks: noBlocks },
    dataSources: {},
    resources: {
      thing: {
        schema: {
          attributes: {
            id: computed(text),
            plain: optional(text),
            fixed: forceNew(optional(text)),
            needs: optional(text),
          },
          blocks: noBlocks,
        },
        read: async (current) => ({ value: current }),
        async create(planned, context) {
          record('create', context)
          if (fails.has(context.address)) throw new Error('requested failure')
          return { value: withFields(planned, { id: string(`id-${++count}`) }) }
        },
        async update(_prior, planned, context) {
          record('update', context)
          return { value: planned }
        },
        async delete(_prior, context) {
          record('delete', context)
          if (fails.has(`delete ${context.address}`)) throw new Error('requested failure')
          return { value: null }
        },
      },
    },
  }
  return { log, provider }
}

const chain = `
resource "thing" "a" { plain = "1" }
resource "thing" "b" { needs = thing.a.id }
resource "thing" "c" { needs = local.b }
locals { b = thing.b.id }
`

test('objects are created after their dependencies and destroyed before them', async () => {
  const { log, provider } = recorder()
  const first = await build(templateOf(chain), { providers: [provider] })
  expect(first.diagnostics).toEqual([])
  expect(log.splice(0)).toEqual(['create thing.a', 'create thing.b', 'create thing.c'])
  const last = await build(templateOf(chain), { providers: [provider], state: first.state, mode: 'destroy' })
  expect(log).toEqual(['delete thing.c', 'delete thing.b', 'delete thing.a'])
  expect(isEmptyState(last.state)).toBe(true)
})

test('a second build of the same template changes nothing', async () => {
  const { provider } = recorder()
  const first = await build(templateOf(chain), { providers: [provider] })
  const second = await build(templateOf(chain), { providers: [provider], state: first.state })
  expect(second.changes).toEqual([])
})

test('a changed argument updates, replaces, or has no effect if it is ignored', async () => {
  const { log, provider } = recorder()
  const body = (a: string, extra = '') => templateOf(`resource "thing" "a" {\n  ${a}\n  ${extra}\n}`)
  const first = await build(body('plain = "1"'), { providers: [provider] })
  log.length = 0
  const changed = await build(body('plain = "2"'), { providers: [provider], state: first.state })
  expect(changed.changes).toEqual(['update thing.a'])
  const ignored = await build(body('plain = "3"', 'lifecycle { ignore_changes = [plain] }'), {
    providers: [provider],
    state: changed.state,
  })
  expect(ignored.changes).toEqual([])
  const replaced = await build(body('fixed = "x"'), { providers: [provider], state: changed.state })
  expect(replaced.changes).toEqual(['replace thing.a'])
  expect(log).toEqual(['update thing.a', 'delete thing.a', 'create thing.a'])
})

test('create_before_destroy creates the new object first, and applies to its dependencies', async () => {
  const { log, provider } = recorder()
  const body = (value: string) =>
    templateOf(`
resource "thing" "a" { fixed = "${value}" }
resource "thing" "b" {
  fixed = thing.a.id
  lifecycle { create_before_destroy = true }
}`)
  const first = await build(body('1'), { providers: [provider] })
  log.length = 0
  const second = await build(body('2'), { providers: [provider], state: first.state })
  expect(second.diagnostics).toEqual([])
  expect(log).toEqual(['create thing.a', 'create thing.b', 'delete thing.b', 'delete thing.a'])
  expect(
    second.state.resources.flatMap(({ instances }) => instances).every(({ deposed }) => deposed === undefined),
  ).toBe(true)
})

test('a deposed object that could not be deleted stays in the state until the next build deletes it', async () => {
  const body = (value: string) =>
    templateOf(`resource "thing" "a" {\n  fixed = "${value}"\n  lifecycle { create_before_destroy = true }\n}`)
  const first = await build(body('1'), { providers: [recorder().provider] })
  const failing = recorder(new Set(['delete thing.a']))
  const second = await build(body('2'), { providers: [failing.provider], state: first.state })
  expect(second.diagnostics).toMatchObject([{ severity: 'error', detail: 'requested failure' }])
  expect(second.state.resources[0]?.instances).toHaveLength(2)
  const { log, provider } = recorder()
  const third = await build(body('2'), { providers: [provider], state: second.state })
  expect(log).toEqual(['delete thing.a'])
  expect(third.state.resources[0]?.instances).toHaveLength(1)
})

test('a failure blocks only its dependents, and the created objects are in the state', async () => {
  const { log, provider } = recorder(new Set(['thing.a']))
  const template = templateOf(`${chain}\nresource "thing" "free" {}`)
  const failed = await build(template, { providers: [provider] })
  expect(failed.diagnostics).toMatchObject([
    { severity: 'error', address: 'thing.a', detail: 'requested failure', range: { file: 'main.tf' } },
  ])
  expect(log.sort()).toEqual(['create thing.a', 'create thing.free'])
  expect(failed.state.resources.map(({ name }) => name)).toEqual(['free'])
  const repaired = recorder()
  const second = await build(template, { providers: [repaired.provider], state: failed.state })
  expect(second.changes).toEqual(['create thing.a', 'create thing.b', 'create thing.c'])
})

test('an object without a block is deleted', async () => {
  const { provider } = recorder()
  const first = await build(templateOf(chain), { providers: [provider] })
  const second = await build(templateOf('resource "thing" "a" { plain = "1" }'), {
    providers: [provider],
    state: first.state,
  })
  expect(second.changes).toEqual(['delete thing.b', 'delete thing.c'])
})

test('prevent_destroy rejects a plan that destroys the object', async () => {
  const { log, provider } = recorder()
  const template = templateOf('resource "thing" "a" {\n  lifecycle { prevent_destroy = true }\n}')
  const first = await build(template, { providers: [provider] })
  const rejected = await build(template, { providers: [provider], state: first.state, mode: 'destroy' })
  expect(rejected.diagnostics).toMatchObject([{ summary: 'Resource instance cannot be destroyed' }])
  expect(log).toEqual(['create thing.a'])
})

test('a workspace with an invalid template can be destroyed', async () => {
  const { log, provider } = recorder()
  const first = await build(templateOf(chain), { providers: [provider] })
  log.length = 0
  const last = await build(templateOf('resource "thing" {'), {
    providers: [provider],
    state: first.state,
    mode: 'destroy',
  })
  expect(last.diagnostics).toEqual([])
  expect(log).toHaveLength(3)
})

test('a cancel starts no further changes and keeps the created objects', async () => {
  const { log, provider } = recorder()
  const controller = new AbortController()
  const canceled = await build(templateOf(chain), {
    providers: [provider],
    signal: controller.signal,
    onEvent: (event) => event.kind === 'resource_done' && event.action === 'create' && controller.abort(),
  })
  expect(log).toEqual(['create thing.a'])
  expect(canceled.state.resources.map(({ name }) => name)).toEqual(['a'])
  expect(canceled.diagnostics).toMatchObject([{ summary: 'Canceled' }])
})

test('a cycle is reported with its path', async () => {
  const template = templateOf(
    'resource "thing" "a" { plain = local.x }\nlocals { x = thing.b.id }\nresource "thing" "b" { plain = thing.a.id }',
  )
  const [cycle] = template.diagnostics
  expect(cycle?.detail).toContain('local.x → thing.b → thing.a → local.x')
})

test('a data source that depends on a new object is read during apply', async () => {
  const template = templateOf(`
resource "terraform_data" "name" { input = "cpu" }
data "coder_workspace_preset" "p" {
  name = terraform_data.name.output
}
output "name" { value = data.coder_workspace_preset.p.name }`)
  const { changes, state, diagnostics } = await build(template)
  expect(diagnostics).toEqual([])
  expect(changes).toEqual(['create terraform_data.name', 'read data.coder_workspace_preset.p'])
  expect(state.outputs.name).toEqual({ value: 'cpu', type: 'string' })
})

test('a written state reads back unchanged, and other versions are rejected', async () => {
  const { provider } = recorder()
  const { state } = await build(templateOf(chain), { providers: [provider] })
  expect(readState(writeState(state))).toEqual({ state })
  expect(readState(writeState(state).replace('"version": 4', '"version": 5'))).toHaveProperty('problem')
  expect(readState('nonsense')).toHaveProperty('problem')
})

test('an output with a sensitive value must be declared sensitive', async () => {
  const template = templateOf('variable "secret" {\n  sensitive = true\n}\noutput "x" { value = "a-${var.secret}" }')
  const { diagnostics } = await build(template, { variables: { secret: 's' } })
  expect(diagnostics).toMatchObject([{ summary: 'Output refers to sensitive values' }])
})

test('variables accept text and expressions, and are validated', async () => {
  const template = templateOf(`
variable "list" { type = list(number) }
variable "port" {
  type = number
  validation {
    condition     = var.port > 1024
    error_message = "The port \${var.port} is reserved."
  }
}
output "sum" { value = sum(var.list) + var.port }`)
  const good = await build(template, { variables: { list: '[1, 2]', port: '8080' } })
  expect(good.state.outputs.sum?.value).toBe(8083)
  const bad = await build(template, { variables: { list: '[1', port: '80', lost: 'x' } })
  expect(bad.diagnostics.map(({ summary }) => summary)).toEqual(
    expect.arrayContaining([
      'Invalid value for variable',
      'No value for required variable',
      'Value for undeclared variable',
    ]),
  )
  expect(bad.diagnostics.map(({ detail }) => detail)).toContain('The port 80 is reserved.')
})

test('local-exec runs after creation and before destruction, with self, and logs its output', async () => {
  const template = templateOf(`
resource "terraform_data" "a" {
  input = "x"
  provisioner "local-exec" {
    command     = "echo created $WHO"
    environment = { WHO = self.output }
  }
  provisioner "local-exec" {
    when    = destroy
    command = "echo gone \${self.input}"
  }
}`)
  const lines = (events: readonly { kind: string; message: string }[]) =>
    events.flatMap((event) => (event.kind === 'log' ? [event.message] : []))
  const created = await build(template)
  expect(created.diagnostics).toEqual([])
  expect(lines(created.events)).toContain('created x')
  const gone = await build(template, { state: created.state, mode: 'destroy' })
  expect(lines(gone.events)).toContain('gone x')
})

test('a failed command taints its object, which the next build replaces', async () => {
  const body = (command: string) =>
    templateOf(`resource "terraform_data" "a" {\n  provisioner "local-exec" {\n    command = "${command}"\n  }\n}`)
  const failed = await build(body('echo no; exit 3'))
  expect(failed.diagnostics).toMatchObject([{ detail: expect.stringContaining('exit status 3') }])
  expect(positionAt('', failed.diagnostics[0]?.range?.start ?? -1).byte).toBeGreaterThanOrEqual(0)
  expect(failed.state.resources[0]?.instances[0]?.status).toBe('tainted')
  const second = await build(body('true'), { state: failed.state })
  expect(second.changes).toEqual(['replace terraform_data.a'])
})

test('a thousand objects are planned and applied', async () => {
  const { log, provider } = recorder()
  const { diagnostics } = await build(templateOf('resource "thing" "a" {\n  count = 1000\n  plain = count.index\n}'), {
    providers: [provider],
  })
  expect(diagnostics).toEqual([])
  expect(log).toHaveLength(1000)
})

test.each([
  [
    'a template with exponentially nested values',
    `locals {\n  a0 = [1]\n${Array.from({ length: 60 }, (_, i) => `  a${i + 1} = [local.a${i}, local.a${i}]`).join('\n')}\n}`,
    'Value too large',
  ],
  [
    'a template with exponentially growing strings',
    `locals {\n  a0 = "xxxxxxxx"\n${Array.from({ length: 60 }, (_, i) => `  a${i + 1} = "\${local.a${i}}\${local.a${i}}"`).join('\n')}\n}`,
    'Value too large',
  ],
  [
    'a template with nested loops',
    'locals {\n  r = range(1000)\n  x = [for a in local.r : [for b in local.r : [for c in local.r : 1 if false] if false] ]\n  y = length([for a in local.r : length([for b in local.r : length([for c in local.r : c])])])\n}',
    'Too much computation',
  ],
  [
    'a backtracking regular expression',
    `locals {\n  x = regex("^(a+)+$", "${'a'.repeat(60)}b")\n}`,
    'Error in function call',
  ],
  [
    'a long chain of locals',
    `locals {\n${Array.from({ length: 5000 }, (_, i) => `  a${i} = local.a${i + 1}`).join('\n')}\n}`,
    'Reference to undeclared local value',
  ],
])('%s ends with a diagnostic', async (_, text, summary) => {
  const { diagnostics } = await build(templateOf(text))
  expect(diagnostics.map((diagnostic) => diagnostic.summary)).toContain(summary)
})

test('bcrypt returns a different hash in each call during apply', async () => {
  const { state, diagnostics } = await build(
    templateOf('output "o" { value = [bcrypt("secret", 4), bcrypt("secret", 4)] }'),
  )
  expect(diagnostics).toEqual([])
  const [first, second] = (state.outputs.o?.value ?? []) as string[]
  expect(first).toMatch(/^\$2[aby]\$04\$.{53}$/)
  expect(first).not.toBe(second)
})

test('an infinite number is reported before it reaches the state', async () => {
  const { diagnostics } = await build(
    templateOf('resource "terraform_data" "a" {\n  input = { b = [1 / 0] }\n}\noutput "o" { value = -1 / 0 }'),
  )
  expect(diagnostics.map(({ summary, range }) => `${range?.start} ${summary}`)).toEqual([
    '81 Infinite number in output',
    '42 Infinite number in argument',
  ])
})

test('the serial of the state increases only when its content changes', async () => {
  const template = (input: string) =>
    templateOf(`resource "terraform_data" "a" {
  count = 2
  input = { big = 123456789012345678901234567890, small = 0.1, text = "${input}" }
}
output "o" { value = terraform_data.a[*].output }
check "c" {
  assert {
    condition     = terraform_data.a[0].output.text != ""
    error_message = "Empty."
  }
}`)
  const first = await build(template('x'))
  const read = readState(writeState(first.state))
  if (!('state' in read)) throw new Error(read.problem)
  const again = await build(template('x'), { state: read.state })
  const changed = await build(template('y'), { state: again.state })
  const withOutput = await build(templateOf('output "p" { value = 1 }'), { state: changed.state })
  const serials = [first, again, changed, withOutput].map(({ state }) => state.serial)
  expect(serials).toEqual([1, 1, 2, 3])
})

test('two names for one provider are reported at both declarations', async () => {
  const { diagnostics } = await build(
    templateOf(`terraform {
  required_providers {
    a = { source = "coder/coder" }
    b = { source = "coder/coder" }
  }
}`),
  )
  expect(diagnostics.map(({ severity, summary, range }) => `${severity} ${range?.start} ${summary}`)).toEqual([
    'warning 43 Duplicate required provider',
    'warning 78 Duplicate required provider',
  ])
})
