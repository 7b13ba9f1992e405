import { afterAll, beforeAll, expect, test } from 'vitest'
import { getUser } from '../../api/account/users.ts'
import { startTestServer, type TestServer } from '../testing/start-test-server.ts'
import { markDormant } from './dormant-users.ts'

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server.close())

test('a user becomes dormant after 90 days of inactivity, until the next request', async () => {
  const [active, inactive] = [await server.createUser('active'), await server.createUser('inactive')]
  const { db, sessions } = server.context
  const setLastSeen = async (id: string, daysAgo: number) =>
    db
      .updateTable('users')
      .set({ last_seen_at: new Date(Date.now() - daysAgo * 86_400_000) })
      .where('id', '=', id)
      .execute()
  await setLastSeen(active.user.id, 89)
  await setLastSeen(inactive.user.id, 91)
  expect(await markDormant(db, new Date())).toEqual([inactive.user.id])
  const statusOf = async (id: string) => (await server.client.call(getUser, { params: { user: id } })).status
  expect([await statusOf(active.user.id), await statusOf(inactive.user.id)]).toEqual(['active', 'dormant'])
  sessions.evict()
  await inactive.client.call(getUser, { params: { user: 'me' } })
  expect(await statusOf(inactive.user.id)).toBe('active')
})
