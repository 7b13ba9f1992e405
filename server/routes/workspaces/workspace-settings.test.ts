// Workspace settings over REST: schedule, favorites, shared ports, sharing, quotas, and their validation.

import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { updateUserRoles } from '../../../api/account/users.ts'
import { getExternalAgentCredentials } from '../../../api/agents/external-agents.ts'
import { createGroup, updateGroup } from '../../../api/organizations/groups.ts'
import { createBuild, getWorkspaceTimings, updateBuildState } from '../../../api/workspaces/builds.ts'
import { addFavorite, removeFavorite } from '../../../api/workspaces/favorites.ts'
import { deletePortShare, listPortShares, upsertPortShare } from '../../../api/workspaces/port-shares.ts'
import { getWorkspaceQuota, getWorkspaceQuotaOfUser } from '../../../api/workspaces/workspace-quotas.ts'
import {
  extendWorkspace,
  resolveAutostart,
  updateWorkspaceAutomaticUpdates,
  updateWorkspaceAutostart,
  updateWorkspaceDormancy,
  updateWorkspaceTtl,
} from '../../../api/workspaces/workspace-schedules.ts'
import {
  deleteWorkspaceAcl,
  getWorkspaceAcl,
  listAvailableOwners,
  updateWorkspaceAcl,
} from '../../../api/workspaces/workspace-sharing.ts'
import {
  createWorkspace as createWorkspaceEndpoint,
  getWorkspace,
  listWorkspaces,
  postWorkspaceUsage,
  type Workspace,
} from '../../../api/workspaces/workspaces.ts'
import { templateWithAgent } from '../../testing/agent-templates.ts'
import { type FakeClock, fakeClock } from '../../testing/fake-clock.ts'
import { startTestServer, type TestServer } from '../../testing/start-test-server.ts'
import {
  agentsOf,
  build,
  createTemplate,
  createWorkspace,
  expectSuccess,
  removeWorkspace,
  waitForBuild,
} from '../../testing/workspace-fixtures.ts'

const template = templateWithAgent()

let server: TestServer
let clock: FakeClock
let workspace: Workspace
let templateId: string
beforeAll(async () => {
  clock = fakeClock('2026-06-01T08:00:00Z')
  // Without scheduler passes, which would stop the workspace under test.
  server = await startTestServer({}, { ...clock, after: () => () => undefined })
  templateId = (await createTemplate(server.client, 'one', { 'main.tf': template })).id
  workspace = await createWorkspace(server.client, templateId, 'mine')
  await expectSuccess(server.client, await waitForBuild(server.client, workspace.latest_build.id))
})
afterAll(() => server.close())
beforeEach(() => clock.set('2026-06-01T08:00:00Z'))

const params = () => ({ workspace: workspace.id })
const show = () => server.client.call(getWorkspace, { params: params() })
const setTemplate = (values: Record<string, unknown>) =>
  server.context.db.updateTable('templates').set(values).where('id', '=', templateId).execute()
const validationError = (status: number, field: string) => ({
  status,
  validations: [expect.objectContaining({ field })],
})

describe('a schedule', () => {
  test('of a new workspace determines the next start', async () => {
    const created = await server.client.call(createWorkspaceEndpoint, {
      params: { user: 'me' },
      body: { name: 'early', template_id: templateId, autostart_schedule: 'CRON_TZ=Europe/Berlin 30 9 * * 1-5' },
    })
    expect(created.next_start_at).toBe('2026-06-02T07:30:00.000Z')
    await removeWorkspace(server.client, created.id)
  })

  test('is set and removed, and the next start follows', async () => {
    const set = (schedule: string | null) =>
      server.client.call(updateWorkspaceAutostart, { params: params(), body: { schedule } })
    await set('CRON_TZ=Europe/Berlin 30 9 * * 1-5')
    expect(await show()).toMatchObject({
      autostart_schedule: 'CRON_TZ=Europe/Berlin 30 9 * * 1-5',
      next_start_at: '2026-06-02T07:30:00.000Z',
    })
    await expect(set('CRON_TZ=Mars/Phobos 0 9 * * *')).rejects.toMatchObject({
      message: 'Invalid autostart schedule.',
      ...validationError(400, 'schedule'),
    })
    await setTemplate({ allow_user_autostart: false })
    await expect(set('0 9 * * *')).rejects.toMatchObject(validationError(400, 'schedule'))
    await setTemplate({ allow_user_autostart: true })
    await set('')
    expect((await show()).autostart_schedule).toBeUndefined()
    expect((await show()).next_start_at).toBeNull()
  })

  test('with a time to live applies from the next start, and its removal clears the deadline', async () => {
    const set = (ttl_ms: number | null) =>
      server.client.call(updateWorkspaceTtl, { params: params(), body: { ttl_ms } })
    await expect(set(59_999)).rejects.toMatchObject(validationError(400, 'ttl_ms'))
    await expect(set(31 * 24 * 3_600_000)).rejects.toMatchObject(validationError(400, 'ttl_ms'))
    await setTemplate({ allow_user_autostop: false })
    await expect(set(3_600_000)).rejects.toMatchObject(validationError(400, 'ttl_ms'))
    await setTemplate({ allow_user_autostop: true })
    // Coder truncates to minutes.
    await set(3_659_999)
    expect((await show()).latest_build.deadline).toBeNull()
    await build(server.client, workspace.id, 'start')
    expect(await show()).toMatchObject({ ttl_ms: 3_600_000, latest_build: { deadline: '2026-06-01T09:00:00.000Z' } })
    await set(0)
    expect((await show()).latest_build.deadline).toBeNull()
  })

  test('can extend an existing deadline to at least half an hour ahead', async () => {
    const extend = (deadline: string) => server.client.call(extendWorkspace, { params: params(), body: { deadline } })
    await expect(extend('2026-06-01T12:00:00Z')).rejects.toMatchObject({ status: 409 })
    await server.client.call(updateWorkspaceTtl, { params: params(), body: { ttl_ms: 3_600_000 } })
    await build(server.client, workspace.id, 'start')
    await expect(extend('2026-06-01T08:29:29Z')).rejects.toMatchObject(validationError(400, 'deadline'))
    // Tolerates a request computed shortly before it arrives.
    await extend('2026-06-01T08:29:59Z')
    await extend('2026-06-01T12:00:00Z')
    expect((await show()).latest_build.deadline).toBe('2026-06-01T12:00:00.000Z')
    const { id } = (await show()).latest_build
    const last = new Date('2026-06-01T13:00:00Z')
    await server.context.db.updateTable('workspace_builds').set({ max_deadline: last }).where('id', '=', id).execute()
    await expect(extend('2026-06-01T13:00:01Z')).rejects.toMatchObject(validationError(400, 'deadline'))
    await server.client.call(updateWorkspaceTtl, { params: params(), body: { ttl_ms: null } })
  })

  test('makes a workspace dormant or active by hand; a dormant workspace has no next start, and a start activates it', async () => {
    const set = (dormant: boolean) =>
      server.client.call(updateWorkspaceDormancy, { params: params(), body: { dormant } })
    await setTemplate({ time_til_dormant_autodelete_ms: 3_600_000 })
    expect(await set(true)).toMatchObject({
      dormant_at: '2026-06-01T08:00:00.000Z',
      deleting_at: '2026-06-01T09:00:00.000Z',
    })
    await server.client.call(updateWorkspaceAutostart, { params: params(), body: { schedule: '0 9 * * *' } })
    expect((await show()).next_start_at).toBeNull()
    await build(server.client, workspace.id, 'start')
    await server.client.call(updateWorkspaceAutostart, { params: params(), body: { schedule: null } })
    expect(await show()).toMatchObject({ dormant_at: null, deleting_at: null, latest_build: { transition: 'start' } })
    await set(true)
    clock.advance(60_000)
    expect(await set(false)).toMatchObject({
      dormant_at: null,
      deleting_at: null,
      last_used_at: '2026-06-01T08:01:00.000Z',
    })
    await setTemplate({ time_til_dormant_autodelete_ms: 0 })
  })

  test('reports whether an automatic update would lack parameters', async () => {
    await server.client.call(updateWorkspaceAutomaticUpdates, {
      params: params(),
      body: { automatic_updates: 'always' },
    })
    expect((await show()).automatic_updates).toBe('always')
    const mismatch = async () => (await server.client.call(resolveAutostart, { params: params() })).parameter_mismatch
    expect(await mismatch()).toBe(false)
    // A newer version with a required parameter that has no value.
    const { db } = server.context
    const version = await db
      .selectFrom('template_versions')
      .selectAll()
      .where('template_id', '=', templateId)
      .executeTakeFirstOrThrow()
    const newer = randomUUID()
    const job = await db
      .selectFrom('provisioner_jobs')
      .selectAll()
      .where('id', '=', version.job_id)
      .executeTakeFirstOrThrow()
    const { job_status: _, ...copied } = job
    const jobId = randomUUID()
    const row = { ...copied, id: jobId, input: JSON.stringify(job.input), tags: JSON.stringify(job.tags) }
    await db.insertInto('provisioner_jobs').values(row).execute()
    await db
      .insertInto('template_versions')
      .values({ ...version, id: newer, name: 'newer', job_id: jobId })
      .execute()
    await db
      .insertInto('template_version_parameters')
      .values({ template_version_id: newer, name: 'region', type: 'string', required: true, mutable: true })
      .execute()
    await setTemplate({ active_version_id: newer, use_classic_parameter_flow: true })
    expect(await mismatch()).toBe(false)
    await server.client.call(updateWorkspaceAutostart, { params: params(), body: { schedule: '0 9 * * *' } })
    expect(await mismatch()).toBe(true)
    await setTemplate({ active_version_id: version.id, use_classic_parameter_flow: false })
    await server.client.call(updateWorkspaceAutostart, { params: params(), body: { schedule: null } })
  })
})

test('a favorite is first in its owner’s list', async () => {
  const other = await createWorkspace(server.client, templateId, 'a-first-by-name')
  await expectSuccess(server.client, await waitForBuild(server.client, other.latest_build.id))
  const names = async () => (await server.client.call(listWorkspaces)).workspaces.map(({ name }) => name)
  expect(await names()).toEqual(['a-first-by-name', 'mine'])
  await server.client.call(addFavorite, { params: params() })
  expect(await names()).toEqual(['mine', 'a-first-by-name'])
  expect((await show()).favorite).toBe(true)
  await server.client.call(removeFavorite, { params: params() })
  expect(await names()).toEqual(['a-first-by-name', 'mine'])
  const guest = await server.createUser('guest')
  await expect(guest.client.call(addFavorite, { params: params() })).rejects.toMatchObject({ status: 404 })
})

test('port sharing is limited by the template', async () => {
  const share = (port: number, share_level: 'authenticated' | 'public', agent_name = 'main') =>
    server.client.call(upsertPortShare, { params: params(), body: { agent_name, port, share_level } })
  await expect(share(3000, 'public')).rejects.toMatchObject(validationError(403, 'share_level'))
  await setTemplate({ max_port_share_level: 'public' })
  await expect(share(3000, 'public', 'nobody')).rejects.toMatchObject(validationError(400, 'agent_name'))
  await expect(share(8, 'public')).rejects.toMatchObject(validationError(400, 'port'))
  await share(3000, 'authenticated')
  expect(await share(3000, 'public')).toEqual({
    workspace_id: workspace.id,
    agent_name: 'main',
    port: 3000,
    share_level: 'public',
    protocol: 'http',
  })
  expect((await server.client.call(listPortShares, { params: params() })).shares).toHaveLength(1)
  const remove = () =>
    server.client.call(deletePortShare, { params: params(), body: { agent_name: 'main', port: 3000 } })
  await remove()
  await expect(remove()).rejects.toMatchObject({ status: 404 })
})

test('a workspace is shared with users and with the group Everyone, and unshared', async () => {
  const friend = await server.createUser('friend')
  const { organization_id: everyone } = workspace
  const change = (body: {
    user_roles?: Record<string, 'use' | 'admin' | ''>
    group_roles?: Record<string, 'use' | ''>
  }) => server.client.call(updateWorkspaceAcl, { params: params(), body })
  await expect(change({ user_roles: { [crypto.randomUUID()]: 'use' } })).rejects.toMatchObject(
    validationError(400, 'user_roles'),
  )
  await expect(change({ user_roles: { nobody: 'use' } })).rejects.toMatchObject(validationError(400, 'user_roles'))
  await expect(change({ group_roles: { [friend.user.id]: 'use' } })).rejects.toMatchObject(
    validationError(400, 'group_roles'),
  )
  await change({ user_roles: { [friend.user.id]: 'admin' }, group_roles: { [everyone]: 'use' } })
  expect((await show()).shared_with).toMatchObject([
    { id: friend.user.id, actor_type: 'user', name: 'friend', roles: ['admin'] },
    { id: everyone, actor_type: 'group', name: 'Everyone', roles: ['use'] },
  ])
  expect((await friend.client.call(listWorkspaces)).workspaces.map(({ name }) => name)).toContain('mine')
  const acl = await server.client.call(getWorkspaceAcl, { params: params() })
  expect(acl.users).toEqual([{ id: friend.user.id, username: 'friend', role: 'admin' }])
  expect(acl.group).toMatchObject([{ id: everyone, name: 'Everyone', role: 'use' }])
  await change({ group_roles: { [everyone]: '' } })
  expect((await server.client.call(getWorkspaceAcl, { params: params() })).group).toEqual([])
  const { db } = server.context
  await db.updateTable('organizations').set({ workspace_sharing_disabled: true }).execute()
  await expect(change({ user_roles: { [friend.user.id]: 'use' } })).rejects.toMatchObject({ status: 403 })
  await db.updateTable('organizations').set({ workspace_sharing_disabled: false }).execute()
  await server.client.call(deleteWorkspaceAcl, { params: params() })
  expect((await server.client.call(getWorkspaceAcl, { params: params() })).users).toEqual([])
  const owners = await server.client.call(listAvailableOwners, {
    params: { organization: 'default', user: 'me' },
    query: { q: 'FRIE' },
  })
  expect(owners.map(({ username }) => username)).toEqual(['friend'])
})

test('workspace usage reported by a client is recorded with its application', async () => {
  clock.advance(60_000)
  await server.client.call(postWorkspaceUsage, { params: params(), body: null })
  expect((await show()).last_used_at).toBe('2026-06-01T08:01:00.000Z')
  const agent_id = agentsOf((await show()).latest_build)[0]?.id as string
  const postUsage = (body: unknown, client = server.client) =>
    client.call(postWorkspaceUsage, { params: params(), body })
  await postUsage({ agent_id, app_name: 'vscode' })
  const withoutApplication = [
    { app_name: 'vscode' },
    { agent_id },
    { agent_id, app_name: 'ed' },
    { agent_id: crypto.randomUUID(), app_name: 'ssh' },
    [],
  ]
  for (const [minute, body] of withoutApplication.entries()) {
    clock.advance(60_000)
    await postUsage(body)
    expect((await show()).last_used_at, JSON.stringify(body)).toBe(`2026-06-01T08:0${minute + 2}:00.000Z`)
  }
  const { user, client } = await server.createUser('onlooker')
  await expect(postUsage(null, client)).rejects.toMatchObject({ status: 404 })
  await server.client.call(updateUserRoles, { params: { user: user.id }, body: { roles: ['template-admin'] } })
  await expect(postUsage(null, client)).rejects.toMatchObject({ status: 403 })
  const stats = await server.context.db.selectFrom('workspace_agent_stats').selectAll().execute()
  expect(stats).toMatchObject([
    { agent_id, workspace_id: workspace.id, template_id: templateId, session_count_vscode: 1, usage: true },
  ])
})

test('the daily cost of workspaces is limited by group quotas, and a start beyond the quota fails', async () => {
  const costly = `
terraform {
  required_providers {
    coder = { source = "coder/coder" }
  }
}
data "coder_workspace" "me" {}
resource "terraform_data" "machine" {
  count = data.coder_workspace.me.start_count
}
resource "coder_metadata" "machine" {
  count       = data.coder_workspace.me.start_count
  resource_id = terraform_data.machine[0].id
  daily_cost  = 30
}`
  const { id } = await createTemplate(server.client, 'costly', { 'main.tf': costly })
  const { user, client } = await server.createUser('spender')
  const createAndWait = async (name: string) =>
    waitForBuild(client, (await createWorkspace(client, id, name)).latest_build.id)
  const quota = () => client.call(getWorkspaceQuotaOfUser, { params: { user: 'me' } })
  const first = await createAndWait('first')
  expect([first.daily_cost, await quota()]).toEqual([30, { credits_consumed: 30, budget: -1 }])
  const group = await server.client.call(createGroup, {
    params: { organization: 'default' },
    body: { name: 'spenders', quota_allowance: 50 },
  })
  await server.client.call(updateGroup, { params: { group: group.id }, body: { add_users: [user.id] } })
  expect(await quota()).toEqual({ credits_consumed: 30, budget: 50 })
  const second = await createAndWait('second')
  expect(second.job).toMatchObject({
    status: 'failed',
    error: expect.stringMatching(/^insufficient quota: the workspace costs 30 a day, and 20 of 50 are left/),
  })
  await build(client, first.workspace_id, 'start')
  await build(client, first.workspace_id, 'stop')
  expect(await quota()).toEqual({ credits_consumed: 0, budget: 50 })
  expect((await build(client, second.workspace_id, 'start')).daily_cost).toBe(30)
})

test('quota, timings and build state are available over REST', async () => {
  const quota = { credits_consumed: 0, budget: -1 }
  expect(await server.client.call(getWorkspaceQuotaOfUser, { params: { user: 'me' } })).toEqual(quota)
  expect(await server.client.call(getWorkspaceQuota, { params: { organization: 'default', user: 'me' } })).toEqual(
    quota,
  )
  expect((await server.client.call(getWorkspaceTimings, { params: params() })).provisioner_timings).not.toEqual([])
  const { id } = (await show()).latest_build
  await server.client.call(updateBuildState, {
    params: { workspacebuild: id },
    body: { state: Buffer.from('{"version":4}').toString('base64') },
  })
  const headers = { 'coder-session-token': server.token }
  const state = await fetch(`${server.url}/api/v2/workspacebuilds/${id}/state`, { headers })
  expect(await state.text()).toBe('{"version":4}')
  const body = { state: 'no base64' }
  await expect(server.client.call(updateBuildState, { params: { workspacebuild: id }, body })).rejects.toMatchObject(
    validationError(400, 'state'),
  )
})

test('only an external agent has credentials with a token and a command', async () => {
  const external = `
terraform {
  required_providers {
    coder = { source = "coder/coder" }
  }
}
resource "coder_agent" "far" {
  os   = "linux"
  arch = "arm64"
}
resource "coder_external_agent" "far" {
  agent_id = coder_agent.far.id
}
`
  const { id } = await createTemplate(server.client, 'external', { 'main.tf': external })
  const externalWorkspace = await createWorkspace(server.client, id, 'far')
  await expectSuccess(server.client, await waitForBuild(server.client, externalWorkspace.latest_build.id))
  const { agent_token, command } = await server.client.call(getExternalAgentCredentials, {
    params: { workspace: externalWorkspace.id, agent: 'far' },
  })
  expect(command).toBe(
    `curl -fsSL "${server.url}/api/v2/init-script/linux/arm64" | CODER_AGENT_TOKEN="${agent_token}" sh`,
  )
  await expect(
    server.client.call(getExternalAgentCredentials, { params: { workspace: workspace.id, agent: 'main' } }),
  ).rejects.toMatchObject({ status: 404 })
})

test('if a template requires its active version, only template admins start other versions', async () => {
  const [old, active] = [randomUUID(), workspace.latest_build.template_version_id]
  const { db } = server.context
  const row = await db.selectFrom('template_versions').selectAll().where('id', '=', active).executeTakeFirstOrThrow()
  const job = await db.selectFrom('provisioner_jobs').selectAll().where('id', '=', row.job_id).executeTakeFirstOrThrow()
  const { job_status: _, ...rest } = job
  const jobId = randomUUID()
  await db
    .insertInto('provisioner_jobs')
    .values({ ...rest, id: jobId, input: JSON.stringify(rest.input), tags: JSON.stringify(rest.tags) } as never)
    .execute()
  await db
    .insertInto('template_versions')
    .values({ ...row, id: old, name: 'old', job_id: jobId } as never)
    .execute()
  await setTemplate({ require_active_version: true })
  const member = await server.createUser('follower')
  const memberWorkspace = await createWorkspace(member.client, templateId, 'theirs')
  await expectSuccess(member.client, await waitForBuild(member.client, memberWorkspace.latest_build.id))
  const start = (client: TestServer['client']) =>
    client.call(createBuild, {
      params: { workspace: memberWorkspace.id },
      body: { transition: 'start', template_version_id: old },
    })
  await expect(start(member.client)).rejects.toMatchObject({ status: 403 })
  await waitForBuild(server.client, (await start(server.client)).id)
  await setTemplate({ require_active_version: false })
})
