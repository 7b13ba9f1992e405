import { once } from 'node:events'
import http2 from 'node:http2'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { afterEach, expect, test, vi } from 'vitest'
import { type AgentIdentity, pingEveryMs } from '../../api/agents/agent-protocol.ts'
import { AgentSessions } from './agent-sessions.ts'

const agent = { agentId: 'agent', workspaceId: 'workspace' }

afterEach(() => void vi.useRealTimers())

test('a destroyed session is not pinged', async () => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const client = connect(server.address() as { port: number })
  const [socket] = (await once(server, 'connection')) as [Socket]
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
  const sessions = new AgentSessions()
  const identity = { role: 'terminals', pid: 1 } as AgentIdentity
  sessions.admit(agent, identity, socket, Buffer.alloc(0))
  const session = sessions.all()[0]?.session
  const closed = once(session as NonNullable<typeof session>, 'close')
  sessions.drop('agent')
  expect(() => vi.advanceTimersByTime(2 * pingEveryMs)).not.toThrow()
  await closed
  expect(sessions.all()).toEqual([])
  client.destroy()
  server.close()
})

test('a request to the services of a connected agent waits until they are connected', async () => {
  const server = http2.createServer((_, response) => response.end('ports'))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const sessions = new AgentSessions()
  const admit = async (role: AgentIdentity['role']) => {
    const socket = connect((server.address() as AddressInfo).port)
    await once(socket, 'connect')
    sessions.admit(agent, { role, pid: 1 } as AgentIdentity, socket, Buffer.alloc(0))
  }
  await expect(sessions.dial('agent', '/listening-ports')).rejects.toThrow('The agent is not connected.')
  await admit('terminals')
  const response = sessions.dial('agent', '/listening-ports', {}, '')
  await admit('services')
  const [body] = (await once(await response, 'data')) as [Buffer]
  expect(body.toString()).toBe('ports')
  await sessions.close()
  server.close()
})
