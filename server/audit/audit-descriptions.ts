// Describes an audit log entry in one sentence, with the placeholders `{user}` and `{target}` for links.

import type { AuditAction, ResourceType } from '../../api/deployment/audit.ts'
import type { Row } from '../database/schema.ts'

/** Verbs of successful and failed actions. */
const verbs: Readonly<Record<AuditAction, readonly [done: string, tried: string]>> = {
  create: ['created', 'create'],
  write: ['changed', 'change'],
  delete: ['deleted', 'delete'],
  start: ['started', 'start'],
  stop: ['stopped', 'stop'],
  login: ['signed in', 'sign in'],
  logout: ['signed out', 'sign out'],
  register: ['registered', 'register'],
  request_password_reset: ['requested a password reset for', 'request a password reset for'],
  connect: ['connected to', 'connect to'],
  disconnect: ['disconnected from', 'disconnect from'],
  open: ['opened', 'open'],
  close: ['closed', 'close'],
}

const nouns: Readonly<Record<ResourceType, string>> = {
  template: 'template',
  template_version: 'template version',
  user: 'user',
  workspace: 'workspace',
  workspace_build: 'workspace',
  git_ssh_key: 'SSH key',
  api_key: 'API key',
  group: 'group',
  license: 'license',
  convert_login: 'login type',
  health_settings: 'health settings',
  notifications_settings: 'notification settings',
  prebuilds_settings: 'prebuild settings',
  workspace_proxy: 'workspace proxy',
  organization: 'organization',
  oauth2_provider_app: 'OAuth2 application',
  oauth2_provider_app_secret: 'OAuth2 application secret',
  custom_role: 'role',
  organization_member: 'organization member',
  notification_template: 'notification template',
  idp_sync_settings_organization: 'organization sync settings',
  idp_sync_settings_group: 'group sync settings',
  idp_sync_settings_role: 'role sync settings',
  workspace_agent: 'workspace agent',
  workspace_app: 'workspace application',
  task: 'task',
}

const withoutObject = new Set(['login', 'logout', 'register'])

export function describeEntry(entry: Pick<Row<'audit_logs'>, 'action' | 'resource_type' | 'status_code'>): string {
  const [done, tried] = verbs[entry.action as AuditAction]
  const verb = entry.status_code >= 400 ? `failed to ${tried}` : done
  if (withoutObject.has(entry.action)) return `{user} ${verb}`
  return `{user} ${verb} ${nouns[entry.resource_type as ResourceType]} {target}`
}
