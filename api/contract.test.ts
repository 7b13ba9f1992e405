import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import type { TSchema } from 'typebox'
import { Compile } from 'typebox/compile'
import { describe, expect, test } from 'vitest'
import { CreateUserRequest, User } from './account/users.ts'
import { WorkspaceAgent } from './agents/agents.ts'
import { Name, nullable, Timestamp, VersionName, zeroTime, zeroUuid } from './common.ts'
import type { Endpoint } from './endpoint.ts'
import { notFound, validationFailed } from './errors.ts'
import { endpoints, endpointsByNoun } from './table.ts'
import { TemplateVersion } from './templates/template-versions.ts'
import { Template } from './templates/templates.ts'
import { WorkspaceBuild } from './workspaces/builds.ts'
import { CreateWorkspaceRequest, Workspace } from './workspaces/workspaces.ts'

const address = (e: Endpoint) => `${e.upgrade ? 'UPGRADE' : e.method} ${e.path}`
const schemasOf = (e: Endpoint) =>
  [e.params, e.query, e.body, ...Object.values(e.responses)].filter((s): s is TSchema => s !== undefined)

describe('the table of endpoints', () => {
  test('includes every file of the contract that declares an endpoint', () => {
    const folder = new URL('./', import.meta.url)
    const declaring = readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
      .filter((file) => /= endpoint\(/.test(readFileSync(new URL(file, folder), 'utf8')))
      .map((file) => path.basename(file, '.ts'))
    expect(Object.keys(endpointsByNoun).sort()).toEqual(declaring.sort())
    for (const noun of declaring) expect(endpointsByNoun[noun], noun).not.toHaveLength(0)
  })

  test('has no duplicate address', () => {
    const addresses = endpoints.map(address)
    expect(addresses).toEqual([...new Set(addresses)])
  })
})

describe.each(endpoints.map((e) => [address(e), e] as const))('%s', (_, declared) => {
  test('has a summary for each endpoint, and a reason for each public one', () => {
    expect(declared.summary).not.toBe('')
    if (declared.access.kind === 'public') expect(declared.access.reason).not.toBe('')
  })

  test('declares exactly the parameters of each path', () => {
    const inPath = [...declared.path.matchAll(/:(\w+)/g)].map((match) => match[1])
    const described = Object.keys((declared.params as { properties?: object } | undefined)?.properties ?? {})
    expect(described.sort()).toEqual(inPath.sort())
  })

  test('declares frames for upgrades, and a success or 304 for other endpoints', () => {
    const statuses = Object.keys(declared.responses).map(Number)
    expect(statuses).not.toHaveLength(0)
    for (const status of statuses) {
      if (declared.upgrade) expect(status).toBe(101)
      else if (status !== 304) expect(Math.floor(status / 100)).toBe(2)
    }
  })

  test('declares a body only for methods that have one', () => {
    if (declared.method === 'GET') expect(declared.body ?? declared.bodyTypes).toBeUndefined()
  })

  test('has only schemas that compile', () => {
    for (const schema of schemasOf(declared)) expect(() => Compile(schema)).not.toThrow()
  })
})

const id = '6f9619ff-8b86-4011-b42d-00c04fc964ff'
const time = '2026-11-24T10:00:00.123456789Z'
const stamps = { created_at: time, updated_at: time }
const job = {
  id,
  created_at: time,
  status: 'pending',
  file_id: id,
  tags: { scope: 'organization', owner: '' },
  queue_position: 0,
  queue_size: 0,
  organization_id: id,
  initiator_id: id,
  input: { workspace_build_id: id },
  type: 'workspace_build',
  metadata: {
    template_version_name: '',
    template_id: zeroUuid,
    template_name: '',
    template_display_name: '',
    template_icon: '',
  },
  logs_overflowed: false,
}
const agent = {
  id,
  parent_id: null,
  ...stamps,
  status: 'connecting',
  lifecycle_state: 'created',
  name: 'main',
  resource_id: id,
  architecture: 'amd64',
  environment_variables: {},
  operating_system: 'linux',
  logs_length: 0,
  logs_overflowed: false,
  version: '',
  api_version: '',
  apps: [
    {
      id,
      external: false,
      slug: 'code',
      subdomain: false,
      sharing_level: 'owner',
      healthcheck: { url: '', interval: 0, threshold: 0 },
      health: 'disabled',
      hidden: false,
      open_in: 'slim-window',
      statuses: [],
    },
  ],
  connection_timeout_seconds: 120,
  troubleshooting_url: '',
  subsystems: [],
  health: { healthy: false, reason: 'the agent has not connected yet' },
  display_apps: ['web_terminal'],
  log_sources: [],
  scripts: [],
  startup_script_behavior: 'non-blocking',
}
const resource = {
  id,
  created_at: time,
  job_id: id,
  workspace_transition: 'start',
  type: 'terraform_data',
  name: 'home',
  hide: false,
  icon: '',
  agents: [agent],
  daily_cost: 0,
}
const build = {
  id,
  ...stamps,
  workspace_id: id,
  workspace_name: 'dev',
  workspace_owner_id: id,
  template_version_id: id,
  template_version_name: 'first',
  build_number: 1,
  transition: 'start',
  initiator_id: id,
  initiator_name: 'ada',
  job,
  reason: 'initiator',
  resources: [resource],
  deadline: null,
  max_deadline: null,
  status: 'pending',
  daily_cost: 0,
  matched_provisioners: { count: 3, available: 3, most_recently_seen: time },
  template_version_preset_id: null,
}
const workspace = {
  id,
  ...stamps,
  owner_id: id,
  owner_name: 'ada',
  owner_avatar_url: '',
  organization_id: id,
  organization_name: 'coder',
  template_id: id,
  template_name: 'host',
  template_display_name: '',
  template_icon: '',
  template_allow_user_cancel_workspace_jobs: true,
  template_active_version_id: id,
  template_require_active_version: false,
  template_use_classic_parameter_flow: false,
  latest_build: build,
  latest_app_status: null,
  outdated: false,
  name: 'dev',
  last_used_at: zeroTime,
  deleting_at: null,
  dormant_at: null,
  health: { healthy: true, failing_agents: [] },
  automatic_updates: 'never',
  allow_renames: false,
  favorite: false,
  next_start_at: null,
  is_prebuild: false,
  task_id: null,
}
const user = {
  id,
  username: 'ada',
  email: 'ada@example.com',
  ...stamps,
  last_seen_at: zeroTime,
  status: 'active',
  login_type: 'password',
  organization_ids: [id],
  roles: [{ name: 'owner', display_name: 'Owner' }],
}
const version = {
  id,
  template_id: zeroUuid,
  organization_id: id,
  ...stamps,
  name: 'first',
  message: '',
  job,
  readme: '',
  created_by: { id, username: 'ada' },
  archived: false,
  has_external_agent: false,
}
const never = { P50: null, P95: null }
const template = {
  id,
  ...stamps,
  organization_id: id,
  organization_name: 'coder',
  organization_display_name: 'Coder',
  organization_icon: '',
  name: 'host',
  display_name: '',
  provisioner: 'terraform',
  active_version_id: id,
  active_user_count: -1,
  build_time_stats: { start: never, stop: never, delete: never },
  description: '',
  deprecated: false,
  deprecation_message: '',
  icon: '',
  default_ttl_ms: 0,
  activity_bump_ms: 0,
  autostop_requirement: { days_of_week: [], weeks: 1 },
  autostart_requirement: { days_of_week: ['monday'] },
  created_by_id: id,
  created_by_name: 'ada',
  allow_user_autostart: true,
  allow_user_autostop: true,
  allow_user_cancel_workspace_jobs: true,
  failure_ttl_ms: 0,
  time_til_dormant_ms: 0,
  time_til_dormant_autodelete_ms: 0,
  require_active_version: false,
  max_port_share_level: 'owner',
  cors_behavior: 'simple',
  use_classic_parameter_flow: false,
  disable_module_cache: false,
}

const problems = (schema: TSchema, value: unknown) => Compile(schema).Errors(value)

describe('a sample', () => {
  test.each([
    ['user', User, user],
    ['template', Template, template],
    ['template version', TemplateVersion, version],
    ['agent', WorkspaceAgent, agent],
    ['build', WorkspaceBuild, build],
    ['workspace', Workspace, workspace],
  ] as const)('%s is valid, and invalid without any one of its keys', (_, schema, sample) => {
    expect(problems(schema, sample)).toEqual([])
    const required = (schema as { required?: readonly string[] }).required ?? []
    expect(required).not.toHaveLength(0)
    for (const key of required) expect(problems(schema, { ...sample, [key]: undefined }), key).not.toEqual([])
  })
})

describe('a request', () => {
  test('accepts the nulls and zero ids that Go clients send for omitted values', () => {
    const request = { name: 'dev', template_id: id, template_version_id: zeroUuid, rich_parameter_values: null }
    expect(problems(CreateWorkspaceRequest, request)).toEqual([])
    const newUser = { email: 'ada@example.com', username: 'ada', login_type: '', organization_ids: null }
    expect(problems(CreateUserRequest, newUser)).toEqual([])
  })

  test.each(['new', 'create', '-dev', 'dev-', 'a--b', 'a_b', '', 'x'.repeat(33)])('rejects the name %j', (name) => {
    expect(problems(Name, name)).not.toEqual([])
  })

  test.each(['newer', 'a', 'Dev-2'])('accepts the name %j', (name) => {
    expect(problems(Name, name)).toEqual([])
  })

  test('can leave the version name to the server', () => {
    expect(problems(VersionName, '')).toEqual([])
    expect(problems(VersionName, 'v1.2_rc-3')).toEqual([])
    expect(problems(VersionName, 'v1..2')).not.toEqual([])
  })
})

test('a nullable schema accepts null and its own values, and nothing else', () => {
  expect(problems(nullable(Timestamp), null)).toEqual([])
  expect(problems(nullable(Timestamp), zeroTime)).toEqual([])
  expect(problems(nullable(Timestamp), 'yesterday')).not.toEqual([])
  expect(() => nullable({} as TSchema)).toThrow('one JSON type')
})

test('an error response omits empty fields', () => {
  expect(notFound().toResponse()).toEqual({
    message: 'Resource not found or you do not have access to this resource',
  })
  const validations = [{ field: 'name', detail: 'taken' }]
  expect(validationFailed(validations).toResponse()).toEqual({ message: 'Validation failed.', validations })
})
