// The connection log: entries of terminals, and its search.

import { once } from 'node:events'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import type { WorkspaceAgent } from '../../api/agents/agents.ts'
import { type ConnectionLog, listConnectionLogs } from '../../api/deployment/connection-log.ts'
import { type RunningAgent, startAgent } from '../agents/testing/terminal-harness.ts'
import { templateWithAgent } from '../testing/agent-templates.ts'
import { startTestServer, type TestServer } from '../testing/start-test-server.ts'
import {
  agentsOf,
  createTemplate,
  createWorkspace,
  expectSuccess,
  until,
  waitForBuild,
} from '../testing/workspace-fixtures.ts'
import { closeStaleConnections } from './connection-log.ts'

const template = templateWithAgent()

let server: TestServer
let agent: WorkspaceAgent
let program: RunningAgent
let workspaceId: string

beforeAll(async () => {
  server = await startTestServer()
  const { id } = await createTemplate(server.client, 'bare', { 'main.tf': template })
  const workspace = await createWorkspace(server.client, id, 'dev')
  workspaceId = workspace.id
  const build = await expectSuccess(server.client, await waitForBuild(server.client, workspace.latest_build.id))
  agent = agentsOf(build)[0] as WorkspaceAgent
  program = startAgent(server.url, { token: await server.agentToken(agent.id) })
  await until('the agent', () => server.context.connections.isConnected(agent.id))
})
afterAll(async () => {
  await program.stop()
  await server.close()
})

const find = (q: string) => server.client.call(listConnectionLogs, { query: { q } })

async function openTerminal(): Promise<WebSocket> {
  const address = `${server.url.replace('http', 'ws')}/api/v2/workspaceagents/${agent.id}/pty`
  const socket = new WebSocket(`${address}?reconnect=${crypto.randomUUID()}&height=24&width=80`, {
    headers: { 'coder-session-token': server.token },
  })
  await once(socket, 'open')
  return socket
}

const findFirst = async (q: string): Promise<ConnectionLog | undefined> => (await find(q)).connection_logs[0]

test('an open terminal has an entry, which is completed when it closes', async () => {
  const socket = await openTerminal()
  const open = await until('the entry', () => findFirst('status:ongoing'))
  expect(open).toMatchObject({
    type: 'reconnecting_pty',
    workspace_id: workspaceId,
    workspace_name: 'dev',
    agent_name: 'main',
    ip: '127.0.0.1',
    organization: { name: 'coder' },
  })
  expect(open.ssh_info).toEqual({ connection_id: expect.any(String) })
  expect(open.web_info).toBeUndefined()
  socket.close(1000, 'enough')
  const completed = await until('the entry to be completed', () =>
    findFirst(`connection_id:${open.ssh_info?.connection_id} status:completed`),
  )
  expect(completed.ssh_info).toMatchObject({ exit_code: 0, disconnect_reason: 'enough' })
  expect(completed.ssh_info?.disconnect_time).toBeDefined()
})

test('leaving the page is logged as a success, and a broken connection as a failure', async () => {
  const connectAndEnd = async (end: (socket: WebSocket) => void) => {
    const socket = await openTerminal()
    const { ssh_info } = await until('the entry', () => findFirst('status:ongoing'))
    end(socket)
    const completed = await until('the entry to be completed', () =>
      findFirst(`connection_id:${ssh_info?.connection_id} status:completed`),
    )
    return completed.ssh_info
  }
  const left = await connectAndEnd((socket) => socket.close(1001))
  expect([left?.exit_code, left?.disconnect_reason]).toEqual([0, undefined])
  expect(await connectAndEnd((socket) => socket.terminate())).toMatchObject({
    exit_code: 1,
    disconnect_reason: 'closed with 1006',
  })
})

test('entries left open by a killed coderd are completed by the next one', async () => {
  const socket = await openTerminal()
  const { id } = await until('the entry', () => findFirst('status:ongoing'))
  await closeStaleConnections(server.context.db)
  const completed = await until('the entry to be completed', async () =>
    (await find('status:completed')).connection_logs.find((connection) => connection.id === id),
  )
  expect(completed.ssh_info?.disconnect_reason).toBe('coderd terminated')
  socket.close()
})

test('an entry of a workspace app has a user and a status instead of a disconnect time', async () => {
  const { db } = server.context
  const { organization_id, owner_id } = await db
    .selectFrom('workspaces')
    .selectAll()
    .where('id', '=', workspaceId)
    .executeTakeFirstOrThrow()
  await db
    .insertInto('connection_logs')
    .values({
      organization_id,
      workspace_owner_id: owner_id,
      workspace_id: workspaceId,
      workspace_name: 'dev',
      agent_name: 'main',
      type: 'workspace_app',
      user_id: owner_id,
      slug_or_port: 'code',
      code: 200,
    })
    .execute()
  const entry = await findFirst('type:workspace_app username:me workspace_owner:me')
  expect(entry?.web_info).toMatchObject({ slug_or_port: 'code', status_code: 200, user: { id: owner_id } })
  expect(entry?.ssh_info).toBeUndefined()
})

test.each([
  [`workspace_id:11111111-1111-1111-1111-111111111111`],
  ['connected_before:2001-01-01'],
  ['connected_after:2101-01-01'],
  ['workspace_owner_email:nobody@example.com'],
  ['user_email:nobody@example.com'],
  ['somebody'],
])('the search %s has no results', async (q) => {
  expect(await find(q)).toEqual({ connection_logs: [], count: 0 })
})

test.each([
  'type:telnet',
  'status:maybe',
  'connection_id:1',
  'connected_after:soon',
  'nokey:x',
  'organization:elsewhere',
  'username:ada username:ben',
])('the search %s is refused', async (q) => {
  const [field] = q.split(':')
  await expect(find(q)).rejects.toMatchObject({ status: 400, validations: [{ field }] })
})
