// Types of the database tables, one interface per table, in the order of the migrations. Written by hand; a test compares
// them with a migrated database.
//
// Conversions (see connect.ts): timestamptz(3) is a Date, bigint a number, bytea a Buffer, uuid and text are strings;
// jsonb is read as a value and written as a JSON string.

import type { ColumnType, Generated, GeneratedAlways, Insertable, Selectable, Updateable } from 'kysely'
import type { NotificationMethod } from '../../api/account/notifications.ts'
import type {
  SharingLevel,
  WorkspaceAgentLifecycle,
  WorkspaceAppHealth,
  WorkspaceAppOpenIn,
  WorkspaceAppStatusState,
} from '../../api/agents/agents.ts'
import type { TerminalLayouts, TerminalPreferences } from '../../api/agents/terminals.ts'
import type { ConnectionType } from '../../api/deployment/connection-log.ts'
import type {
  JobErrorCode,
  LogLevel,
  LogSource,
  ProvisionerJobStatus,
  ProvisionerJobType,
} from '../../api/organizations/provisioner-jobs.ts'
import type {
  ParameterFormType,
  ParameterType,
  TemplateVersionParameter,
  TemplateVersionParameterOption,
} from '../../api/templates/template-versions.ts'
import type { CorsBehavior } from '../../api/templates/templates.ts'
import type { LoginType, UserStatus } from '../../api/user-fields.ts'
import type { TimingStage, WorkspaceTransition } from '../../api/workspaces/builds.ts'
import type { PortShareProtocol } from '../../api/workspaces/port-shares.ts'
import type { AutomaticUpdates } from '../../api/workspaces/workspaces.ts'

/** A selected row, such as `Row<'users'>`. */
export type Row<Table extends keyof Database> = Selectable<Database[Table]>
/** The values of an insert. */
export type NewRow<Table extends keyof Database> = Insertable<Database[Table]>
/** The values of an update. */
export type RowChange<Table extends keyof Database> = Updateable<Database[Table]>

/** A timestamp with the default now(). */
type CreatedAt = Generated<Date>
/** A jsonb column with a default, written with JSON.stringify. */
type GeneratedJson<Value> = ColumnType<Value, string | undefined, string>

/** The database also accepts oauth2_provider_app, which is not used. */
export type StoredLoginType = Exclude<LoginType, ''>
export type JobStatus = Exclude<ProvisionerJobStatus, 'unknown'>
/** Stages of a provisioner job; the other ones are stages of agents. */
export type JobTimingStage = Extract<TimingStage, 'init' | 'plan' | 'graph' | 'apply'>

export interface Database {
  site_configs: SiteConfigsTable
  organizations: OrganizationsTable
  users: UsersTable
  user_status_changes: UserStatusChangesTable
  organization_members: OrganizationMembersTable
  groups: GroupsTable
  group_members: GroupMembersTable
  members_of_groups: MembersOfGroupsView
  custom_roles: CustomRolesTable
  provisioner_keys: ProvisionerKeysTable
  api_keys: ApiKeysTable
  launch_codes: LaunchCodesTable
  files: FilesTable
  provisioner_daemons: ProvisionerDaemonsTable
  provisioner_jobs: ProvisionerJobsTable
  provisioner_job_logs: ProvisionerJobLogsTable
  provisioner_job_timings: ProvisionerJobTimingsTable
  templates: TemplatesTable
  template_versions: TemplateVersionsTable
  template_version_parameters: TemplateVersionParametersTable
  template_version_variables: TemplateVersionVariablesTable
  template_version_presets: TemplateVersionPresetsTable
  template_version_preset_parameters: TemplateVersionPresetParametersTable
  template_usage_stats: TemplateUsageStatsTable
  workspaces: WorkspacesTable
  workspace_builds: WorkspaceBuildsTable
  workspace_build_parameters: WorkspaceBuildParametersTable
  workspace_resources: WorkspaceResourcesTable
  workspace_resource_metadata: WorkspaceResourceMetadataTable
  workspace_agents: WorkspaceAgentsTable
  workspace_agent_log_sources: WorkspaceAgentLogSourcesTable
  workspace_agent_scripts: WorkspaceAgentScriptsTable
  workspace_agent_script_timings: WorkspaceAgentScriptTimingsTable
  workspace_agent_logs: WorkspaceAgentLogsTable
  workspace_agent_metadata: WorkspaceAgentMetadataTable
  workspace_apps: WorkspaceAppsTable
  audit_logs: AuditLogsTable
  connection_logs: ConnectionLogsTable
  workspace_generation: WorkspaceGenerationTable
  workspace_agent_port_shares: WorkspaceAgentPortSharesTable
  workspace_app_statuses: WorkspaceAppStatusesTable
  workspace_agent_stats: WorkspaceAgentStatsTable
  workspace_agent_metadata_values: WorkspaceAgentMetadataValuesTable
  workspace_agent_resource_monitors: WorkspaceAgentResourceMonitorsTable
  tasks: TasksTable
  task_snapshots: TaskSnapshotsTable
  git_ssh_keys: GitSshKeysTable
  notification_messages: NotificationMessagesTable
  notification_preferences: NotificationPreferencesTable
  notification_template_methods: NotificationTemplateMethodsTable
  inbox_notifications: InboxNotificationsTable
  terminal_preferences: TerminalPreferencesTable
  terminal_layouts: TerminalLayoutsTable
  terminal_commands: TerminalCommandsTable
  encryption_keys: EncryptionKeysTable
}

interface SiteConfigsTable {
  key: string
  value: string
}

interface OrganizationsTable {
  id: Generated<string>
  name: string
  display_name: Generated<string>
  description: Generated<string>
  icon: Generated<string>
  is_default: Generated<boolean>
  deleted: Generated<boolean>
  created_at: CreatedAt
  updated_at: CreatedAt
  workspace_sharing_disabled: Generated<boolean>
}

interface UsersTable {
  id: Generated<string>
  username: string
  email: string
  name: Generated<string>
  avatar_url: Generated<string>
  hashed_password: string | null
  status: Generated<UserStatus>
  rbac_roles: Generated<string[]>
  login_type: Generated<StoredLoginType>
  theme_preference: Generated<string>
  quiet_hours_schedule: Generated<string>
  deleted: Generated<boolean>
  last_seen_at: Date | null
  created_at: CreatedAt
  updated_at: CreatedAt
  terminal_font: Generated<string>
  task_notification_alert_dismissed: Generated<boolean>
  hashed_one_time_passcode: Buffer | null
  one_time_passcode_expires_at: Date | null
}

interface UserStatusChangesTable {
  id: Generated<number>
  user_id: string
  new_status: UserStatus | null
  changed_at: CreatedAt
}

interface OrganizationMembersTable {
  organization_id: string
  user_id: string
  roles: Generated<string[]>
  created_at: CreatedAt
  updated_at: CreatedAt
}

interface GroupsTable {
  id: Generated<string>
  organization_id: string
  name: string
  display_name: Generated<string>
  avatar_url: Generated<string>
  /** Daily cost that the group adds to the workspace quota of each member. */
  quota_allowance: Generated<number>
  created_at: CreatedAt
  updated_at: CreatedAt
}

interface GroupMembersTable {
  group_id: string
  user_id: string
  created_at: CreatedAt
}

/** A view: explicit group members, and all organization members in the "Everyone" group. */
interface MembersOfGroupsView {
  group_id: string
  user_id: string
}

/** A permission of a custom role. `negate` revokes it. */
export interface StoredPermission {
  negate: boolean
  resource_type: string
  action: string
}

interface CustomRolesTable {
  organization_id: string
  name: string
  display_name: Generated<string>
  organization_permissions: GeneratedJson<StoredPermission[]>
  member_permissions: GeneratedJson<StoredPermission[]>
  created_at: CreatedAt
  updated_at: CreatedAt
}

interface ProvisionerKeysTable {
  id: Generated<string>
  organization_id: string
  name: string
  hashed_secret: Buffer
  tags: GeneratedJson<Record<string, string>>
  created_at: CreatedAt
}

interface ApiKeysTable {
  id: string
  hashed_secret: Buffer
  user_id: string
  login_type: StoredLoginType
  token_name: Generated<string>
  scopes: Generated<string[]>
  allow_list: GeneratedJson<{ type: string; id: string }[]>
  lifetime_seconds: number
  ip_address: Generated<string>
  last_used_at: Date | null
  expires_at: Date
  created_at: CreatedAt
  updated_at: CreatedAt
  page_port: number | null
}

interface LaunchCodesTable {
  hashed_code: Buffer
  user_id: string | null
  created_at: CreatedAt
  expires_at: Date
  used_at: Date | null
}

interface FilesTable {
  id: Generated<string>
  hash: string
  created_by: string
  mimetype: string
  data: Buffer
  created_at: CreatedAt
}

interface ProvisionerDaemonsTable {
  id: Generated<string>
  organization_id: string
  name: string
  version: Generated<string>
  api_version: Generated<string>
  provisioners: Generated<string[]>
  tags: GeneratedJson<Record<string, string>>
  created_at: CreatedAt
  last_seen_at: Date | null
}

interface ProvisionerJobsTable {
  id: Generated<string>
  organization_id: string
  initiator_id: string
  type: ProvisionerJobType
  file_id: string
  input: GeneratedJson<Record<string, unknown>>
  tags: GeneratedJson<Record<string, string>>
  worker_id: string | null
  error: string | null
  error_code: JobErrorCode | null
  logs_length: Generated<number>
  logs_overflowed: Generated<boolean>
  created_at: CreatedAt
  updated_at: CreatedAt
  started_at: Date | null
  canceled_at: Date | null
  completed_at: Date | null
  job_status: GeneratedAlways<JobStatus>
}

interface ProvisionerJobLogsTable {
  id: Generated<number>
  job_id: string
  created_at: CreatedAt
  source: LogSource
  level: LogLevel
  stage: string
  output: string
}

interface ProvisionerJobTimingsTable {
  job_id: string
  started_at: Date
  ended_at: Date
  stage: JobTimingStage
  source: string
  action: string
  resource: string
}

interface TemplatesTable {
  id: Generated<string>
  organization_id: string
  name: string
  display_name: Generated<string>
  description: Generated<string>
  icon: Generated<string>
  active_version_id: string
  created_by: string
  default_ttl_ms: Generated<number>
  activity_bump_ms: Generated<number>
  autostop_requirement_days_of_week: Generated<string[]>
  autostop_requirement_weeks: Generated<number>
  autostart_requirement_days_of_week: Generated<string[]>
  allow_user_cancel_workspace_jobs: Generated<boolean>
  allow_user_autostart: Generated<boolean>
  allow_user_autostop: Generated<boolean>
  failure_ttl_ms: Generated<number>
  time_til_dormant_ms: Generated<number>
  time_til_dormant_autodelete_ms: Generated<number>
  require_active_version: Generated<boolean>
  max_port_share_level: Generated<SharingLevel>
  cors_behavior: Generated<CorsBehavior>
  use_classic_parameter_flow: Generated<boolean>
  disable_module_cache: Generated<boolean>
  user_acl: GeneratedJson<Record<string, string>>
  group_acl: GeneratedJson<Record<string, string>>
  deprecation_message: Generated<string>
  deleted: Generated<boolean>
  created_at: CreatedAt
  updated_at: CreatedAt
}

interface TemplateVersionsTable {
  id: Generated<string>
  organization_id: string
  template_id: string | null
  name: string
  message: Generated<string>
  readme: Generated<string>
  job_id: string
  source_example_id: string | null
  has_external_agent: Generated<boolean>
  has_ai_task: Generated<boolean>
  archived: Generated<boolean>
  created_by: string
  created_at: CreatedAt
  updated_at: CreatedAt
  executes_here: Generated<boolean>
  has_workspace_tags: Generated<boolean>
}

interface TemplateUsageStatsTable {
  start_time: Date
  template_id: string
  user_id: string
  usage_mins: number
  vscode_mins: number
  jetbrains_mins: number
  reconnecting_pty_mins: number
  ssh_mins: number
  median_latency_ms: number | null
}

interface TemplateVersionParametersTable {
  template_version_id: string
  name: string
  display_name: Generated<string>
  description: Generated<string>
  type: ParameterType
  form_type: Generated<ParameterFormType>
  mutable: Generated<boolean>
  default_value: Generated<string>
  icon: Generated<string>
  options: GeneratedJson<TemplateVersionParameterOption[]>
  validation_regex: Generated<string>
  validation_error: Generated<string>
  validation_min: number | null
  validation_max: number | null
  validation_monotonic: Generated<'' | NonNullable<TemplateVersionParameter['validation_monotonic']>>
  required: Generated<boolean>
  ephemeral: Generated<boolean>
  display_order: Generated<number>
}

interface TemplateVersionVariablesTable {
  template_version_id: string
  name: string
  description: Generated<string>
  type: Generated<string>
  /** Encrypted, in base64, if `value_key_id` is set. */
  value: Generated<string>
  default_value: Generated<string>
  required: Generated<boolean>
  sensitive: Generated<boolean>
  value_key_id: string | null
}

interface TemplateVersionPresetsTable {
  id: Generated<string>
  template_version_id: string
  name: string
  description: Generated<string>
  icon: Generated<string>
  is_default: Generated<boolean>
  desired_prebuild_instances: number | null
  created_at: CreatedAt
}

interface TemplateVersionPresetParametersTable {
  template_version_preset_id: string
  name: string
  value: string
}

interface WorkspacesTable {
  id: Generated<string>
  organization_id: string
  owner_id: string
  template_id: string
  name: string
  autostart_schedule: string | null
  ttl_ms: number | null
  automatic_updates: Generated<AutomaticUpdates>
  favorite: Generated<boolean>
  deleted: Generated<boolean>
  last_used_at: Date | null
  next_start_at: Date | null
  dormant_at: Date | null
  deleting_at: Date | null
  created_at: CreatedAt
  updated_at: CreatedAt
  /** Maintained by triggers, like the next two columns. */
  latest_build_id: string | null
  is_running: Generated<boolean>
  owner_sort: Generated<string>
  user_acl: GeneratedJson<Record<string, string>>
  group_acl: GeneratedJson<Record<string, string>>
  terminal_kept_lines: Generated<number>
  terminal_kept_days: Generated<number>
}

interface WorkspaceBuildsTable {
  id: Generated<string>
  workspace_id: string
  template_version_id: string
  template_version_preset_id: string | null
  build_number: number
  transition: WorkspaceTransition
  reason: Generated<string>
  initiator_id: string
  job_id: string
  /** Encrypted if `provisioner_state_key_id` is set. */
  provisioner_state: Buffer | null
  deadline: Date | null
  max_deadline: Date | null
  daily_cost: Generated<number>
  created_at: CreatedAt
  updated_at: CreatedAt
  provisioner_state_key_id: string | null
}

interface WorkspaceBuildParametersTable {
  workspace_build_id: string
  name: string
  value: string
}

interface WorkspaceResourcesTable {
  id: Generated<string>
  job_id: string
  transition: WorkspaceTransition
  type: string
  name: string
  address: Generated<string>
  module_path: Generated<string>
  instance_type: Generated<string>
  hide: Generated<boolean>
  icon: Generated<string>
  daily_cost: Generated<number>
  created_at: CreatedAt
}

interface WorkspaceResourceMetadataTable {
  id: Generated<number>
  resource_id: string
  key: string
  value: string | null
  sensitive: Generated<boolean>
}

interface WorkspaceAgentsTable {
  id: Generated<string>
  resource_id: string
  parent_id: string | null
  name: string
  /** Of an external agent: encrypted, in base64, if `auth_token_key_id` is set. */
  auth_token: string | null
  auth_instance_id: string | null
  operating_system: string
  architecture: string
  environment_variables: GeneratedJson<Record<string, string>>
  directory: Generated<string>
  expanded_directory: Generated<string>
  version: Generated<string>
  api_version: Generated<string>
  subsystems: Generated<string[]>
  lifecycle_state: Generated<WorkspaceAgentLifecycle>
  connection_timeout_seconds: Generated<number>
  troubleshooting_url: Generated<string>
  motd_file: Generated<string>
  display_apps: Generated<string[]>
  api_key_scope: Generated<'all' | 'no_user_data'>
  logs_length: Generated<number>
  logs_overflowed: Generated<boolean>
  display_order: Generated<number>
  process_pid: number | null
  process_started_at: string | null
  boot_id: string | null
  machine_id: string | null
  first_connected_at: Date | null
  last_connected_at: Date | null
  disconnected_at: Date | null
  started_at: Date | null
  ready_at: Date | null
  created_at: CreatedAt
  updated_at: CreatedAt
  /** Null after a later build took the token over, and for agents of imports. */
  hashed_auth_token: Buffer | null
  auth_token_key_id: string | null
}

interface WorkspaceAgentLogSourcesTable {
  id: Generated<string>
  workspace_agent_id: string
  display_name: string
  icon: Generated<string>
  created_at: CreatedAt
}

interface WorkspaceAgentScriptsTable {
  id: Generated<string>
  workspace_agent_id: string
  log_source_id: string
  display_name: Generated<string>
  log_path: Generated<string>
  script: string
  cron: Generated<string>
  run_on_start: Generated<boolean>
  run_on_stop: Generated<boolean>
  start_blocks_login: Generated<boolean>
  timeout_seconds: Generated<number>
  created_at: CreatedAt
}

interface WorkspaceAgentScriptTimingsTable {
  script_id: string
  stage: Extract<TimingStage, 'start' | 'stop' | 'cron'>
  status: 'ok' | 'exit_failure' | 'timed_out' | 'pipes_left_open'
  exit_code: number
  started_at: Date
  ended_at: Date
}

interface WorkspaceAgentLogsTable {
  id: Generated<number>
  agent_id: string
  log_source_id: string
  created_at: CreatedAt
  level: Generated<LogLevel>
  output: string
}

interface WorkspaceAgentMetadataTable {
  workspace_agent_id: string
  key: string
  display_name: Generated<string>
  script: string
  interval_seconds: Generated<number>
  timeout_seconds: Generated<number>
  display_order: Generated<number>
}

interface WorkspaceAgentResourceMonitorsTable {
  workspace_agent_id: string
  kind: 'memory' | 'volume'
  path: Generated<string>
  is_enabled: boolean
  threshold_percent: number
  is_alarming: Generated<boolean>
  quiet_until: Date | null
  updated_at: CreatedAt
}

interface WorkspaceAppsTable {
  id: Generated<string>
  agent_id: string
  slug: string
  display_name: Generated<string>
  icon: Generated<string>
  command: string | null
  url: string | null
  external: Generated<boolean>
  subdomain: Generated<boolean>
  sharing_level: Generated<SharingLevel>
  healthcheck_url: Generated<string>
  healthcheck_interval_seconds: Generated<number>
  healthcheck_threshold: Generated<number>
  health: Generated<WorkspaceAppHealth>
  display_group: Generated<string>
  display_order: Generated<number>
  hidden: Generated<boolean>
  open_in: Generated<WorkspaceAppOpenIn>
  tooltip: Generated<string>
  is_task: Generated<boolean>
  created_at: CreatedAt
}

/** The change of one field. */
export interface FieldChange {
  old: unknown
  new: unknown
  secret: boolean
}

interface AuditLogsTable {
  id: Generated<string>
  time: CreatedAt
  user_id: string | null
  organization_id: string | null
  ip: Generated<string>
  user_agent: Generated<string>
  request_id: string
  resource_type: string
  resource_id: string
  resource_target: Generated<string>
  resource_icon: Generated<string>
  action: string
  diff: GeneratedJson<Record<string, FieldChange>>
  status_code: number
  additional_fields: GeneratedJson<Record<string, unknown>>
}

interface ConnectionLogsTable {
  id: Generated<string>
  connect_time: CreatedAt
  organization_id: string
  workspace_owner_id: string
  workspace_id: string
  workspace_name: string
  agent_name: string
  type: ConnectionType
  ip: Generated<string>
  user_agent: Generated<string>
  user_id: string | null
  connection_id: string | null
  slug_or_port: string | null
  code: number | null
  disconnect_time: Date | null
  disconnect_reason: string | null
}

/** A single row. A trigger increments it when workspaces are created or deleted. */
interface WorkspaceGenerationTable {
  generation: number
}

interface WorkspaceAgentPortSharesTable {
  workspace_id: string
  agent_name: string
  port: number
  share_level: SharingLevel
  protocol: Generated<PortShareProtocol>
}

interface WorkspaceAppStatusesTable {
  id: Generated<string>
  created_at: CreatedAt
  workspace_id: string
  agent_id: string
  app_id: string
  state: WorkspaceAppStatusState
  message: Generated<string>
  uri: Generated<string>
}

interface WorkspaceAgentStatsTable {
  id: Generated<number>
  created_at: CreatedAt
  user_id: string
  agent_id: string
  workspace_id: string
  template_id: string
  connections_by_proto: GeneratedJson<Record<string, number>>
  connection_count: Generated<number>
  connection_median_latency_ms: Generated<number>
  rx_packets: Generated<number>
  rx_bytes: Generated<number>
  tx_packets: Generated<number>
  tx_bytes: Generated<number>
  session_count_vscode: Generated<number>
  session_count_jetbrains: Generated<number>
  session_count_reconnecting_pty: Generated<number>
  session_count_ssh: Generated<number>
  usage: Generated<boolean>
}

interface WorkspaceAgentMetadataValuesTable {
  workspace_agent_id: string
  key: string
  value: Generated<string>
  error: Generated<string>
  collected_at: Date
}

interface TasksTable {
  id: Generated<string>
  organization_id: string
  owner_id: string
  name: string
  display_name: Generated<string>
  workspace_id: string | null
  template_version_id: string
  template_parameters: GeneratedJson<Record<string, string>>
  prompt: string
  created_at: CreatedAt
  deleted_at: Date | null
}

interface TaskSnapshotsTable {
  task_id: string
  log: ColumnType<unknown, string, string>
  created_at: CreatedAt
}

interface GitSshKeysTable {
  user_id: string
  public_key: string
  /** Encrypted, in base64, if `private_key_key_id` is set. */
  private_key: string
  created_at: CreatedAt
  updated_at: CreatedAt
  private_key_key_id: string | null
}

/** The values inserted into the texts of a notification. */
export interface NotificationPayload {
  labels: Record<string, string>
  data: Record<string, unknown>
  created_by: string
}

export type NotificationStatus = 'pending' | 'leased' | 'sent' | 'temporary_failure' | 'permanent_failure' | 'inhibited'

interface NotificationMessagesTable {
  id: Generated<string>
  template_id: string
  user_id: string
  method: 'inbox' | 'default'
  status: Generated<NotificationStatus>
  status_reason: Generated<string>
  payload: ColumnType<NotificationPayload, string, string>
  targets: Generated<string[]>
  attempt_count: Generated<number>
  dedupe_hash: string
  created_at: CreatedAt
  updated_at: CreatedAt
  leased_until: Date | null
  next_retry_after: Date | null
}

interface NotificationPreferencesTable {
  user_id: string
  template_id: string
  disabled: boolean
  created_at: CreatedAt
  updated_at: CreatedAt
}

interface NotificationTemplateMethodsTable {
  template_id: string
  method: NotificationMethod
}

interface InboxNotificationsTable {
  id: string
  user_id: string
  template_id: string
  targets: Generated<string[]>
  title: string
  content: string
  icon: Generated<string>
  actions: GeneratedJson<{ label: string; url: string }[]>
  read_at: Date | null
  created_at: CreatedAt
}

interface TerminalPreferencesTable {
  user_id: string
  preferences: ColumnType<Partial<TerminalPreferences>, string, string>
  updated_at: CreatedAt
}

interface TerminalLayoutsTable {
  user_id: string
  layouts: ColumnType<Omit<TerminalLayouts, 'revision'>, string, string>
  revision: number
  updated_at: CreatedAt
}

interface TerminalCommandsTable {
  id: Generated<string>
  user_id: string
  workspace_id: string
  agent_name: string
  session_id: string
  command: string
  cwd: string
  exit_code: number | null
  started_at: Date
  duration_ms: number
}

/** The keys that may have encrypted values. The keys themselves are outside the database. */
interface EncryptionKeysTable {
  id: string
  created_at: CreatedAt
}
