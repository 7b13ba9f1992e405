// A deployment with data of every kind, for the contract suite: users of every role, templates with parameters and presets, builds
// that succeeded and failed, a workspace with an agent, a group, a token, notifications.

import { expect } from 'vitest'
import type { WorkspaceBuild } from '../../api/workspaces/builds.ts'
import { ensureStarterTemplates } from '../templates/starter-templates.ts'
import {
  agentsOf,
  createTemplate,
  createThisComputer,
  createWorkspace,
  succeeded,
  until,
  waitForBuild,
} from './workspace-fixtures.ts'
import type { TestServer } from './start-test-server.ts'

const parametersTemplate = `
  variable "size" {
    type        = string
    default     = "small"
    description = "How large"
  }
  data "coder_parameter" "region" {
    name    = "region"
    type    = "string"
    default = "eu"
    mutable = true
    option {
      name  = "Europe"
      value = "eu"
    }
    option {
      name  = "Asia"
      value = "asia"
    }
  }
  data "coder_parameter" "count" {
    name    = "count"
    type    = "number"
    default = 2
    mutable = true
    validation {
      min       = 1
      max       = 9
      monotonic = "increasing"
    }
  }
  data "coder_parameter" "dark" {
    name    = "dark"
    type    = "bool"
    default = true
  }
  data "coder_parameter" "tags" {
    name    = "tags"
    type    = "list(string)"
    default = jsonencode(["a", "b"])
  }
  data "coder_workspace_preset" "asian" {
    name       = "asian"
    parameters = { region = "asia" }
  }
  resource "coder_agent" "main" {
    os   = "linux"
    arch = "amd64"
    metadata {
      key          = "load"
      display_name = "Load"
      script       = "uptime"
      interval     = 10
      timeout      = 1
    }
  }
  resource "coder_app" "code" {
    agent_id     = coder_agent.main.id
    slug         = "code"
    display_name = "Code"
    url          = "http://localhost:8080"
    healthcheck {
      url       = "http://localhost:8080/healthz"
      interval  = 5
      threshold = 6
    }
  }
  resource "coder_script" "hello" {
    agent_id     = coder_agent.main.id
    display_name = "Hello"
    script       = "echo hello"
    run_on_start = true
  }
  resource "terraform_data" "machine" { input = coder_agent.main.token }
  resource "coder_metadata" "machine" {
    resource_id = terraform_data.machine.id
    item {
      key   = "size"
      value = var.size
    }
  }
`
const brokenTemplate = `resource "terraform_data" "x" {
  provisioner "local-exec" {
    command = "exit 7"
  }
}`
const endlessTemplate = `resource "terraform_data" "x" {
  provisioner "local-exec" {
    command = "sleep 600"
  }
}`

export interface ContractScene {
  /** Ids and names by path parameter. */
  readonly things: Record<string, string>
  /** API keys by role. */
  readonly tokens: Record<string, string>
  readonly agentToken: string
  ask(method: string, path: string, body?: unknown, token?: string): Promise<Response>
  /** Requires a success. @returns its body */
  must<T = unknown>(method: string, path: string, body?: unknown): Promise<T>
}

export const goodPassword = 'Open-Sesame-4711'

interface WithId {
  readonly id: string
}

export async function populate(server: TestServer): Promise<ContractScene> {
  const ask: ContractScene['ask'] = (method, path, body, token = server.token) =>
    fetch(server.url + path, {
      method,
      headers: { 'coder-session-token': token, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
  const must = async <T>(method: string, path: string, body?: unknown): Promise<T> => {
    const answer = await ask(method, path, body)
    const text = await answer.text()
    expect(answer.ok, `${method} ${path} → ${answer.status} ${text}`).toBe(true)
    return (text === '' ? null : JSON.parse(text)) as T
  }
  await ensureStarterTemplates(server.context)
  const tokens = await createPeople(server, must)
  const template = await createTemplate(server.client, 'full', { 'main.tf': parametersTemplate, 'README.md': '# Full' })
  const { workspace, agent } = await createThisComputer(server.client, 'dev')
  const failedWorkspace = await createTroubles(server, must)
  const full = await createWorkspace(server.client, template.id, 'full', { region: 'asia', count: '3' })
  await succeeded(server.client, await waitForBuild(server.client, full.latest_build.id))
  const version = await must<WithId & { name: string; job: { file_id: string } }>(
    'GET',
    `/api/v2/templateversions/${template.active_version_id}`,
  )
  await must('PATCH', `/api/v2/templates/${template.id}`, { max_port_share_level: 'public' })
  const built = await must<WorkspaceBuild>('GET', `/api/v2/workspacebuilds/${full.latest_build.id}`)
  const [fullAgent] = agentsOf(built)
  const { auth_token: agentToken } = await server.context.db
    .selectFrom('workspace_agents')
    .selectAll()
    .where('id', '=', fullAgent?.id ?? '')
    .executeTakeFirstOrThrow()
  const upload = { storage_method: 'file', file_id: version.job.file_id, provisioner: 'terraform' }
  const importAgain = async (more: object): Promise<string> => {
    const { id } = await must<WithId>('POST', '/api/v2/organizations/default/templateversions', { ...upload, ...more })
    await until('the import to end', async () => {
      const { job } = await must<{ job: { status: string } }>('GET', `/api/v2/templateversions/${id}`)
      return job.status === 'succeeded'
    })
    return id
  }
  return {
    ask,
    must,
    tokens,
    agentToken,
    things: {
      user: 'me',
      organization: 'default',
      organizationname: 'coder',
      workspace: workspace.id,
      workspacename: workspace.name,
      template: template.id,
      templatename: template.name,
      templateversion: version.id,
      templateversionname: version.name,
      workspacebuild: full.latest_build.id,
      buildnumber: '1',
      workspaceagent: agent.id,
      workspaceresource: agent.resource_id,
      fileID: version.job.file_id,
      failedWorkspace,
      fullWorkspace: full.id,
      fullAgent: fullAgent?.id ?? '',
      laterVersion: await importAgain({ template_id: template.id }),
      looseVersion: await importAgain({}),
      spareTemplate: (await createTemplate(server.client, 'spare', { 'main.tf': '' })).id,
      os: 'linux',
      arch: 'amd64',
      ...(await createThings(version.id, must)),
    },
  }
}

type Must = ContractScene['must']

async function createThings(version: string, must: Must): Promise<Record<string, string>> {
  const dryRun = await must<WithId>('POST', `/api/v2/templateversions/${version}/dry-run`, { workspace_name: 'try' })
  await until('the dry run to end', async () => {
    const job = await must<{ status: string }>('GET', `/api/v2/templateversions/${version}/dry-run/${dryRun.id}`)
    return job.status === 'succeeded'
  })
  const { id: victim } = await must<WithId>('GET', '/api/v2/users/victim')
  const group = await must<WithId>('POST', '/api/v2/organizations/default/groups', { name: 'painters' })
  await must('PATCH', `/api/v2/groups/${group.id}`, { add_users: [victim] })
  await must('POST', '/api/v2/organizations/default/members/roles', {
    name: 'keeper',
    organization_permissions: [{ resource_type: 'template', action: 'read' }],
  })
  const key = { name: 'spare', tags: { zone: 'far' } }
  const { key: secret } = await must<{ key: string }>('POST', '/api/v2/organizations/default/provisionerkeys', key)
  await must('POST', '/api/v2/users/me/keys/tokens', { token_name: 'script', lifetime: 3_600_000_000_000 })
  const [token] = await must<WithId[]>('GET', '/api/v2/users/me/keys/tokens')
  await must('POST', '/api/v2/audit/testgenerate', {})
  await must('POST', '/api/v2/notifications/test')
  const notification = await until('a notification', async () => {
    const { notifications } = await must<{ notifications: WithId[] }>('GET', '/api/v2/notifications/inbox')
    return notifications[0]
  })
  const [kind] = await must<WithId[]>('GET', '/api/v2/notifications/templates/system')
  const [job] = await must<WithId[]>('GET', '/api/v2/organizations/default/provisionerjobs')
  return {
    jobID: dryRun.id,
    job: job?.id ?? '',
    victim,
    group: group.id,
    groupname: 'painters',
    rolename: 'keeper',
    provisionerkey: secret,
    keyid: token?.id ?? '',
    keyname: 'script',
    id: notification.id,
    notification_template: kind?.id ?? '',
  }
}

async function createPeople(server: TestServer, must: Must): Promise<Record<string, string>> {
  const tokens: Record<string, string> = {}
  for (const role of ['template-admin', 'user-admin', 'auditor']) {
    const { user, token } = await server.createUser(role)
    await must('PUT', `/api/v2/users/${user.id}/roles`, { roles: [role] })
    tokens[role] = token
  }
  tokens.member = (await server.createUser('member')).token
  await server.createUser('leaver')
  await must('PUT', '/api/v2/users/leaver/status/suspend')
  await server.createUser('victim')
  await server.createUser('goner')
  const password = { username: 'sesame', email: 'sesame@example.com', login_type: 'password', password: goodPassword }
  await must('POST', '/api/v2/users', password)
  return tokens
}

/** Creates failed and canceled builds. @returns the id of the workspace whose build failed */
async function createTroubles({ client }: TestServer, must: Must): Promise<string> {
  const broken = await createTemplate(client, 'broken', { 'main.tf': brokenTemplate })
  const failed = await createWorkspace(client, broken.id, 'failed')
  expect((await waitForBuild(client, failed.latest_build.id)).job.status).toBe('failed')
  const endless = await createTemplate(client, 'endless', { 'main.tf': endlessTemplate })
  const { latest_build: build } = await createWorkspace(client, endless.id, 'canceled')
  await until('the build to run', async () => {
    const { status } = await must<{ status: string }>('GET', `/api/v2/workspacebuilds/${build.id}`)
    return status === 'starting'
  })
  await must('PATCH', `/api/v2/workspacebuilds/${build.id}/cancel`)
  await waitForBuild(client, build.id)
  return failed.id
}
