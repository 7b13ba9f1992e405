// Canned deployments: no, some and a thousand workspaces; a running build, a failed build, long names, no users.

import type { User } from '../../api/account/users.ts'
import type { WorkspaceAgent } from '../../api/agents/agents.ts'
import type { ProvisionerJob, ProvisionerJobLog } from '../../api/organizations/provisioner-jobs.ts'
import type {
  DynamicParametersRequest,
  DynamicParametersResponse,
  TemplateVersionParameter,
} from '../../api/templates/template-versions.ts'
import type { Template } from '../../api/templates/templates.ts'
import type { WorkspaceBuild, WorkspaceResource, WorkspaceStatus } from '../../api/workspaces/builds.ts'
import type { Workspace } from '../../api/workspaces/workspaces.ts'

export type FixtureName =
  | 'empty'
  | 'one'
  | 'list'
  | 'thousand'
  | 'building'
  | 'failed'
  | 'long'
  | 'signed-out'
  | 'no-users'
  | 'failing'
  | 'slow'

export interface Fixture {
  readonly workspaces: readonly Workspace[]
  readonly isSignedIn: boolean
  readonly hasUsers: boolean
  /** The list of workspaces returns an error. */
  readonly fails: boolean
  /** The list of workspaces never returns. */
  readonly isSlow: boolean
  readonly staysBuilding: boolean
}

const id = (number: number): string => `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`
const now = Date.now()
const ago = (ms: number): string => new Date(now - ms).toISOString()
const minute = 60_000
const hour = 60 * minute

export const me: User = {
  id: id(900),
  username: 'dev',
  email: 'dev@localhost',
  created_at: ago(hour),
  updated_at: ago(hour),
  last_seen_at: ago(0),
  status: 'active',
  login_type: 'password',
  organization_ids: [id(901)],
  roles: [{ name: 'owner', display_name: 'Owner' }],
}

const noRequirement = { days_of_week: [], weeks: 1 }
export const template: Template = {
  id: id(800),
  created_at: ago(hour),
  updated_at: ago(hour),
  organization_id: id(901),
  organization_name: 'default',
  organization_display_name: 'Default',
  organization_icon: '',
  name: 'this-computer',
  display_name: 'This computer',
  provisioner: 'terraform',
  active_version_id: id(801),
  active_user_count: 1,
  build_time_stats: { start: { P50: 290, P95: 400 }, stop: { P50: 120, P95: 200 }, delete: { P50: null, P95: null } },
  description: 'Runs a shell with your permissions in a folder of your choice. This is not a sandbox.',
  deprecated: false,
  deprecation_message: '',
  icon: '',
  default_ttl_ms: 0,
  activity_bump_ms: 0,
  autostop_requirement: noRequirement,
  autostart_requirement: noRequirement,
  created_by_id: me.id,
  created_by_name: 'dev',
  allow_user_autostart: true,
  allow_user_autostop: true,
  allow_user_cancel_workspace_jobs: true,
  failure_ttl_ms: 0,
  time_til_dormant_ms: 0,
  time_til_dormant_autodelete_ms: 0,
  require_active_version: false,
  max_port_share_level: 'owner',
  cors_behavior: 'simple',
  use_classic_parameter_flow: true,
  disable_module_cache: false,
}

const parameter: TemplateVersionParameter = {
  name: 'folder',
  display_name: 'Folder',
  description: 'The folder in which terminals open.',
  description_plaintext: 'The folder in which terminals open.',
  type: 'string',
  form_type: 'input',
  mutable: true,
  default_value: '/home/dev',
  icon: '',
  options: [],
  required: true,
  ephemeral: false,
}

const option = (value: string) => ({ name: value, value, description: '', icon: '' })

export const version: { parameters: TemplateVersionParameter[]; resources: WorkspaceResource[] } = {
  parameters: [
    parameter,
    {
      ...parameter,
      name: 'shell',
      display_name: 'Shell',
      description_plaintext: '',
      description: '',
      default_value: 'zsh',
      form_type: 'radio',
      options: ['zsh', 'bash', 'fish'].map(option),
    },
  ],
  resources: [
    resource('host_process', 'agent', 'start'),
    resource('host_directory', 'workspace', 'start'),
    resource('host_directory', 'workspace', 'stop'),
  ],
}

/** Evaluates the version's parameters: every input is valid. */
export function toDynamicParameters({ id = -1, inputs = {} }: DynamicParametersRequest): DynamicParametersResponse {
  const toValue = (value: string) => ({ value, valid: true })
  const parameters = version.parameters.map((parameter, order) => ({
    name: parameter.name,
    display_name: parameter.display_name ?? '',
    description: parameter.description,
    type: parameter.type,
    form_type: parameter.form_type,
    styling: {},
    mutable: parameter.mutable,
    default_value: toValue(parameter.default_value),
    icon: '',
    options: parameter.options.map((option) => ({ ...option, value: toValue(option.value) })),
    validations: [],
    required: parameter.required,
    order,
    ephemeral: parameter.ephemeral,
    value: toValue(inputs?.[parameter.name] ?? parameter.default_value),
    diagnostics: [],
  }))
  return { id: id ?? 0, diagnostics: [], parameters }
}

function resource(
  type: string,
  name: string,
  transition: 'start' | 'stop',
  agents: WorkspaceAgent[] = [],
): WorkspaceResource {
  return {
    id: `${type}.${name}.${transition}`,
    created_at: ago(hour),
    job_id: id(0),
    workspace_transition: transition,
    type,
    name,
    hide: false,
    icon: '',
    daily_cost: 0,
    agents,
    metadata: [],
  }
}

function agent(number: number, more: Partial<WorkspaceAgent>): WorkspaceAgent {
  return {
    id: id(10_000_000 + number * 10 + 1),
    parent_id: null,
    created_at: ago(3 * minute),
    updated_at: ago(minute),
    first_connected_at: ago(3 * minute - 180),
    last_connected_at: ago(2000),
    started_at: ago(3 * minute - 200),
    ready_at: ago(3 * minute - 400),
    status: 'connected',
    lifecycle_state: 'ready',
    name: 'main',
    resource_id: id(1),
    architecture: 'amd64',
    environment_variables: {},
    operating_system: 'linux',
    logs_length: 0,
    logs_overflowed: false,
    directory: '/home/dev/work/shop',
    expanded_directory: '/home/dev/work/shop',
    version: '0.1.0',
    api_version: '2.0',
    apps: [],
    connection_timeout_seconds: 120,
    troubleshooting_url: '',
    subsystems: [],
    health: { healthy: true },
    display_apps: ['web_terminal'],
    log_sources: [],
    scripts: [],
    startup_script_behavior: 'non-blocking',
    ...more,
  }
}

function job(status: ProvisionerJob['status'], at: number, error?: string): ProvisionerJob {
  const isOver = status === 'succeeded' || status === 'failed' || status === 'canceled'
  return {
    id: id(7),
    created_at: ago(at),
    ...(status === 'pending' ? {} : { started_at: ago(at - 2) }),
    ...(isOver ? { completed_at: ago(at - 290) } : {}),
    ...(error ? { error } : {}),
    status,
    file_id: id(8),
    tags: {},
    queue_position: status === 'pending' ? 2 : 0,
    queue_size: 2,
    organization_id: id(901),
    initiator_id: me.id,
    input: {},
    type: 'workspace_build',
    metadata: {
      template_version_name: '',
      template_id: id(800),
      template_name: '',
      template_display_name: '',
      template_icon: '',
    },
    logs_overflowed: false,
  }
}

interface WorkspaceSpec {
  name: string
  status: WorkspaceStatus
  usedMs: number
  folder?: string
  outdated?: boolean
  agent?: Partial<WorkspaceAgent>
  error?: string
}

const jobStatus: Record<WorkspaceStatus, ProvisionerJob['status']> = {
  pending: 'pending',
  starting: 'running',
  running: 'succeeded',
  stopping: 'running',
  stopped: 'succeeded',
  failed: 'failed',
  canceling: 'canceling',
  canceled: 'canceled',
  deleting: 'running',
  deleted: 'succeeded',
}

function workspace(spec: WorkspaceSpec, number: number): Workspace {
  const { name, status, usedMs } = spec
  const isRunning = status === 'running'
  const folder = spec.folder ?? `/home/dev/work/${name}`
  const agents = isRunning ? [agent(number, { directory: folder, expanded_directory: folder, ...spec.agent })] : []
  const at = status === 'starting' ? 2000 : usedMs + 3 * minute
  const build: WorkspaceBuild = {
    id: id(20_000 + number),
    created_at: ago(at),
    updated_at: ago(at),
    workspace_id: id(30_000 + number),
    workspace_name: name,
    workspace_owner_id: me.id,
    workspace_owner_name: 'dev',
    template_version_id: id(801),
    template_version_name: 'gentle_fox1',
    build_number: 12,
    transition: status === 'stopped' || status === 'stopping' ? 'stop' : 'start',
    initiator_id: me.id,
    initiator_name: 'dev',
    job: job(jobStatus[status], at, spec.error),
    matched_provisioners: { count: 0, available: 0, most_recently_seen: null },
    reason: 'initiator',
    resources: isRunning
      ? [resource('host_process', 'agent', 'start', agents), resource('host_directory', 'workspace', 'start')]
      : [],
    deadline: null,
    max_deadline: null,
    status,
    daily_cost: 0,
    template_version_preset_id: null,
  }
  return {
    id: id(30_000 + number),
    created_at: ago(hour),
    updated_at: ago(hour),
    owner_id: me.id,
    owner_name: 'dev',
    owner_avatar_url: '',
    organization_id: id(901),
    organization_name: 'default',
    template_id: id(800),
    template_name: 'this-computer',
    template_display_name: 'This computer',
    template_icon: '',
    template_allow_user_cancel_workspace_jobs: true,
    template_active_version_id: id(801),
    template_require_active_version: false,
    template_use_classic_parameter_flow: true,
    latest_build: build,
    latest_app_status: null,
    outdated: spec.outdated ?? false,
    name,
    last_used_at: ago(usedMs),
    deleting_at: null,
    dormant_at: null,
    health: { healthy: agents.every(({ health }) => health.healthy), failing_agents: [] },
    automatic_updates: 'never',
    allow_renames: true,
    favorite: false,
    next_start_at: null,
    is_prebuild: false,
    task_id: null,
  }
}

const diagnostic = `Error: Unknown attribute

  with host_process.agent,
  on main.tf:48:27
  48:   limits = { cpu = "2", memmory = "4Gi" }
                              ^^^^^^^

There is no attribute "memmory" here. Did you mean "memory"? No resources were created.`

const unhealthyReason = 'The agent exited when the computer restarted at 09:12.'

const exampleWorkspaces: WorkspaceSpec[] = [
  { name: 'brave-otter', status: 'running', usedMs: 0, folder: '/home/dev/work/shop' },
  { name: 'api-dev', status: 'running', usedMs: 3 * minute },
  { name: 'pi-lab', status: 'running', usedMs: 12 * minute, folder: '/home/dev' },
  { name: 'train-cuda', status: 'starting', usedMs: 0 },
  {
    name: 'docs',
    status: 'running',
    usedMs: hour,
    outdated: true,
    agent: { status: 'disconnected', health: { healthy: false, reason: unhealthyReason } },
  },
  { name: 'k8s-trial', status: 'failed', usedMs: 26 * hour, error: diagnostic },
  { name: 'old-experiment', status: 'stopped', usedMs: 6 * 24 * hour, outdated: true },
]

const statuses = ['running', 'stopped', 'failed', 'running', 'stopping', 'stopped'] as const
const thousand: WorkspaceSpec[] = Array.from({ length: 1000 }, (_, index) => ({
  name: `workspace-${index}`,
  status: statuses[index % statuses.length] ?? 'running',
  usedMs: index * minute,
}))

const long: WorkspaceSpec[] = [
  {
    name: 'a-very-long-name-of-32-characters',
    status: 'running',
    usedMs: 0,
    folder: `/home/dev/${'deeply/nested/'.repeat(8)}project`,
  },
  { name: 'cjk-folder', status: 'running', usedMs: minute, folder: '/home/dev/仕事/買い物サイト' },
  { name: 'rtl-folder', status: 'stopped', usedMs: hour, folder: '/home/dev/مشروع/متجر', outdated: true },
]

const workspacesByFixture: Partial<Record<FixtureName, WorkspaceSpec[]>> = {
  one: exampleWorkspaces.slice(0, 1),
  list: exampleWorkspaces,
  thousand,
  building: exampleWorkspaces,
  failed: exampleWorkspaces,
  long,
  failing: exampleWorkspaces,
  slow: exampleWorkspaces,
}

export function createFixture(name: FixtureName): Fixture {
  return {
    workspaces: (workspacesByFixture[name] ?? []).map(workspace),
    isSignedIn: name !== 'signed-out' && name !== 'no-users',
    hasUsers: name !== 'no-users',
    fails: name === 'failing',
    isSlow: name === 'slow',
    staysBuilding: name === 'building',
  }
}

const buildLogLines: [string, ProvisionerJobLog['log_level'], string][] = [
  ['Setting up', 'info', 'Unpacked template version gentle_fox1 (3 files).'],
  ['Planning infrastructure', 'info', 'data.coder_parameter.folder: read'],
  ['Planning infrastructure', 'info', 'Plan: 2 to add, 0 to change, 0 to destroy.'],
  ['Starting workspace', 'info', 'host_directory.workspace: creating'],
  ['Starting workspace', 'info', 'host_directory.workspace: created after 4 ms'],
  ['Starting workspace', 'warn', 'host_process.agent: the shell zsh is not in /etc/shells, using it anyway'],
  ['Starting workspace', 'info', 'host_process.agent: started, pid 4242'],
]

export function buildLog(fixture: Fixture, buildId: string): ProvisionerJobLog[] {
  const build = fixture.workspaces
    .map(({ latest_build: latest }) => latest)
    .find((candidate) => candidate.id === buildId)
  const start = Date.parse(build?.job.started_at ?? ago(0))
  const shown = build?.status === 'failed' ? buildLogLines.slice(0, 2) : buildLogLines
  return shown.map(([stage, level, output], index) => ({
    id: index + 1,
    created_at: new Date(start + 8 + index * 40).toISOString(),
    log_source: 'provisioner',
    log_level: level,
    stage,
    output,
  }))
}
