// Creates objects of every kind for the contract tests: users of every role, templates with parameters and presets,
// succeeded and failed builds, a workspace with an agent, a group, a token, notifications.

import { expect } from 'vitest'
import type { WorkspaceBuild } from '../../api/workspaces/builds.ts'
import { ensureStarterTemplates } from '../templates/starter-templates.ts'
import type { TestServer } from './start-test-server.ts'
import {
  agentsOf,
  createLocalWorkspace,
  createTemplate,
  createWorkspace,
  expectSuccess,
  until,
  waitForBuild,
} from './workspace-fixtures.ts'

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

export interface ContractFixture {
  /** IDs and names by path parameter. */
  readonly pathParams: Record<string, string>
  /** API keys by role. */
  readonly tokens: Record<string, string>
  readonly agentToken: string
  request(method: string, path: string, body?: unknown, token?: string): Promise<Response>
  /** Sends a request that must succeed. @returns the body */
  requestOk<T = unknown>(method: string, path: string, body?: unknown): Promise<T>
}

export const validPassword = 'Open-Sesame-4711'

interface WithId {
  readonly id: string
}

export async function createContractFixture(server: TestServer): Promise<ContractFixture> {
  const request: ContractFixture['request'] = (method, path, body, token = server.token) =>
    fetch(server.url + path, {
      method,
      headers: { 'coder-session-token': token, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
  const requestOk = async <T>(method: string, path: string, body?: unknown): Promise<T> => {
    const response = await request(method, path, body)
    const text = await response.text()
    expect(response.ok, `${method} ${path} → ${response.status} ${text}`).toBe(true)
    return (text === '' ? null : JSON.parse(text)) as T
  }
  await ensureStarterTemplates(server.context)
  const tokens = await createUsers(server, requestOk)
  const template = await createTemplate(server.client, 'full', { 'main.tf': parametersTemplate, 'README.md': '# Full' })
  const { workspace, agent } = await createLocalWorkspace(server.client, 'dev')
  const failedWorkspace = await createFailedBuilds(server, requestOk)
  const full = await createWorkspace(server.client, template.id, 'full', { region: 'asia', count: '3' })
  await expectSuccess(server.client, await waitForBuild(server.client, full.latest_build.id))
  const version = await requestOk<WithId & { name: string; job: { file_id: string } }>(
    'GET',
    `/api/v2/templateversions/${template.active_version_id}`,
  )
  await requestOk('PATCH', `/api/v2/templates/${template.id}`, { max_port_share_level: 'public' })
  const built = await requestOk<WorkspaceBuild>('GET', `/api/v2/workspacebuilds/${full.latest_build.id}`)
  const [fullAgent] = agentsOf(built)
  const agentToken = await server.agentToken(fullAgent?.id ?? '')
  const upload = { storage_method: 'file', file_id: version.job.file_id, provisioner: 'terraform' }
  const importVersion = async (overrides: object): Promise<string> => {
    const { id } = await requestOk<WithId>('POST', '/api/v2/organizations/default/templateversions', {
      ...upload,
      ...overrides,
    })
    await until('the import to end', async () => {
      const { job } = await requestOk<{ job: { status: string } }>('GET', `/api/v2/templateversions/${id}`)
      return job.status === 'succeeded'
    })
    return id
  }
  return {
    request,
    requestOk,
    tokens,
    agentToken,
    pathParams: {
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
      laterVersion: await importVersion({ template_id: template.id }),
      versionWithoutTemplate: await importVersion({}),
      spareTemplate: (await createTemplate(server.client, 'spare', { 'main.tf': '' })).id,
      os: 'linux',
      arch: 'amd64',
      ...(await createOtherObjects(version.id, requestOk)),
    },
  }
}

type RequestOk = ContractFixture['requestOk']

async function createOtherObjects(version: string, requestOk: RequestOk): Promise<Record<string, string>> {
  const dryRun = await requestOk<WithId>('POST', `/api/v2/templateversions/${version}/dry-run`, {
    workspace_name: 'try',
  })
  await until('the dry run to end', async () => {
    const job = await requestOk<{ status: string }>('GET', `/api/v2/templateversions/${version}/dry-run/${dryRun.id}`)
    return job.status === 'succeeded'
  })
  const { id: victim } = await requestOk<WithId>('GET', '/api/v2/users/victim')
  const group = await requestOk<WithId>('POST', '/api/v2/organizations/default/groups', { name: 'painters' })
  await requestOk('PATCH', `/api/v2/groups/${group.id}`, { add_users: [victim] })
  await requestOk('POST', '/api/v2/organizations/default/members/roles', {
    name: 'template-reader',
    organization_permissions: [{ resource_type: 'template', action: 'read' }],
  })
  const key = { name: 'spare', tags: { zone: 'far' } }
  const { key: secret } = await requestOk<{ key: string }>('POST', '/api/v2/organizations/default/provisionerkeys', key)
  await requestOk('POST', '/api/v2/users/me/keys/tokens', { token_name: 'script', lifetime: 3_600_000_000_000 })
  const [token] = await requestOk<WithId[]>('GET', '/api/v2/users/me/keys/tokens')
  await requestOk('POST', '/api/v2/audit/testgenerate', {})
  await requestOk('POST', '/api/v2/notifications/test')
  const notification = await until('a notification', async () => {
    const { notifications } = await requestOk<{ notifications: WithId[] }>('GET', '/api/v2/notifications/inbox')
    return notifications[0]
  })
  const [template] = await requestOk<WithId[]>('GET', '/api/v2/notifications/templates/system')
  const [job] = await requestOk<WithId[]>('GET', '/api/v2/organizations/default/provisionerjobs')
  return {
    jobID: dryRun.id,
    job: job?.id ?? '',
    victim,
    group: group.id,
    groupname: 'painters',
    rolename: 'template-reader',
    provisionerkey: secret,
    keyid: token?.id ?? '',
    keyname: 'script',
    id: notification.id,
    notification_template: template?.id ?? '',
  }
}

async function createUsers(server: TestServer, requestOk: RequestOk): Promise<Record<string, string>> {
  const tokens: Record<string, string> = {}
  for (const role of ['template-admin', 'user-admin', 'auditor']) {
    const { user, token } = await server.createUser(role)
    await requestOk('PUT', `/api/v2/users/${user.id}/roles`, { roles: [role] })
    tokens[role] = token
  }
  tokens.member = (await server.createUser('member')).token
  await server.createUser('suspended')
  await requestOk('PUT', '/api/v2/users/suspended/status/suspend')
  await server.createUser('victim')
  await server.createUser('to-delete')
  const password = {
    username: 'with-password',
    email: 'with-password@example.com',
    login_type: 'password',
    password: validPassword,
  }
  await requestOk('POST', '/api/v2/users', password)
  return tokens
}

/** Creates failed and canceled builds. @returns the ID of the workspace with the failed build */
async function createFailedBuilds({ client }: TestServer, requestOk: RequestOk): Promise<string> {
  const broken = await createTemplate(client, 'broken', { 'main.tf': brokenTemplate })
  const failed = await createWorkspace(client, broken.id, 'failed')
  expect((await waitForBuild(client, failed.latest_build.id)).job.status).toBe('failed')
  const endless = await createTemplate(client, 'endless', { 'main.tf': endlessTemplate })
  const { latest_build: build } = await createWorkspace(client, endless.id, 'canceled')
  await until('the build to run', async () => {
    const { status } = await requestOk<{ status: string }>('GET', `/api/v2/workspacebuilds/${build.id}`)
    return status === 'starting'
  })
  await requestOk('PATCH', `/api/v2/workspacebuilds/${build.id}/cancel`)
  await waitForBuild(client, build.id)
  return failed.id
}
