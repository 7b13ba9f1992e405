// Error statuses of Coder's server 2.30.0 for unknown and malformed IDs, query values, methods, missing sign-in and other
// roles. official-statuses.json contains the recorded requests by caller and status, without those that we answer
// differently on purpose.

import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { updateUserRoles } from '../api/account/users.ts'
import { startTestServer, type TestServer } from './testing/start-test-server.ts'

/** The requests (`GET /api/v2/…`) by caller and status: `owner 404`, `anonymous 401`. */
const recorded: Readonly<Record<string, readonly string[]>> = JSON.parse(
  readFileSync(new URL('./testing/official-statuses.json', import.meta.url), 'utf8'),
)
const ids = { absent: '11111111-2222-4333-8444-555555555555', zero: '00000000-0000-0000-0000-000000000000' }

let server: TestServer
const tokens: Record<string, string> = {}
beforeAll(async () => {
  server = await startTestServer({ disableRateLimits: 'true' })
  tokens.owner = server.token
  await server.createUser('owner')
  tokens.member = (await server.createUser('member')).token
  for (const role of ['user-admin', 'template-admin', 'auditor']) {
    const { user, token } = await server.createUser(role)
    await server.client.call(updateUserRoles, { params: { user: user.id }, body: { roles: [role] } })
    tokens[role] = token
  }
})
afterAll(() => server.close())

async function statusOf(caller: string, request: string): Promise<number> {
  const [method = '', path = ''] = request.split(' ')
  const url = server.url + path.replace(/\{(absent|zero)\}/g, (_, name: keyof typeof ids) => ids[name])
  const headers: Record<string, string> = tokens[caller] ? { 'coder-session-token': tokens[caller] } : {}
  const response = await fetch(url, { method, headers })
  await response.body?.cancel()
  return response.status
}

test.each(Object.entries(recorded))('requests recorded as "%s" have the status of Coder', async (key, requests) => {
  const [caller = '', status] = key.split(' ')
  const differences: string[] = []
  for (const request of requests) {
    const ours = await statusOf(caller, request)
    if (ours !== Number(status)) differences.push(`${request} → ${ours}`)
  }
  expect(differences).toEqual([])
})
