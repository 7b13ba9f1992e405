import { afterAll, beforeAll, expect, test } from 'vitest'
import { getUser } from '../../api/account/users.ts'
import { startTestServer, type TestServer } from '../testing/start-test-server.ts'
import { markDormant } from './dormant-users.ts'

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server.close())

test('whoever was not seen for ninety days is dormant, until the next request', async () => {
  const [seen, away] = [await server.createUser('seen'), await server.createUser('away')]
  const { db, sessions: access } = server.context
  const lastSeen = async (id: string, daysAgo: number) =>
    db
      .updateTable('users')
      .set({ last_seen_at: new Date(Date.now() - daysAgo * 86_400_000) })
      .where('id', '=', id)
      .execute()
  await lastSeen(seen.user.id, 89)
  await lastSeen(away.user.id, 91)
  expect(await markDormant(db, new Date())).toEqual([away.user.id])
  const statusOf = async (id: string) => (await server.client.call(getUser, { params: { user: id } })).status
  expect([await statusOf(seen.user.id), await statusOf(away.user.id)]).toEqual(['active', 'dormant'])
  access.evict()
  await away.client.call(getUser, { params: { user: 'me' } })
  expect(await statusOf(away.user.id)).toBe('active')
})
