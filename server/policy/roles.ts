// The table of roles: who may do what to what. One line a resource; nothing here is looked up anywhere else. How it is
// asked is policy.ts.

import type { Action, Resource } from '../../api/rbac.ts'

/** Actions by resource; `'*'` as a resource is every resource without a line of its own, as actions all of them. */
export type Grants = Readonly<Partial<Record<Resource | '*', readonly Action[] | '*'>>>

export interface Role {
  readonly displayName: string
  /** Everywhere, to everything. */
  readonly site?: Grants
  /** To what belongs to the organization in which the role is held. */
  readonly organization?: Grants
  /** To what belongs to the one who has the role; of a role in an organization, to what of that is there. */
  readonly own?: Grants
  /** Taken away again from what organizations and ownership give; not from what a site role gives. */
  readonly denied?: Grants
}

const crud = ['create', 'read', 'update', 'delete'] as const
const read = ['read'] as const
const assign = ['read', 'assign', 'unassign'] as const

// A dormant workspace is woken first: until then nobody starts it or gets in.
const dormant = ['read', 'update', 'delete', 'create', 'stop', 'create_agent', 'delete_agent'] as const
const othersWorkspaces = [...crud, 'start', 'stop', 'share', 'create_agent', 'delete_agent', 'update_agent'] as const
const prebuilt = ['update', 'delete'] as const

/** Roles of the whole deployment. `member` is everybody's without being written anywhere. */
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
      // Whom a template is shared with as its admin gives it new versions.
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

/** Roles held in an organization. `organization-member` is every member's without being written anywhere. */
export const organizationRoles = {
  'organization-admin': {
    displayName: 'Organization Admin',
    site: { user: read },
    organization: {
      '*': '*',
      // Whoever runs the organization is not by that inside everybody's workspace.
      workspace: othersWorkspaces,
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
    // Whoever takes people in has to find them first.
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
      // Whoever may share a workspace must be able to name with whom.
      organization_member: read,
      group: read,
    },
  },
} as const satisfies Record<string, Role>

/** What a list of people who may use something gives: an entry of a template's or a workspace's access list. */
export const listedGrants: Readonly<
  Record<'template' | 'workspace', Readonly<Record<string, readonly Action[] | '*'>>>
> = {
  template: { use: ['read', 'use'], admin: '*' },
  workspace: { use: ['read', 'ssh', 'application_connect', 'start', 'stop'], admin: '*' },
}

/** Resources that lie in an organization whether or not a question says in which. */
export const inOrganization: ReadonlySet<Resource> = new Set<Resource>([
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
