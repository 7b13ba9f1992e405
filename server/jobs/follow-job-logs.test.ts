import { EventEmitter } from 'node:events'
import { afterEach, expect, test, vi } from 'vitest'
import type { WebSocket } from 'ws'
import { followAgentLogs } from '../agents/agent-logs.ts'
import { followJobLogs } from './follow-job-logs.ts'

afterEach(() => void vi.useRealTimers())

type Context = Parameters<typeof followAgentLogs>[0] & Parameters<typeof followJobLogs>[0]

test.each([
  ['a job', followJobLogs],
  ['an agent', followAgentLogs],
] as const)(
  'a follower of the log of %s stops when its socket closes before listening has started',
  async (_, follow) => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    const stopListening = vi.fn(async () => undefined)
    const listening = Promise.withResolvers<() => Promise<void>>()
    const context = { channels: { listen: () => listening.promise } } as unknown as Context
    const socket = Object.assign(new EventEmitter(), { readyState: 1, OPEN: 1 })

    void follow(context, crypto.randomUUID(), {}, socket as unknown as WebSocket).catch(() => undefined)
    socket.readyState = 3
    socket.emit('close')
    listening.resolve(stopListening)

    await vi.waitFor(() => expect(stopListening).toHaveBeenCalledOnce())
    expect(vi.getTimerCount()).toBe(0)
  },
)
