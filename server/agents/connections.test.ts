import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { afterEach, expect, test, vi } from 'vitest'
import { type AgentIdentity, pingEveryMs } from '../../api/agent-protocol.ts'
import { ConnectionTable } from './connections.ts'

afterEach(() => void vi.useRealTimers())

test('a connection that is being taken down is not pinged any more', async () => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const client = connect(server.address() as { port: number })
  const [socket] = (await once(server, 'connection')) as [Socket]
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
  const table = new ConnectionTable({ info: () => undefined } as never)
  const identity = { role: 'terminals', pid: 1 } as AgentIdentity
  table.admit({ agentId: 'agent', workspaceId: 'workspace' }, identity, socket, Buffer.alloc(0))
  const session = table.all()[0]?.session
  const closed = once(session as NonNullable<typeof session>, 'close')
  table.drop('agent', 'for a test')
  expect(() => vi.advanceTimersByTime(2 * pingEveryMs)).not.toThrow()
  await closed
  expect(table.all()).toEqual([])
  client.destroy()
  server.close()
})
