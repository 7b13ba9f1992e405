// A whole coderd for tests: the real one, on a database and a data folder of its own, with an owner signed in, every
// answer compared with Coder's contract.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createUser, type User } from '../../api/account/users.ts'
import { type Client, createClient } from '../../api/client.ts'
import { type Clock, systemClock } from '../clock.ts'
import { readConfig, type SettingName } from '../config.ts'
import type { ServerContext } from '../context.ts'
import { runServer } from '../main.ts'
import { createKey } from '../users/api-keys.ts'
import { findOrCreateOwner } from '../users/users.ts'
import { createTestDatabase } from './postgres.ts'
import { watchAnswers } from './response-checker.ts'

export interface TestServer {
  readonly url: string
  readonly secret: string
  readonly dataDir: string
  readonly context: ServerContext
  /** What was answered so far, by route of Coder's contract. */
  readonly statuses: ReadonlyMap<string, ReadonlySet<number>>
  /** Key of the owner. */
  readonly token: string
  /** Speaks as the owner. */
  readonly client: Client
  /** Speaks with another key, or as nobody. */
  clientWith(token: string | undefined): Client
  /** A member, active at once, with a key. */
  createUser(username: string): Promise<{ user: User; token: string; client: Client }>
  /** What an agent signs in with. */
  tokenOf(agentId: string): Promise<string>
  /** @throws Error naming route and key when an answer was not as Coder's contract has it. */
  close(): Promise<void>
}

/** @param flags settings that differ from the test's own */
export async function startTestServer(
  flags: Partial<Record<SettingName, string>> = {},
  clock: Clock = systemClock,
): Promise<TestServer> {
  const database = await createTestDatabase()
  const dataDir = mkdtempSync(join(tmpdir(), 'coder-local-test-'))
  const config = readConfig(
    { dataDir, httpAddress: '127.0.0.1:0', postgresUrl: database.url, logLevel: 'error', ...flags },
    { HOME: process.env.HOME },
  )
  const server = await runServer(config, undefined, clock)
  const { differences, statuses } = watchAnswers(server.app.server)
  const { db } = server.context
  const keyOf = (userId: string) =>
    createKey(db, { userId, loginType: 'password', lifetimeSeconds: 3600, ip: '127.0.0.1' })
  const token = await keyOf((await findOrCreateOwner(server.context)).id)
  const clientWith = (key: string | undefined) =>
    createClient({ baseUrl: server.url, ...(key ? { token: key } : {}), timeoutMs: 20_000 })
  const client = clientWith(token)
  return {
    url: server.url,
    secret: server.secret,
    dataDir,
    context: server.context,
    statuses,
    token,
    client,
    clientWith,
    async createUser(username) {
      const email = `${username}@example.com`
      const user = await client.call(createUser, {
        body: { username, email, login_type: 'none', user_status: 'active' },
      })
      const key = await keyOf(user.id)
      return { user, token: key, client: clientWith(key) }
    },
    async tokenOf(agentId) {
      const row = db.selectFrom('workspace_agents').select('auth_token').where('id', '=', agentId)
      return (await row.executeTakeFirstOrThrow()).auth_token
    },
    async close() {
      await server.stop()
      await database.drop()
      rmSync(dataDir, { recursive: true, force: true })
      if (differences.size === 0) return
      throw new Error(`Answers differ from Coder's contract:\n${[...differences].join('\n')}`)
    },
  }
}

/** The same before anybody has set it up: there are no users, so that `token` and `client` are nobody's. */
export async function startUnclaimedServer(flags: Partial<Record<SettingName, string>> = {}): Promise<TestServer> {
  const server = await startTestServer(flags)
  for (const table of ['api_keys', 'organization_members', 'users'] as const)
    await server.context.db.deleteFrom(table).execute()
  return server
}
