// How Coder's server refuses, measured on version 2.30.0: unknown and malformed ids, values of queries, methods, and whoever
// is not signed in or has another role. official-statuses.json has the questions by who asks and what the status was; what we answer otherwise
// on purpose is left out of it.

import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { updateUserRoles } from '../api/account/users.ts'
import { startTestServer, type TestServer } from './testing/start-test-server.ts'

/** `owner 404` or `nobody 401`, with what was asked: `GET /api/v2/…`. */
const measured: Readonly<Record<string, readonly string[]>> = JSON.parse(
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

async function statusOf(who: string, question: string): Promise<number> {
  const [method = '', path = ''] = question.split(' ')
  const url = server.url + path.replace(/\{(absent|zero)\}/g, (_, name: keyof typeof ids) => ids[name])
  const headers: Record<string, string> = tokens[who] ? { 'coder-session-token': tokens[who] } : {}
  const answer = await fetch(url, { method, headers })
  await answer.body?.cancel()
  return answer.status
}

test.each(Object.entries(measured))('%s is what Coder answers, and we', async (key, questions) => {
  const [who = '', status] = key.split(' ')
  const others: string[] = []
  for (const question of questions) {
    const ours = await statusOf(who, question)
    if (ours !== Number(status)) others.push(`${question} → ${ours}`)
  }
  expect(others).toEqual([])
})
