// The whole road on the oldest PostgreSQL that may be brought along: SQL that needs a newer one would show here.

import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { getWorkspace, listWorkspaces } from '../../api/workspaces.ts'
import { createTestDatabase, startTestPostgres, type TestPostgres } from '../testing/postgres.ts'
import { build, createThisComputer, waitForBuild } from '../testing/scenes.ts'
import { startTestServer, type TestServer } from '../testing/start-test-server.ts'
import { ensureStarterTemplates } from './starter-templates.ts'

let postgres: TestPostgres
let server: TestServer
beforeAll(async () => {
  postgres = await startTestPostgres({ major: 13 })
  const database = await createTestDatabase(postgres.adminUrl)
  server = await startTestServer({ postgresUrl: database.url })
})
afterAll(async () => {
  await server.close()
  await postgres.stop()
})

test('a workspace of this computer starts, stops and is deleted without a trace on PostgreSQL 13', async () => {
  const { client } = server
  await ensureStarterTemplates(server.context)
  const { workspace } = await createThisComputer(client, 'here')
  for (const transition of ['stop', 'start', 'delete'] as const) {
    const made = await build(client, workspace.id, transition)
    expect((await waitForBuild(client, made.id)).job).toMatchObject({ status: 'succeeded' })
  }
  expect(readdirSync(join(server.dataDir, 'workspaces'))).toEqual([])
  expect(await client.call(listWorkspaces)).toEqual({ workspaces: [], count: 0 })
  await expect(client.call(getWorkspace, { params: { workspace: workspace.id } })).rejects.toMatchObject({
    status: 410,
  })
})
