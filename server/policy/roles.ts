// The built-in roles: the actions that each role grants per resource. policy.ts evaluates them.

import type { Action, Resource } from '../../api/rbac.ts'

/** Resource → actions. The resource `'*'` matches every resource without its own entry; the actions `'*'` match all. */
export type Grants = Readonly<Partial<Record<Resource | '*', readonly Action[] | '*'>>>

export interface Role {
  readonly displayName: string
  /** On all objects of the deployment. */
  readonly site?: Grants
  /** On objects of the organization in which the role is held. */
  readonly organization?: Grants
  /** On objects that the principal owns; for an organization role, only those in the organization. */
  readonly own?: Grants
  /** Overrides the organization and owner grants, but not the site grants. */
  readonly denied?: Grants
}

const crud = ['create', 'read', 'update', 'delete'] as const
const read = ['read'] as const
const assign = ['read', 'assign', 'unassign'] as const

// A dormant workspace cannot be started or connected to until it is activated.
const dormant = ['read', 'update', 'delete', 'create', 'stop', 'create_agent', 'delete_agent'] as const
const organizationWorkspaceActions = [
  ...crud,
  'start',
  'stop',
  'share',
  'create_agent',
  'delete_agent',
  'update_agent',
] as const
const prebuilt = ['update', 'delete'] as const

/** Site roles. Every user has `member` implicitly; it is not stored. */
export const siteRoles = {
  owner: {
    displayName: 'Owner',
    site: { '*': '*', workspace_dormant: dormant, prebuilt_workspace: prebuilt, usage_event: [], user_secret: [] },
  },
  'template-admin': {
    displayName: 'Template Admin',
    site: {
      template: '*',
      file: ['create', 'read'],
      workspace: read,
      prebuilt_workspace: prebuilt,
      provisioner_daemon: crud,
      user: read,
      assign_org_role: read,
      group: read,
      group_member: read,
      organization: read,
      organization_member: read,
    },
  },
  'user-admin': {
    displayName: 'User Admin',
    site: {
      user: '*',
      assign_role: assign,
      assign_org_role: assign,
      group: crud,
      group_member: read,
      organization: read,
      organization_member: crud,
      idpsync_settings: ['read', 'update'],
    },
  },
  auditor: {
    displayName: 'Auditor',
    site: {
      audit_log: read,
      connection_log: read,
      template: ['read', 'view_insights'],
      user: read,
      assign_org_role: read,
      group: read,
      group_member: read,
      organization: read,
      organization_member: read,
      deployment_stats: read,
      deployment_config: read,
      aibridge_interception: read,
    },
  },
  member: {
    displayName: 'Member',
    site: {
      assign_role: read,
      oauth2_app: read,
      workspace_proxy: read,
      deployment: read,
    },
    own: {
      user: ['read', 'read_personal', 'update_personal'],
      organization_member: read,
      api_key: '*',
      workspace: '*',
      workspace_dormant: dormant,
      workspace_agent_devcontainers: '*',
      workspace_agent_resource_monitor: '*',
      task: '*',
      // A user with the `admin` entry in a template's access list uploads the files of new versions.
      file: ['create', 'read'],
      inbox_notification: '*',
      notification_message: '*',
      notification_preference: '*',
      oauth2_app_code_token: '*',
      aibridge_interception: ['create', 'read', 'update'],
      user_secret: '*',
      webpush_subscription: '*',
      launch_code: ['create'],
    },
  },
} as const satisfies Record<string, Role>

/** Organization roles. Every member has `organization-member` implicitly; it is not stored. */
export const organizationRoles = {
  'organization-admin': {
    displayName: 'Organization Admin',
    site: { user: read },
    organization: {
      '*': '*',
      // Administering an organization does not include access into its workspaces.
      workspace: organizationWorkspaceActions,
      workspace_dormant: dormant,
      prebuilt_workspace: prebuilt,
      assign_role: [],
      user: [],
      user_secret: [],
    },
  },
  'organization-auditor': {
    displayName: 'Organization Auditor',
    organization: {
      audit_log: read,
      connection_log: read,
      template: ['read', 'view_insights'],
      group: read,
      group_member: read,
      organization: read,
      organization_member: read,
    },
  },
  'organization-user-admin': {
    displayName: 'Organization User Admin',
    // Needed to find the users to add.
    site: { user: read },
    organization: {
      assign_org_role: assign,
      organization: read,
      organization_member: crud,
      group: crud,
      group_member: read,
      idpsync_settings: ['read', 'update'],
    },
  },
  'organization-template-admin': {
    displayName: 'Organization Template Admin',
    organization: {
      template: '*',
      file: ['create', 'read'],
      workspace: read,
      prebuilt_workspace: prebuilt,
      organization: read,
      organization_member: read,
      group: read,
      group_member: read,
      provisioner_daemon: crud,
      provisioner_jobs: ['create', 'read', 'update'],
    },
  },
  'organization-workspace-creation-ban': {
    displayName: 'Organization Workspace Creation Ban',
    denied: {
      workspace: ['create', 'delete', 'create_agent', 'delete_agent'],
    },
  },
  'organization-member': {
    displayName: 'Organization Member',
    organization: {
      organization: read,
      assign_org_role: read,
      provisioner_daemon: read,
      // Needed to choose the users and groups to share a workspace with.
      organization_member: read,
      group: read,
    },
  },
} as const satisfies Record<string, Role>

/** The actions that an entry of a template's or workspace's access list grants. */
export const accessListGrants: Readonly<
  Record<'template' | 'workspace', Readonly<Record<string, readonly Action[] | '*'>>>
> = {
  template: { use: ['read', 'use'], admin: '*' },
  workspace: { use: ['read', 'ssh', 'application_connect', 'start', 'stop'], admin: '*' },
}

/** Resources that belong to an organization, even if the authorization object does not name it. */
export const organizationResources: ReadonlySet<Resource> = new Set<Resource>([
  'assign_org_role',
  'audit_log',
  'connection_log',
  'file',
  'group',
  'group_member',
  'idpsync_settings',
  'organization',
  'organization_member',
  'prebuilt_workspace',
  'provisioner_daemon',
  'provisioner_jobs',
  'task',
  'template',
  'workspace',
  'workspace_agent_devcontainers',
  'workspace_agent_resource_monitor',
  'workspace_dormant',
])
