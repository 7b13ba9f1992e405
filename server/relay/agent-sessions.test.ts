import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { afterEach, expect, test, vi } from 'vitest'
import { type AgentIdentity, pingEveryMs } from '../../api/agents/agent-protocol.ts'
import { AgentSessions } from './agent-sessions.ts'

afterEach(() => void vi.useRealTimers())

test('a destroyed session is not pinged', async () => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const client = connect(server.address() as { port: number })
  const [socket] = (await once(server, 'connection')) as [Socket]
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
  const sessions = new AgentSessions()
  const identity = { role: 'terminals', pid: 1 } as AgentIdentity
  sessions.admit({ agentId: 'agent', workspaceId: 'workspace' }, identity, socket, Buffer.alloc(0))
  const session = sessions.all()[0]?.session
  const closed = once(session as NonNullable<typeof session>, 'close')
  sessions.drop('agent')
  expect(() => vi.advanceTimersByTime(2 * pingEveryMs)).not.toThrow()
  await closed
  expect(sessions.all()).toEqual([])
  client.destroy()
  server.close()
})
