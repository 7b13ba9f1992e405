// Signed terminal tokens, which replace the cookie for pages of another origin: valid for one agent and one minute.

import { once } from 'node:events'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { WebSocket } from 'ws'
import { createSessionKey, deleteKey } from '../../api/account/api-keys.ts'
import { issueTerminalToken, signedTokenQuery } from '../../api/agents/signed-tokens.ts'
import { connectDatabase } from '../database/connect.ts'
import { ensureStarterTemplates } from '../templates/starter-templates.ts'
import { rawRequest, webSocketHeaders } from '../testing/raw-request.ts'
import { startTestServer, type TestServer } from '../testing/start-test-server.ts'
import { createLocalWorkspace, removeWorkspace } from '../testing/workspace-fixtures.ts'
import { readTerminalToken, signTerminalToken } from './terminal-tokens.ts'

let server: TestServer
let agentId: string
let workspaceId: string
beforeAll(async () => {
  server = await startTestServer()
  await ensureStarterTemplates(server.context)
  const { workspace, agent } = await createLocalWorkspace(server.client, 'here')
  agentId = agent.id
  workspaceId = workspace.id
}, 60_000)
afterAll(async () => {
  await removeWorkspace(server.client, workspaceId)
  await server.close()
})
afterEach(() => {
  vi.useRealTimers()
})

const address = (token: string, agent = agentId) =>
  `/api/v2/workspaceagents/${agent}/pty?reconnect=${crypto.randomUUID()}&width=80&height=24&protocol=2&${signedTokenQuery}=${token}`
const issue = async (client = server.client) =>
  (await client.call(issueTerminalToken, { body: { url: server.url, agentID: agentId } })).signed_token
const attempt = async (path: string, headers: Record<string, string> = {}) =>
  (await rawRequest(server.url, { path, headers: { ...webSocketHeaders, ...headers } })).status

test('a token opens the terminal for a page of another origin while its API key is valid', async () => {
  const { key } = await server.client.call(createSessionKey, { params: { user: 'me' } })
  const token = await issue(server.clientWith(key))
  const url = server.url.replace('http', 'ws') + address(token)
  const socket = new WebSocket(url, { headers: { origin: 'http://elsewhere.example' } })
  const ended = once(socket, 'close')
  await once(socket, 'message')
  await server.client.call(deleteKey, { params: { user: 'me', keyid: key.slice(0, 10) } })
  expect((await ended)[0]).toBe(1008)
  expect(await attempt(address(token))).toBe(401)
})

test('a token opens nothing else, and a cookie does not replace an invalid token', async () => {
  const token = await issue()
  const other = '8a9f5a1e-0000-4000-8000-000000000001'
  expect(await attempt(address(token, other))).toBe(401)
  expect(await attempt(`/api/local/events?${signedTokenQuery}=${token}`)).toBe(401)
  const [text = ''] = token.split('.')
  const forged = [`${text}.`, `${text}.x`, 'x', '.', `${token}x`]
  for (const bad of forged)
    expect([bad, await attempt(address(bad), { cookie: `coder_session_token=${server.token}` })]).toEqual([bad, 401])
  const { client } = await server.createUser('eve')
  await expect(issue(client)).rejects.toMatchObject({ status: 404 })
})

test('a token expires after a minute and is valid for all coderds on the database', async () => {
  const { db, config } = server.context
  const token = await signTerminalToken(db, { keyId: 'the-key', agentId })
  const other = connectDatabase({ url: config.postgresUrl })
  expect(await readTerminalToken(other.db, token, agentId)).toBe('the-key')
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 60_001 })
  expect(await readTerminalToken(other.db, token, agentId)).toBe(null)
  await other.close()
})
