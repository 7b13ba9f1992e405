import { afterAll, beforeAll, expect, test } from 'vitest'
import { templateWithAgent } from '../testing/agent-templates.ts'
import { startTestServer, type TestServer } from '../testing/start-test-server.ts'
import {
  agentsOf,
  build,
  createTemplate,
  createWorkspace,
  expectSuccess,
  waitForBuild,
} from '../testing/workspace-fixtures.ts'
import { createKey } from '../users/api-keys.ts'
import { runPurge } from './purge.ts'

const template = templateWithAgent({
  blocks: `
resource "coder_script" "hello" {
  agent_id     = coder_agent.main.id
  display_name = "Hello"
  script       = "echo hello"
  run_on_start = true
}`,
})

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server.close())

test('API keys are removed a week after they expired', async () => {
  const { db } = server.context
  const { user } = await server.createUser('ada')
  const createExpired = async (daysAgo: number) => {
    const key = { userId: user.id, loginType: 'token', lifetimeSeconds: 60, ip: '::1' } as const
    const id = (await createKey(db, key)).slice(0, 10)
    const expires_at = new Date(Date.now() - daysAgo * 24 * 60 * 60_000)
    await db.updateTable('api_keys').set({ expires_at }).where('id', '=', id).execute()
    return id
  }
  const [old, recent] = [await createExpired(8), await createExpired(6)]
  expect(await runPurge(db, new Date(), server.context.config)).toMatchObject({ expired_api_keys: 1 })
  const left = await db.selectFrom('api_keys').select('id').where('id', 'in', [old, recent]).execute()
  expect(left).toEqual([{ id: recent }])
})

test('logs are removed after the configured retention, if any', async () => {
  const { db, config } = server.context
  const monthAgo = new Date(Date.now() - 30 * 24 * 60 * 60_000)
  await db
    .insertInto('audit_logs')
    .values({
      time: monthAgo,
      request_id: crypto.randomUUID(),
      resource_type: 'user',
      resource_id: crypto.randomUUID(),
      resource_target: 'ada',
      action: 'write',
      status_code: 200,
    })
    .execute()
  const day = 24 * 60 * 60_000
  const unlimited = {
    apiKeysRetention: 0,
    workspaceAgentLogsRetention: 0,
    connectionLogsRetention: 0,
    auditLogsRetention: 0,
  }
  expect(await runPurge(db, new Date(), config)).toMatchObject({ audit_logs: 0, connection_logs: 0 })
  expect(await runPurge(db, new Date(), { ...unlimited, auditLogsRetention: 31 * day })).toMatchObject({
    audit_logs: 0,
  })
  expect(await runPurge(db, new Date(), { ...unlimited, auditLogsRetention: 29 * day })).toMatchObject({
    audit_logs: 1,
  })
  const later = new Date(Date.now() + 100 * day)
  expect(await runPurge(db, later, unlimited)).toMatchObject({ expired_api_keys: 0, workspace_agent_logs: 0 })
})

test('old statistics, and logs and metadata of agents of earlier builds, are removed', async () => {
  const { db } = server.context
  const { id: templateId } = await createTemplate(server.client, 'agents', { 'main.tf': template })
  const workspace = await createWorkspace(server.client, templateId, 'one')
  const first = await expectSuccess(server.client, await waitForBuild(server.client, workspace.latest_build.id))
  const second = await build(server.client, workspace.id, 'start')
  const [earlier, latest] = [first, second].map((build) => agentsOf(build)[0]?.id as string) as [string, string]
  const now = new Date()
  for (const agentId of [earlier, latest]) {
    const source = await db
      .selectFrom('workspace_agent_log_sources')
      .selectAll()
      .where('workspace_agent_id', '=', agentId)
      .executeTakeFirstOrThrow()
    await db
      .insertInto('workspace_agent_logs')
      .values({ agent_id: agentId, log_source_id: source.id, output: agentId })
      .execute()
    await db
      .insertInto('workspace_agent_metadata_values')
      .values({ workspace_agent_id: agentId, key: 'k', collected_at: now })
      .execute()
  }
  const days = (count: number) => new Date(now.getTime() - count * 24 * 60 * 60_000)
  const stats = { user_id: workspace.owner_id, agent_id: latest, workspace_id: workspace.id, template_id: templateId }
  await db
    .insertInto('workspace_agent_stats')
    .values([
      { ...stats, created_at: days(181), rx_bytes: 1 },
      { ...stats, created_at: days(100), rx_bytes: 2 },
    ])
    .execute()
  const left = async () => ({
    logs: (await db.selectFrom('workspace_agent_logs').select('agent_id').execute()).map(({ agent_id }) => agent_id),
    values: (await db.selectFrom('workspace_agent_metadata_values').selectAll().execute()).length,
    stats: (await db.selectFrom('workspace_agent_stats').select('rx_bytes').execute()).map(({ rx_bytes }) => rx_bytes),
  })
  expect(await runPurge(db, now, server.context.config)).toMatchObject({
    workspace_agent_logs: 0,
    workspace_agent_stats: 1,
    dry_runs: 0,
  })
  expect(await left()).toEqual({ logs: [earlier, latest], values: 2, stats: [2] })
  expect(await runPurge(db, days(-8), server.context.config)).toMatchObject({
    workspace_agent_logs: 1,
    workspace_agent_stats: 0,
  })
  expect(await left()).toEqual({ logs: [latest], values: 1, stats: [2] })
})
