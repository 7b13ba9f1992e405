// The audit log: actor, action, object and origin of each change.

import { type Static, Type } from 'typebox'
import { User } from '../account/users.ts'
import { nullable, oneOf, Timestamp, Uuid } from '../common.ts'
import { endpoint, user } from '../endpoint.ts'

export const AuditAction = oneOf([
  'create',
  'write',
  'delete',
  'start',
  'stop',
  'login',
  'logout',
  'register',
  'request_password_reset',
  'connect',
  'disconnect',
  'open',
  'close',
])
export type AuditAction = Static<typeof AuditAction>

export const ResourceType = oneOf([
  'template',
  'template_version',
  'user',
  'workspace',
  'workspace_build',
  'git_ssh_key',
  'api_key',
  'group',
  'license',
  'convert_login',
  'health_settings',
  'notifications_settings',
  'prebuilds_settings',
  'workspace_proxy',
  'organization',
  'oauth2_provider_app',
  'oauth2_provider_app_secret',
  'custom_role',
  'organization_member',
  'notification_template',
  'idp_sync_settings_organization',
  'idp_sync_settings_group',
  'idp_sync_settings_role',
  'workspace_agent',
  'workspace_app',
  'task',
])
export type ResourceType = Static<typeof ResourceType>

/** By field name. Secret fields are listed as changed, without their values. */
export const AuditDiff = Type.Record(
  Type.String(),
  Type.Object({ old: Type.Unknown(), new: Type.Unknown(), secret: Type.Boolean() }),
)

export const MinimalOrganization = Type.Object({
  id: Uuid,
  name: Type.String(),
  display_name: Type.String(),
  icon: Type.String(),
})
export type MinimalOrganization = Static<typeof MinimalOrganization>

export const AuditLog = Type.Object({
  id: Uuid,
  request_id: Uuid,
  time: Timestamp,
  ip: Type.String(),
  user_agent: Type.String(),
  resource_type: ResourceType,
  resource_id: Uuid,
  /** Name of the object at the time of the change. */
  resource_target: Type.String(),
  resource_icon: Type.String(),
  action: AuditAction,
  diff: AuditDiff,
  status_code: Type.Integer(),
  additional_fields: Type.Record(Type.String(), Type.Unknown()),
  /** A sentence with `{user}` and `{target}` as placeholders for links. */
  description: Type.String(),
  /** Path of the object's page; empty if it has none. */
  resource_link: Type.String(),
  is_deleted: Type.Boolean(),
  /** The zero ID for objects of the whole deployment. */
  organization_id: Uuid,
  organization: Type.Optional(MinimalOrganization),
  user: nullable(User),
})
export type AuditLog = Static<typeof AuditLog>

export const AuditLogResponse = Type.Object({
  audit_logs: Type.Array(AuditLog),
  /** Total on all pages. */
  count: Type.Integer(),
})
export type AuditLogResponse = Static<typeof AuditLogResponse>

/** Pagination of a log: a limit of 0, or none, returns the first hundred entries. */
export const LogQuery = Type.Object({
  q: Type.Optional(Type.String()),
  limit: Type.Optional(Type.Integer({ minimum: 0, maximum: 1_000_000 })),
  offset: Type.Optional(Type.Integer({ minimum: 0, maximum: 1_000_000_000 })),
})
export type LogQuery = Static<typeof LogQuery>

export const CreateTestAuditLogRequest = Type.Object({
  action: Type.Optional(AuditAction),
  resource_type: Type.Optional(ResourceType),
  resource_id: Type.Optional(Uuid),
  request_id: Type.Optional(Uuid),
  organization_id: Type.Optional(Uuid),
  additional_fields: Type.Optional(Type.Unknown()),
  build_reason: Type.Optional(Type.String()),
  time: Type.Optional(Timestamp),
})

export const listAuditLogs = endpoint({
  method: 'GET',
  path: '/api/v2/audit',
  summary: 'List the audit log, newest first.',
  access: user('list', 'audit_log'),
  query: LogQuery,
  responses: { 200: AuditLogResponse },
})

export const createTestAuditLog = endpoint({
  method: 'POST',
  path: '/api/v2/audit/testgenerate',
  summary: 'Create an audit log entry, for testing its consumers.',
  access: user('create', 'audit_log'),
  body: CreateTestAuditLogRequest,
  responses: { 204: Type.Null() },
})
