// Notifications that coderd creates: task states, the weekly report of failed builds, updates and dormancy of
// workspaces.

import { afterAll, beforeAll, expect, test } from 'vitest'
import { patchOwnAppStatus } from '../../api/agents/agent-measurements.ts'
import { createBuild } from '../../api/workspaces/builds.ts'
import { updateWorkspaceDormancy } from '../../api/workspaces/workspace-schedules.ts'
import { appBlock, templateWithAgent } from '../testing/agent-templates.ts'
import { startTestServer, type TestServer } from '../testing/start-test-server.ts'
import {
  agentsOf,
  createTemplate,
  createWorkspace,
  expectSuccess,
  importVersion,
  waitForBuild,
} from '../testing/workspace-fixtures.ts'
import { failedBuildsReport } from './report-failed-builds.ts'
import { notificationTemplates, type TemplateName } from './templates.ts'

const withApp = templateWithAgent({ blocks: appBlock('tool', 'http://localhost:1') })

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server.close())

const findMessages = (template: TemplateName) =>
  server.context.db
    .selectFrom('notification_messages')
    .selectAll()
    .where('template_id', '=', notificationTemplates[template].id)
    .where('method', '=', 'inbox')
    .execute()

async function enableTemplates(userId: string, names: readonly TemplateName[]): Promise<void> {
  await server.context.db
    .insertInto('notification_preferences')
    .values(names.map((name) => ({ user_id: userId, template_id: notificationTemplates[name].id, disabled: false })))
    .execute()
}

test('the owner of a task is notified of each state change once its agent is ready', async () => {
  const { db } = server.context
  const { id: templateId, active_version_id } = await createTemplate(server.client, 'tool', { 'main.tf': withApp })
  const workspace = await createWorkspace(server.client, templateId, 'job')
  const built = await expectSuccess(server.client, await waitForBuild(server.client, workspace.latest_build.id))
  const agentId = agentsOf(built)[0]?.id ?? ''
  await db
    .insertInto('tasks')
    .values({
      organization_id: workspace.organization_id,
      owner_id: workspace.owner_id,
      name: 'job',
      display_name: 'Job',
      workspace_id: workspace.id,
      template_version_id: active_version_id,
      prompt: 'Mend the roof',
    })
    .execute()
  await enableTemplates(workspace.owner_id, ['taskWorking', 'taskIdle', 'taskCompleted', 'taskFailed'])
  const agent = server.clientWith(await server.agentToken(agentId))
  const reportState = (state: string) =>
    agent.call(patchOwnAppStatus, { body: { app_slug: 'tool', state, message: '', uri: '' } })
  await reportState('working')
  expect(await findMessages('taskWorking')).toEqual([])
  await db.updateTable('workspace_agents').set({ lifecycle_state: 'ready' }).where('id', '=', agentId).execute()
  for (const state of ['working', 'idle', 'idle', 'working', 'idle', 'complete', 'failure']) await reportState(state)
  const countMessages = async (name: TemplateName) => (await findMessages(name)).length
  expect([
    await countMessages('taskWorking'),
    await countMessages('taskIdle'),
    await countMessages('taskCompleted'),
    await countMessages('taskFailed'),
  ]).toEqual([1, 2, 1, 1])
  const [done] = await findMessages('taskCompleted')
  expect(done).toMatchObject({
    user_id: workspace.owner_id,
    payload: { labels: { workspace: 'job', task: 'Mend the roof' } },
  })
})

test('failed builds are reported once a week for each affected template', async () => {
  const { db } = server.context
  const ok = await createTemplate(server.client, 'fine', { 'main.tf': 'resource "terraform_data" "a" {}' })
  const bad = await createTemplate(server.client, 'frail', { 'main.tf': 'resource "terraform_data" "a" {}' })
  for (const { id } of [ok, bad]) {
    const workspace = await createWorkspace(server.client, id, `of-${id.slice(0, 8)}`)
    await expectSuccess(server.client, await waitForBuild(server.client, workspace.latest_build.id))
    if (id !== bad.id) continue
    const params = { workspace: workspace.id }
    const next = await server.client.call(createBuild, { params, body: { transition: 'stop' } })
    await waitForBuild(server.client, next.id)
    await db.updateTable('provisioner_jobs').set({ error: 'it broke' }).where('id', '=', next.job.id).execute()
  }
  const { run } = failedBuildsReport(server.context)
  const now = new Date(Date.now() + 60_000)
  const daysLater = (days: number) => new Date(now.getTime() + days * 24 * 60 * 60_000)
  await db.deleteFrom('site_configs').where('key', '=', 'failed_builds_report').execute()
  await run(daysLater(-7))
  expect(await findMessages('workspaceBuildsFailedReport')).toEqual([])
  await run(daysLater(-1))
  expect(await findMessages('workspaceBuildsFailedReport')).toEqual([])
  await run(now)
  const reports = await findMessages('workspaceBuildsFailedReport')
  expect(reports.map(({ payload }) => payload.labels)).toEqual([
    {
      template_name: 'frail',
      template_display_name: 'frail',
      failed_builds: '1',
      total_builds: '2',
      report_frequency: 'week',
    },
  ])
  expect(reports[0]?.targets).toEqual([bad.id, bad.organization_id])
  await run(daysLater(1))
  await run(daysLater(8))
  expect(await findMessages('workspaceBuildsFailedReport')).toHaveLength(1)
})

test('template administrators are notified when another user updates a workspace manually', async () => {
  const files = { 'main.tf': 'resource "terraform_data" "a" {}' }
  const { id, organization_id } = await createTemplate(server.client, 'grown', files)
  const { user, client } = await server.createUser('ada')
  const owners = await server.context.db
    .selectFrom('users')
    .select(['id', 'rbac_roles'])
    .where('username', '!=', 'ada')
    .execute()
  const adminId = owners.find(({ rbac_roles }) => rbac_roles.includes('owner'))?.id ?? ''
  await enableTemplates(adminId, ['workspaceManuallyUpdated'])
  const workspace = await createWorkspace(client, id, 'dev')
  await expectSuccess(client, await waitForBuild(client, workspace.latest_build.id))
  const versionId = await importVersion(server.client, { ...files, 'README.md': 'more' }, { template_id: id })
  const params = { workspace: workspace.id }
  for (const template_version_id of [versionId, versionId]) {
    const body = { transition: 'start', template_version_id } as const
    await expectSuccess(client, await waitForBuild(client, (await client.call(createBuild, { params, body })).id))
  }
  const notifications = await findMessages('workspaceManuallyUpdated')
  expect(notifications).toMatchObject([
    {
      user_id: adminId,
      targets: [workspace.id, user.id, id, organization_id],
      payload: {
        labels: { workspace: 'dev', initiator: 'ada', workspace_owner_username: 'ada', template: 'grown' },
        data: {
          workspace: { id: workspace.id, name: 'dev' },
          template: { id, name: 'grown' },
          template_version: { id: versionId },
          owner: { id: user.id, email: 'ada@example.com' },
          parameters: [],
        },
      },
    },
  ])
})

test('the owner of a workspace is notified when another user marks it dormant', async () => {
  const { id } = await createTemplate(server.client, 'sleepy', { 'main.tf': '' })
  const { user, client } = await server.createUser('sleeper')
  const workspace = await createWorkspace(client, id, 'nap')
  await expectSuccess(client, await waitForBuild(client, workspace.latest_build.id))
  const params = { workspace: workspace.id }
  for (const by of [client, server.client]) {
    await by.call(updateWorkspaceDormancy, { params, body: { dormant: true } })
    await by.call(updateWorkspaceDormancy, { params, body: { dormant: false } })
  }
  expect(await findMessages('workspaceDormant')).toMatchObject([
    {
      user_id: user.id,
      payload: { labels: { name: 'nap', reason: expect.stringMatching(/^was marked dormant by /) } },
    },
  ])
})
