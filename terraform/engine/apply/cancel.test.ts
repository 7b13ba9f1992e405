// A cancel in every phase of a run: what is under way is told of it and ends as it will, nothing new is begun, and the
// state knows of all that is there.

import { expect, test } from 'vitest'
import type { OperationContext, Outcome, Provider } from '../../provider.ts'
import { computed, noBlocks, optional, text } from '../../provider-schema.ts'
import { build, templateOf } from '../../testing/scene.ts'
import { withFields } from '../../values/fields.ts'
import { string } from '../../values/value.ts'
import type { State } from '../state/state.ts'

/** A provider that cancels the run in the middle of one of its operations, and writes down all of them. */
function cancelingProvider(at: string) {
  const begun: string[] = []
  const controller = new AbortController()
  function during(what: string, { address, signal }: OperationContext, outcome: Outcome['value']): Outcome {
    begun.push(`${what} ${address}`)
    if (`${what} ${address}` === at) {
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
        read: async (config, context) => during('look', context, withFields(config, { id: string('seen') })),
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
  return { begun, provider, signal: controller.signal }
}

const chain = (name: string) => `
data "thing" "seen" { name = "${name}" }
resource "thing" "a" {
  name  = "${name}"
  needs = data.thing.seen.id
}
resource "thing" "b" {
  name  = "${name}"
  needs = thing.a.id
}
`

async function run(at: string, mode: 'apply' | 'destroy', state: State | null, name = 'first') {
  const { begun, provider, signal } = cancelingProvider(at)
  const built = await build(templateOf(chain(name)), { providers: [provider], signal, mode, state })
  return { ...built, begun }
}

const namesIn = (state: State) => state.resources.filter(({ mode }) => mode === 'managed').map(({ name }) => name)

test.each([
  // While planning: nothing is changed.
  { at: 'look data.thing.seen', mode: 'apply', isThere: false, begins: /^(look|refresh)/, leaves: [] },
  { at: 'refresh thing.a', mode: 'apply', isThere: true, begins: /^(look|refresh)/, leaves: ['a', 'b'] },
  { at: 'refresh thing.b', mode: 'destroy', isThere: true, begins: /^(look|refresh)/, leaves: ['a', 'b'] },
  // While applying: what was under way is kept.
  { at: 'create thing.a', mode: 'apply', isThere: false, begins: /^(look|create thing\.a)/, leaves: ['a'] },
  { at: 'update thing.a', mode: 'apply', isThere: true, begins: /^(look|refresh|update thing\.a)/, leaves: ['a', 'b'] },
  { at: 'delete thing.b', mode: 'destroy', isThere: true, begins: /^(look|refresh|delete thing\.b)/, leaves: ['a'] },
] as const)('at $at', async ({ at, mode, isThere, begins, leaves }) => {
  const before = isThere ? (await run('never', 'apply', null)).state : null
  const canceled = await run(at, mode, before, 'second')
  expect(canceled.begun).toContain(at)
  expect(canceled.begun.filter((operation) => !begins.test(operation))).toEqual([])
  expect(canceled.diagnostics).toMatchObject([{ severity: 'error', summary: 'Canceled' }])
  expect(namesIn(canceled.state).sort()).toEqual(leaves)

  // What was left is gone on with.
  const again = await run('never', mode, canceled.state, 'second')
  expect(again.diagnostics).toEqual([])
  expect(namesIn(again.state).sort()).toEqual(mode === 'destroy' ? [] : ['a', 'b'])
})

test('before it has begun', async () => {
  const { begun, provider } = cancelingProvider('never')
  const canceled = await build(templateOf(chain('first')), { providers: [provider], signal: AbortSignal.abort() })
  expect(begun).toEqual([])
  expect(canceled.diagnostics).toMatchObject([{ summary: 'Canceled' }])
})
