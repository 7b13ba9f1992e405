import { once } from 'node:events'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { EventListener, Events } from '../events.ts'
import { notifyAgentsOfChanges } from './notify-agents.ts'
import {
  type RunningAgent,
  startAgent,
  startTerminalHarness,
  type TerminalHarness,
  testAgent,
} from './testing/terminal-harness.ts'

let harness: TerminalHarness
let agent: RunningAgent
beforeAll(async () => {
  harness = await startTerminalHarness()
  const firstRead = once(harness.events, 'manifest')
  agent = startAgent(harness.url)
  await firstRead
  await harness.connections.waitFor(testAgent.agentId, 'terminals', 10_000)
})
afterAll(async () => {
  await agent.stop()
  await harness.close()
})

test('an agent reads its manifest again after changes of its workspace settings only', async () => {
  const listeners = new Set<EventListener>()
  const events: Pick<Events, 'subscribe'> = {
    subscribe(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
  }
  const log = { warn: () => expect.unreachable() }
  const stop = notifyAgentsOfChanges({ events, connections: harness.connections, log })
  const change = (workspaceId: string, reason: 'settings' | 'build') => {
    for (const notify of listeners) notify({ type: 'workspace', workspace_id: workspaceId, reason })
  }
  let reads = 0
  harness.events.on('manifest', () => reads++)
  change('another', 'settings')
  change(testAgent.workspaceId, 'build')
  const read = once(harness.events, 'manifest')
  change(testAgent.workspaceId, 'settings')
  await read
  expect(reads).toBe(1)
  stop()
  expect(listeners.size).toBe(0)
})
