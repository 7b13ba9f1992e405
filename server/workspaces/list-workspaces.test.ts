// Cached workspaces are never older than the database: each test changes one table directly and compares the result
// with an uncached one.

import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Workspace } from '../../api/workspaces/workspaces.ts'
import { appBlock, templateWithAgent } from '../testing/agent-templates.ts'
import { startTestServer, type TestServer } from '../testing/start-test-server.ts'
import { createTemplate, createWorkspace, expectSuccess, waitForBuild } from '../testing/workspace-fixtures.ts'
import { createWorkspaceList, type WorkspaceList } from './list-workspaces.ts'
import { loadWorkspaces } from './load-workspaces.ts'

const template = templateWithAgent({ blocks: appBlock('web', 'http://localhost:3000') })

let server: TestServer
let list: WorkspaceList
let workspace: Workspace
beforeAll(async () => {
  server = await startTestServer()
  list = createWorkspaceList(server.context)
  const { id } = await createTemplate(server.client, 'shown', { 'main.tf': template })
  workspace = await createWorkspace(server.client, id, 'shown')
  await expectSuccess(server.client, await waitForBuild(server.client, workspace.latest_build.id))
})
afterAll(() => server.close())

const readCached = async () => {
  const [text] = await list.serialize([workspace.id], workspace.owner_id)
  return JSON.parse(String(text)) as Workspace
}

test.each([
  ['its own settings', `update workspaces set favorite = true, ttl_ms = 3600000`],
  ["the owner's name", `update users set username = 'renamed' where username <> 'renamed'`],
  ["the template's icon", `update templates set icon = '/icon/other.svg' where name = 'shown'`],
  ["the organization's name", `update organizations set name = 'renamed'`],
  ["the version's name", `update template_versions set name = 'renamed-' || left(id::text, 8)`],
  ["the build's deadline", `update workspace_builds set deadline = now()`],
  ["the job's error", `update provisioner_jobs set error = 'it failed after all' where type = 'workspace_build'`],
  ['a step of the agent', `update workspace_agents set lifecycle_state = 'ready'`],
  ['the health of an app', `update workspace_apps set health = 'unhealthy'`],
  [
    'the status of an app',
    `insert into workspace_app_statuses (workspace_id, agent_id, app_id, state)
     select workspace.id, app.agent_id, app.id, 'working' from workspaces workspace
       join workspace_builds build on build.id = workspace.latest_build_id
       join workspace_resources resource on resource.job_id = build.job_id
       join workspace_agents agent on agent.resource_id = resource.id
       join workspace_apps app on app.agent_id = agent.id`,
  ],
  [
    'a source of log lines',
    `insert into workspace_agent_log_sources (workspace_agent_id, display_name) select id, 'new' from workspace_agents`,
  ],
  [
    'its task',
    `insert into tasks (organization_id, owner_id, name, workspace_id, template_version_id, prompt)
     select workspace.organization_id, workspace.owner_id, 'task', workspace.id, build.template_version_id, 'do it'
     from workspaces workspace join workspace_builds build on build.id = workspace.latest_build_id`,
  ],
  ['the end of its task', `update tasks set deleted_at = now()`],
])('a change of %s invalidates the cache', async (_, change) => {
  const before = await readCached()
  expect(await readCached()).toEqual(before)
  await sql.raw(change).execute(server.context.db)
  const after = await readCached()
  expect(after).not.toEqual(before)
  expect([after]).toEqual(
    JSON.parse(JSON.stringify(await loadWorkspaces(server.context, [workspace.id], workspace.owner_id))),
  )
})
