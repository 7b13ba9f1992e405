// Resource types and actions of the authorization policy. Most are Coder's, because clients use the names in authorization
// checks and token scopes. The server defines the permissions of each role.

const crud = ['create', 'read', 'update', 'delete'] as const
const workspaceActions = [
  ...crud,
  'start',
  'stop',
  'ssh',
  'application_connect',
  'share',
  'create_agent',
  'delete_agent',
  'update_agent',
] as const

/** Each resource type with its actions. `<resource>:<action>` is a token scope. */
export const resourceActions = {
  aibridge_interception: ['create', 'read', 'update'],
  api_key: crud,
  assign_org_role: [...crud, 'assign', 'unassign'],
  assign_role: ['read', 'assign', 'unassign'],
  audit_log: ['create', 'read'],
  boundary_usage: ['read', 'update', 'delete'],
  connection_log: ['read', 'update'],
  crypto_key: crud,
  debug_info: ['read'],
  deployment_config: ['read', 'update'],
  deployment_stats: ['read'],
  file: ['create', 'read'],
  group: crud,
  group_member: ['read'],
  idpsync_settings: ['read', 'update'],
  inbox_notification: ['create', 'read', 'update'],
  license: ['create', 'read', 'delete'],
  notification_message: crud,
  notification_preference: ['read', 'update'],
  notification_template: ['read', 'update'],
  oauth2_app: crud,
  oauth2_app_code_token: ['create', 'read', 'delete'],
  oauth2_app_secret: crud,
  organization: crud,
  organization_member: crud,
  prebuilt_workspace: ['update', 'delete'],
  provisioner_daemon: crud,
  provisioner_jobs: ['create', 'read', 'update'],
  replicas: ['read'],
  system: crud,
  tailnet_coordinator: crud,
  task: crud,
  template: [...crud, 'use', 'view_insights'],
  usage_event: ['create', 'read', 'update'],
  user: [...crud, 'read_personal', 'update_personal'],
  user_secret: crud,
  webpush_subscription: ['create', 'read', 'delete'],
  workspace: workspaceActions,
  workspace_agent_devcontainers: ['create'],
  workspace_agent_resource_monitor: ['create', 'read', 'update'],
  workspace_dormant: workspaceActions,
  workspace_proxy: crud,
} as const

type CoderResource = keyof typeof resourceActions

/** Coder's resources and two of Coder Local: `deployment` is information readable by all users, `launch_code` a one-time sign-in link. */
export type Resource = CoderResource | 'deployment' | 'launch_code'

/** Coder's actions and one of Coder Local, `list`: requesting a list that contains only readable objects, possibly none. */
export type Action = (typeof resourceActions)[CoderResource][number] | 'list'

export const isResource = (name: string): name is CoderResource => Object.hasOwn(resourceActions, name)
