// Cancels in every phase of a run: running operations get the signal, nothing further starts, and the state has every object.

import { expect, test } from 'vitest'
import type { OperationContext, Outcome, Provider } from '../../provider.ts'
import { computed, noBlocks, optional, text } from '../../provider-schema.ts'
import { build, templateOf } from '../../testing/build-fixture.ts'
import { withFields } from '../../values/fields.ts'
import { string } from '../../values/value.ts'
import type { State } from '../state/state.ts'

/** A provider that cancels the run during one of its operations, and records all of them. */
function cancelingProvider(at: string) {
  const started: string[] = []
  const controller = new AbortController()
  function during(operation: string, { address, signal }: OperationContext, outcome: Outcome['value']): Outcome {
    started.push(`${operation} ${address}`)
    if (`${operation} ${address}` === at) {
      controller.abort()
      expect(signal.aborted).toBe(true)
    }
    return { value: outcome }
  }
  const schema = {
    attributes: { id: computed(text), name: optional(text), needs: optional(text) },
    blocks: noBlocks,
  }
  const provider: Provider = {
    name: 'thing',
    source: 'test/thing',
    configuration: { attributes: {}, blocks: noBlocks },
    dataSources: {
      thing: {
        schema,
        read: async (config, context) => during('read', context, withFields(config, { id: string('found') })),
      },
    },
    resources: {
      thing: {
        schema,
        read: async (current, context) => during('refresh', context, current),
        create: async (planned, context) =>
          during('create', context, withFields(planned, { id: string(context.address) })),
        update: async (_prior, planned, context) => during('update', context, planned),
        delete: async (_prior, context) => during('delete', context, null),
      },
    },
  }
  return { started, provider, signal: controller.signal }
}

const chain = (name: string) => `
data "thing" "found" { name = "${name}" }
resource "thing" "a" {
  name  = "${name}"
  needs = data.thing.found.id
}
resource "thing" "b" {
  name  = "${name}"
  needs = thing.a.id
}
`

async function run(at: string, mode: 'apply' | 'destroy', state: State | null, name = 'first') {
  const { started, provider, signal } = cancelingProvider(at)
  const built = await build(templateOf(chain(name)), { providers: [provider], signal, mode, state })
  return { ...built, started }
}

const namesIn = (state: State) => state.resources.filter(({ mode }) => mode === 'managed').map(({ name }) => name)

test.each([
  // During planning, nothing is changed.
  { at: 'read data.thing.found', mode: 'apply', exists: false, allowed: /^(read|refresh)/, remaining: [] },
  { at: 'refresh thing.a', mode: 'apply', exists: true, allowed: /^(read|refresh)/, remaining: ['a', 'b'] },
  { at: 'refresh thing.b', mode: 'destroy', exists: true, allowed: /^(read|refresh)/, remaining: ['a', 'b'] },
  // During apply, the result of the running operation is kept.
  { at: 'create thing.a', mode: 'apply', exists: false, allowed: /^(read|create thing\.a)/, remaining: ['a'] },
  {
    at: 'update thing.a',
    mode: 'apply',
    exists: true,
    allowed: /^(read|refresh|update thing\.a)/,
    remaining: ['a', 'b'],
  },
  { at: 'delete thing.b', mode: 'destroy', exists: true, allowed: /^(read|refresh|delete thing\.b)/, remaining: ['a'] },
] as const)(
  'a cancel at $at leaves the remaining objects in the state',
  async ({ at, mode, exists, allowed, remaining }) => {
    const before = exists ? (await run('never', 'apply', null)).state : null
    const canceled = await run(at, mode, before, 'second')
    expect(canceled.started).toContain(at)
    expect(canceled.started.filter((operation) => !allowed.test(operation))).toEqual([])
    expect(canceled.diagnostics).toMatchObject([{ severity: 'error', summary: 'Canceled' }])
    expect(namesIn(canceled.state).sort()).toEqual(remaining)

    // The next run continues.
    const again = await run('never', mode, canceled.state, 'second')
    expect(again.diagnostics).toEqual([])
    expect(namesIn(again.state).sort()).toEqual(mode === 'destroy' ? [] : ['a', 'b'])
  },
)

test('a run that is canceled before its start changes nothing', async () => {
  const { started, provider } = cancelingProvider('never')
  const canceled = await build(templateOf(chain('first')), { providers: [provider], signal: AbortSignal.abort() })
  expect(started).toEqual([])
  expect(canceled.diagnostics).toMatchObject([{ summary: 'Canceled' }])
})
