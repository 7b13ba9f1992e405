// Main features on the oldest supported PostgreSQL, to detect SQL that requires a newer one.

import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { getWorkspace, listWorkspaces, postWorkspaceUsage } from '../../api/workspaces/workspaces.ts'
import { runAutobuild } from '../autobuild/autobuild.ts'
import { runPurge } from '../autobuild/purge.ts'
import { ensureStarterTemplates } from '../templates/starter-templates.ts'
import { createTestDatabase, startTestPostgres, type TestPostgres } from '../testing/postgres.ts'
import { startTestServer, type TestServer } from '../testing/start-test-server.ts'
import { build, createLocalWorkspace, waitForBuild } from '../testing/workspace-fixtures.ts'

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

test('lists, schedules and statistics work on PostgreSQL 13', async () => {
  const { client, context } = server
  await ensureStarterTemplates(context)
  const { workspace, agent } = await createLocalWorkspace(client, 'listed')
  const everything =
    'listed template:this-computer status:running outdated:false dormant:false healthy:true has-agent:connected ' +
    'shared:false has-ai-task:false has_external_agent:false last_used_after:"2020-01-01T00:00:00Z" organization:coder'
  for (const query of [{ limit: 25 }, { q: everything }, { q: 'shared_with_user:me' }, { q: 'param:folder' }]) {
    const { workspaces } = await client.call(listWorkspaces, { query })
    expect(workspaces.length).toBeLessThanOrEqual(1)
    if (!query.q?.includes(':me') && !query.q?.includes('param')) expect(workspaces[0]?.id).toBe(workspace.id)
  }
  await client.call(postWorkspaceUsage, {
    params: { workspace: workspace.id },
    body: { agent_id: agent.id, app_name: 'ssh' },
  })
  await runAutobuild(context, new Date())
  await runPurge(context.db, new Date(), context.config)
  await build(client, workspace.id, 'delete')
})

test('a workspace of this computer starts, stops and is deleted completely on PostgreSQL 13', async () => {
  const { client } = server
  await ensureStarterTemplates(server.context)
  const { workspace } = await createLocalWorkspace(client, 'here')
  for (const transition of ['stop', 'start', 'delete'] as const) {
    const { id } = await build(client, workspace.id, transition)
    expect((await waitForBuild(client, id)).job).toMatchObject({ status: 'succeeded' })
  }
  expect(readdirSync(join(server.dataDir, 'workspaces'))).toEqual([])
  expect(await client.call(listWorkspaces)).toEqual({ workspaces: [], count: 0 })
  await expect(client.call(getWorkspace, { params: { workspace: workspace.id } })).rejects.toMatchObject({
    status: 410,
  })
})
