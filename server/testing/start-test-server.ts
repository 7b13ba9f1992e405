// Starts a real coderd for a test, with its own database and data folder and an owner. Compares every response with
// Coder's contract.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createUser, type User } from '../../api/account/users.ts'
import { type Client, createClient } from '../../api/client.ts'
import { hashAgentToken } from '../agents/agent-token.ts'
import { decryptState } from '../builds/build-state.ts'
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
    agentToken: (agentId) => readAgentToken(server.context, agentId),
    async close() {
      await server.stop()
      await database.drop()
      rmSync(dataDir, { recursive: true, force: true })
      if (differences.size === 0) return
      throw new Error(`Responses differ from Coder's contract:\n${[...differences].join('\n')}`)
    },
  }
}

/** Reads the token from the state of the build: the database contains only its hash. */
async function readAgentToken({ db, encryption }: ServerContext, agentId: string): Promise<string> {
  const row = await db
    .selectFrom('workspace_agents as agent')
    .innerJoin('workspace_resources as resource', 'resource.id', 'agent.resource_id')
    .innerJoin('workspace_builds as build', 'build.job_id', 'resource.job_id')
    .select(['agent.hashed_auth_token', 'build.workspace_id', 'provisioner_state', 'provisioner_state_key_id'])
    .where('agent.id', '=', agentId)
    .executeTakeFirstOrThrow()
  const state = decryptState(encryption, row.workspace_id, row)?.toString('utf8') ?? ''
  const token = state.match(uuids)?.find((uuid) => row.hashed_auth_token?.equals(hashAgentToken(uuid)))
  if (!token) throw new Error(`The state does not contain the token of agent ${agentId}.`)
  return token
}

const uuids = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g

/** A server without users, as before the first setup. `token` and `client` are invalid. */
export async function startServerWithoutUsers(flags: Partial<Record<SettingName, string>> = {}): Promise<TestServer> {
  const server = await startTestServer(flags)
  for (const table of ['api_keys', 'organization_members', 'users'] as const)
    await server.context.db.deleteFrom(table).execute()
  return server
}
