// Starts a real coderd for a test, with its own database and data folder and an owner. Compares every response with
// Coder's contract.

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
import { checkResponses } from './response-checker.ts'

export interface TestServer {
  readonly url: string
  readonly secret: string
  readonly dataDir: string
  readonly context: ServerContext
  /** The statuses of responses so far, by route of Coder's contract. */
  readonly statuses: ReadonlyMap<string, ReadonlySet<number>>
  /** An API key of the owner. */
  readonly token: string
  /** A client of the owner. */
  readonly client: Client
  /** A client with another API key, or without authentication. */
  clientWith(token: string | undefined): Client
  /** An active member with an API key. */
  createUser(username: string): Promise<{ user: User; token: string; client: Client }>
  /** The token of an agent. */
  agentToken(agentId: string): Promise<string>
  /** @throws Error with routes and keys if responses differed from Coder's contract */
  close(): Promise<void>
}

/** @param flags overrides of the test settings */
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
  const { differences, statuses } = checkResponses(server.app.server)
  const { db } = server.context
  const createKeyFor = (userId: string) =>
    createKey(db, { userId, loginType: 'password', lifetimeSeconds: 3600, ip: '127.0.0.1' })
  const token = await createKeyFor((await findOrCreateOwner(server.context)).id)
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
      const key = await createKeyFor(user.id)
      return { user, token: key, client: clientWith(key) }
    },
    async agentToken(agentId) {
      const row = db.selectFrom('workspace_agents').select('auth_token').where('id', '=', agentId)
      return (await row.executeTakeFirstOrThrow()).auth_token
    },
    async close() {
      await server.stop()
      await database.drop()
      rmSync(dataDir, { recursive: true, force: true })
      if (differences.size === 0) return
      throw new Error(`Responses differ from Coder's contract:\n${[...differences].join('\n')}`)
    },
  }
}

/** A server without users, as before the first setup. `token` and `client` are invalid. */
export async function startServerWithoutUsers(flags: Partial<Record<SettingName, string>> = {}): Promise<TestServer> {
  const server = await startTestServer(flags)
  for (const table of ['api_keys', 'organization_members', 'users'] as const)
    await server.context.db.deleteFrom(table).execute()
  return server
}
