// Secrets in the database of a real coderd: what its tables contain, and what works without the encryption key.

import { randomBytes, randomUUID } from 'node:crypto'
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { getGitSshKey, regenerateGitSshKey } from '../../api/account/user-settings.ts'
import { getExternalAgentCredentials } from '../../api/agents/external-agents.ts'
import { type Client, createClient } from '../../api/client.ts'
import { getManifest } from '../../api/local.ts'
import { createBuild } from '../../api/workspaces/builds.ts'
import { getWorkspace, type Workspace } from '../../api/workspaces/workspaces.ts'
import { readConfig } from '../config.ts'
import { type RunningServer, runServer } from '../main.ts'
import { deleteUnreadableSecrets, rotateEncryptionKey } from '../maintenance.ts'
import { createTestDatabase, type TestDatabase } from '../testing/postgres.ts'
import {
  build,
  createTemplate,
  createWorkspace,
  expectSuccess,
  importVersion,
  until,
  waitForBuild,
} from '../testing/workspace-fixtures.ts'
import { createKey } from '../users/api-keys.ts'
import { findOrCreateOwner } from '../users/users.ts'
import { createEncryption, generateKey, MissingKeyError } from './encryption.ts'

let dataDir: string
let database: TestDatabase
let server: RunningServer
let client: Client

beforeEach(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'coder-local-encryption-'))
  database = await createTestDatabase()
  await start()
})
afterEach(async () => {
  await server.stop()
  await database.drop()
  rmSync(dataDir, { recursive: true, force: true })
})

async function start(keys = ''): Promise<void> {
  const flags = { dataDir, httpAddress: '127.0.0.1:0', postgresUrl: database.url, logLevel: 'error' }
  server = await runServer(readConfig({ ...flags, externalTokenEncryptionKeys: keys }, { HOME: process.env.HOME }))
  const { context, url } = server
  const userId = (await findOrCreateOwner(context)).id
  const key = { userId, loginType: 'password', lifetimeSeconds: 3600, ip: '127.0.0.1' } as const
  client = createClient({ baseUrl: url, token: await createKey(context.db, key), timeoutMs: 20_000 })
}

async function restart(keys = ''): Promise<void> {
  await server.stop()
  await start(keys)
}

const keyFile = () => join(dataDir, 'encryption-keys')
const newKey = () => randomBytes(32).toString('base64')
const secret = 'correct-horse-battery-staple'
const me = { params: { user: 'me' } }

const template = {
  'main.tf': `
    variable "password" {
      sensitive = true
    }
    data "coder_workspace_owner" "me" {}
    resource "terraform_data" "vault" {
      input = [nonsensitive(var.password), data.coder_workspace_owner.me.ssh_private_key]
    }
  `,
}

/** A workspace whose state contains the value of a sensitive variable and a Git SSH key. */
async function createSecretWorkspace(): Promise<Workspace> {
  const withDefault = { 'main.tf': template['main.tf'].replace('sensitive = true', `sensitive = true\ndefault = "x"`) }
  const { id } = await createTemplate(client, 'vault', withDefault)
  const version = await importVersion(client, template, {
    template_id: id,
    user_variable_values: [{ name: 'password', value: secret }],
  })
  const { db } = server.context
  await db.updateTable('templates').set({ active_version_id: version }).where('id', '=', id).execute()
  const workspace = await createWorkspace(client, id, 'vault')
  await expectSuccess(client, await waitForBuild(client, workspace.latest_build.id))
  return workspace
}

/** The tables that contain the text, in any column. */
async function tablesWith(text: string): Promise<string[]> {
  const { db } = server.context
  const { rows } = await sql<{ name: string }>`
    select table_name as name from information_schema.tables
    where table_schema = 'public' and table_type = 'BASE TABLE' order by 1`.execute(db)
  const hex = Buffer.from(text).toString('hex')
  const found: string[] = []
  for (const { name } of rows) {
    const row = sql`${sql.ref('t')}::text`
    const { rows: hits } = await sql`
      select 1 from ${sql.table(name)} t where position(${text} in ${row}) > 0 or position(${hex} in ${row}) > 0 limit 1`.execute(
      db,
    )
    if (hits.length > 0) found.push(name)
  }
  return found
}

const readBuildState = async (id: string) => {
  const headers = { 'coder-session-token': await ownerToken() }
  return fetch(`${server.url}/api/v2/workspacebuilds/${id}/state`, { headers })
}

async function ownerToken(): Promise<string> {
  const userId = (await findOrCreateOwner(server.context)).id
  const key = { userId, loginType: 'password', lifetimeSeconds: 3600, ip: '127.0.0.1' } as const
  return createKey(server.context.db, key)
}

test('Git SSH keys, states and values of sensitive variables are not readable in the database', async () => {
  const workspace = await createSecretWorkspace()
  const text = await (await readBuildState(workspace.latest_build.id)).text()
  expect(text).toContain(secret)
  expect(text).toContain('BEGIN OPENSSH PRIVATE KEY')
  expect(await tablesWith(secret)).toEqual([])
  expect(await tablesWith('BEGIN OPENSSH PRIVATE KEY')).toEqual([])
  // A stop reads the state and the variable of the start.
  await build(client, workspace.id, 'stop')
})

test('tokens of agents are not readable in the database; those of external agents can be read over the API', async () => {
  const { id } = await createTemplate(client, 'external', {
    'main.tf': `
      terraform {
        required_providers {
          coder = { source = "coder/coder" }
        }
      }
      resource "coder_agent" "main" {
        os   = "linux"
        arch = "amd64"
      }
      resource "coder_external_agent" "main" {
        agent_id = coder_agent.main.id
      }`,
  })
  const workspace = await createWorkspace(client, id, 'external')
  await expectSuccess(client, await waitForBuild(client, workspace.latest_build.id))
  const params = { workspace: workspace.id, agent: 'main' }
  const { agent_token } = await client.call(getExternalAgentCredentials, { params })
  expect(await tablesWith(agent_token)).toEqual([])
  const asAgent = (token: string) => createClient({ baseUrl: server.url, token, timeoutMs: 20_000 }).call(getManifest)
  expect((await asAgent(agent_token)).workspace_name).toBe('external')
  await expect(asAgent(randomUUID())).rejects.toMatchObject({ status: 401 })

  // As migrated from an earlier version.
  const { db } = server.context
  await db
    .updateTable('workspace_agents')
    .set({ auth_token: agent_token, auth_token_key_id: null })
    .where('auth_token', 'is not', null)
    .execute()
  await restart()
  await until('the token to be encrypted', async () => (await tablesWith(agent_token)).length === 0)
  expect((await client.call(getExternalAgentCredentials, { params })).agent_token).toBe(agent_token)
})

test('the key file is created once and tightened if other users can read it', async () => {
  const content = readFileSync(keyFile(), 'utf8')
  expect(statSync(keyFile()).mode & 0o777).toBe(0o600)
  chmodSync(keyFile(), 0o644)
  await restart()
  expect(readFileSync(keyFile(), 'utf8')).toBe(content)
  expect(statSync(keyFile()).mode & 0o777).toBe(0o600)
})

test('a start encrypts secrets that an earlier version stored plain', async () => {
  const workspace = await createSecretWorkspace()
  const state = await (await readBuildState(workspace.latest_build.id)).text()
  const { db } = server.context
  await db.updateTable('git_ssh_keys').set({ private_key: 'plain-key', private_key_key_id: null }).execute()
  await db
    .updateTable('workspace_builds')
    .set({ provisioner_state: Buffer.from(state), provisioner_state_key_id: null })
    .execute()
  const variables = db.updateTable('template_version_variables').set({ value: secret, value_key_id: null })
  await variables.where('sensitive', '=', true).execute()
  expect(await tablesWith(secret)).toEqual(['template_version_variables', 'workspace_builds'])
  await restart()
  await until('the secrets to be encrypted', async () => (await tablesWith(secret)).length === 0)
  await until('the keys to be encrypted', async () => (await tablesWith('plain-key')).length === 0)
  expect(await (await readBuildState(workspace.latest_build.id)).text()).toBe(state)
})

test('a new first key encrypts all secrets again, and the earlier one can then be removed', async () => {
  const workspace = await createSecretWorkspace()
  const earlier = server.context.encryption.activeKeyId
  const key = newKey()
  await restart(key)
  const { db, encryption } = server.context
  expect(encryption.activeKeyId).not.toBe(earlier)
  await until('the states to be encrypted again', async () => {
    const left = db.selectFrom('workspace_builds').select('id').where('provisioner_state_key_id', '=', earlier)
    const keys = db.selectFrom('git_ssh_keys').select('user_id').where('private_key_key_id', '=', earlier)
    return (await left.execute()).length + (await keys.execute()).length === 0
  })
  rmSync(keyFile())
  await restart(key)
  await build(client, workspace.id, 'stop')
  await build(client, workspace.id, 'start')
})

test('without the key, builds explain what to restore, and the workspace can be deleted as an orphan', async () => {
  const workspace = await createSecretWorkspace()
  const lost = server.context.encryption.activeKeyId
  rmSync(keyFile())
  await restart(newKey())

  const state = await readBuildState(workspace.latest_build.id)
  expect(state.status).toBe(500)
  expect(((await state.json()) as { message: string }).message).toBe(
    `Could not decrypt workspace_builds.provisioner_state: the encryption key ${lost} is missing. Restore the file encryption-keys of the data folder from a backup and restart coderd. Without it, delete the workspace with "coder delete --orphan" and remove its resources by hand, or push a copy of its state with "coder state push".`,
  )
  const params = { workspace: workspace.id }
  const { id } = await client.call(createBuild, { params, body: { transition: 'stop' } })
  const { job } = await waitForBuild(client, id)
  expect(job.error).toContain(`the encryption key ${lost} is missing`)

  const { public_key } = await client.call(getGitSshKey, me)
  expect((await client.call(regenerateGitSshKey, me)).public_key).not.toBe(public_key)

  const orphaned = await client.call(createBuild, { params, body: { transition: 'delete', orphan: true } })
  await expectSuccess(client, await waitForBuild(client, orphaned.id))
  const query = { include_deleted: true }
  expect((await client.call(getWorkspace, { params, query })).latest_build.status).toBe('deleted')
})

test('coderd does not create a second key for an external database', async () => {
  const lost = server.context.encryption.activeKeyId
  const key = readFileSync(keyFile())
  rmSync(keyFile())
  await server.stop()
  await expect(start()).rejects.toThrow(
    `The database contains values encrypted with keys that this coderd does not have: ${lost}. Restore ${keyFile()} from a backup, copy it from the data folder of another coderd`,
  )
  writeFileSync(keyFile(), 'no key\n')
  await expect(start()).rejects.toThrow(`Line 1 of ${keyFile()} is not an encryption key`)
  writeFileSync(keyFile(), key)
  await start()
})

test('a rotation encrypts all secrets with a new key and removes the earlier one', async () => {
  const workspace = await createSecretWorkspace()
  const { config, encryption } = server.context
  await expect(rotateEncryptionKey(config)).rejects.toThrow('is already running')
  await server.stop()
  const { keyId, count } = await rotateEncryptionKey(config)
  expect(count).toBeGreaterThan(2)
  expect(keyId).not.toBe(encryption.activeKeyId)
  expect(readFileSync(keyFile(), 'utf8').trim().split('\n')).toHaveLength(1)
  await start()
  expect(server.context.encryption.keyIds).toEqual([keyId])
  await build(client, workspace.id, 'stop')
})

test('secrets of a lost key can be deleted, and the deployment works again', async () => {
  const workspace = await createSecretWorkspace()
  const { config } = server.context
  const { public_key } = await client.call(getGitSshKey, me)
  await server.stop()
  rmSync(keyFile())
  expect(await deleteUnreadableSecrets(config)).toBeGreaterThan(2)
  await start()
  expect((await client.call(getGitSshKey, me)).public_key).not.toBe(public_key)
  await build(client, workspace.id, 'delete')
})

test('a value moved to another row, modified, or of an unknown key is not decrypted', () => {
  const encryption = createEncryption([generateKey()])
  const value = encryption.encrypt('text', 'table.column/1')
  expect(encryption.decrypt(value, 'table.column/1', '').toString()).toBe('text')
  expect(() => encryption.decrypt(value, 'table.column/2', '')).toThrow('was modified outside coderd')
  const modified = { ...value, data: Buffer.from(value.data.map((byte, at) => (at === 14 ? byte ^ 1 : byte))) }
  expect(() => encryption.decrypt(modified, 'table.column/1', '')).toThrow('was modified outside coderd')
  expect(() => createEncryption([generateKey()]).decrypt(value, 'table.column/1', '')).toThrow(MissingKeyError)
})
