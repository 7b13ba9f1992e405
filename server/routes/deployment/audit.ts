// Reads the audit log: filtering and visible fields. Entries are written by server/audit/audit.ts.

import type { FastifyInstance } from 'fastify'
import { sql } from 'kysely'
import { zeroUuid } from '../../../api/common.ts'
import {
  AuditAction,
  type AuditLog,
  createTestAuditLog,
  listAuditLogs,
  ResourceType,
} from '../../../api/deployment/audit.ts'
import { BuildReason } from '../../../api/workspaces/builds.ts'
import { audit } from '../../audit/audit.ts'
import { describeEntry } from '../../audit/audit-descriptions.ts'
import { findAuditedResources } from '../../audit/audit-links.ts'
import { type Log, readLogPage } from '../../audit/log-page.ts'
import {
  dayMs,
  idKey,
  organizationsNamed,
  type SearchKeys,
  timeKey,
  usersNamed,
  usersWithEmail,
  wordKey,
} from '../../audit/log-search.ts'
import type { ServerContext } from '../../context.ts'
import type { Db } from '../../database/connect.ts'
import type { Row } from '../../database/schema.ts'
import { serve } from '../../http/serve.ts'
import { authorize } from '../../policy/policy.ts'
import { usersById } from '../../users/to-user.ts'
import { minimalOrganizations } from '../organizations/organizations.ts'

export function registerAuditRoutes(app: FastifyInstance, context: ServerContext): void {
  const { db } = context

  serve(app, listAuditLogs, async (request) => {
    authorize(request, 'list', { resource: 'audit_log' })
    const { rows, count } = await readLogPage(db, auditLog, request)
    return { audit_logs: await toAuditLogs(db, rows), count }
  })

  serve(app, createTestAuditLog, async (request) => {
    authorize(request, 'create', { resource: 'audit_log', organizationId: null })
    const { body, principal } = request
    const requestId = body.request_id ?? request.requestId
    await audit(
      db,
      { ...request, requestId },
      {
        action: body.action ?? 'write',
        resource: body.resource_type ?? 'user',
        id: body.resource_id ?? principal.userId,
        target: '',
        ...(body.organization_id ? { organizationId: body.organization_id } : {}),
        ...(body.time ? { time: new Date(body.time) } : {}),
        fields: {
          ...asFields(body.additional_fields),
          ...(body.build_reason ? { build_reason: body.build_reason } : {}),
        },
      },
    )
    return null
  })
}

/** Go clients send raw JSON as an array of bytes. */
function asFields(value: unknown): Record<string, unknown> {
  if (!Array.isArray(value)) return typeof value === 'object' ? { ...value } : {}
  try {
    const parsed: unknown = JSON.parse(Buffer.from(value as number[]).toString())
    return typeof parsed === 'object' ? { ...parsed } : {}
  } catch {
    return {} // invalid JSON is ignored
  }
}

const searchKeys = (viewerId: string): SearchKeys => ({
  resource_type: wordKey('resource_type', ResourceType.enum, (word) => sql`log.resource_type = ${word}`),
  resource_id: idKey('resource_id', (id) => sql`log.resource_id = ${id}`),
  resource_target: (name) => sql<boolean>`lower(log.resource_target) = ${name}`,
  username: (name) => sql<boolean>`log.user_id in ${usersNamed(name, viewerId)}`,
  email: (email) => sql<boolean>`log.user_id in ${usersWithEmail(email)}`,
  date_from: timeKey('date_from', (time) => sql`log.time >= ${time}`),
  date_to: timeKey('date_to', (time) => sql`log.time < ${time}`, dayMs),
  action: wordKey('action', AuditAction.enum, (word) => sql`log.action = ${word}`),
  organization: (name) => sql<boolean>`log.organization_id in ${organizationsNamed(name)}`,
  build_reason: wordKey(
    'build_reason',
    BuildReason.enum,
    (reason) => sql`log.additional_fields->>'build_reason' = ${reason}`,
  ),
  request_id: idKey('request_id', (id) => sql`log.request_id = ${id}`),
})

const auditLog: Log<'audit_logs'> = {
  table: 'audit_logs',
  resource: 'audit_log',
  time: 'time',
  noun: 'audit',
  searchKeys,
  bareKey: 'resource_type',
}

async function toAuditLogs(db: Db, rows: readonly Row<'audit_logs'>[]): Promise<AuditLog[]> {
  const [users, organizations, objects] = await Promise.all([
    usersById(
      db,
      rows.map(({ user_id }) => user_id),
    ),
    minimalOrganizations(
      db,
      rows.map(({ organization_id }) => organization_id),
    ),
    findAuditedResources(db, rows),
  ])
  return rows.map((row) => {
    const organization = organizations.get(row.organization_id ?? '')
    const object = objects.get(row.resource_id)
    return {
      id: row.id,
      request_id: row.request_id,
      time: row.time.toISOString(),
      ip: row.ip,
      user_agent: row.user_agent,
      resource_type: row.resource_type as AuditLog['resource_type'],
      resource_id: row.resource_id,
      resource_target: row.resource_target,
      resource_icon: row.resource_icon,
      action: row.action as AuditLog['action'],
      diff: row.diff,
      status_code: row.status_code,
      additional_fields: row.additional_fields,
      description: describeEntry(row),
      resource_link: object?.link ?? '',
      is_deleted: object?.isDeleted ?? false,
      organization_id: row.organization_id ?? zeroUuid,
      ...(organization ? { organization } : {}),
      user: users.get(row.user_id ?? '') ?? null,
    }
  })
}
