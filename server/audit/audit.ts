// Writes the audit log. A handler that changes something calls `audit` inside the transaction that makes the change, so
// that both are committed together, and wraps operations that may fail in `auditFailures`:
//
//   await auditFailures(context, request, { action: 'write', resource: 'template', id, target: name }, () =>
//     db.transaction().execute(async (tx) => {
//       const after = await tx.updateTable('templates')….returningAll().executeTakeFirstOrThrow()
//       await audit(tx, request, { action: 'write', resource: 'template', id, target: name, before, after })
//     }),
//   )
//
// `before` and `after` are the row or the fields that may change; `before` is absent for creations, `after` for
// deletions. The visible fields are declared in audited-fields.ts; routes/deployment/audit.ts reads the log.

import { randomUUID } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import type { AuditAction, ResourceType } from '../../api/deployment/audit.ts'
import { ApiError } from '../../api/errors.ts'
import { type Db, isTransientError } from '../database/connect.ts'
import type { Principal } from '../policy/policy.ts'
import { type Audited, differenceOf } from './audited-fields.ts'

/** The acting user and the origin of the request. Served requests implement it. */
export interface Actor {
  /** Absent for unauthenticated requests. */
  readonly principal: Pick<Principal, 'userId'> | null
  readonly ip: string
  readonly headers: IncomingHttpHeaders
  readonly requestId: string
}

/** An actor without a request: a schedule, or the completion of a build. */
export function actorForUser(userId: string): Actor {
  return { principal: { userId }, ip: '127.0.0.1', headers: {}, requestId: randomUUID() }
}

/** The actor of a sign-in, whose user is known only after authentication. */
export function withUser(request: Actor, userId: string): Actor {
  const { ip, headers, requestId } = request
  return { principal: { userId }, ip, headers, requestId }
}

export interface AuditEntry<R extends ResourceType> {
  readonly action: AuditAction
  readonly resource: R
  /** For API keys, whose IDs are not UUIDs, the ID of the user. */
  readonly id: string
  /** Display name. */
  readonly target: string
  /** Absent for resources of the whole deployment. */
  readonly organizationId?: string
  readonly icon?: string
  readonly before?: Audited<R>
  readonly after?: Audited<R>
  /** Status code of the response; default 200. */
  readonly status?: number
  /** Default: now. */
  readonly time?: Date
  /** Additional fields, such as `workspace_name` and `build_reason` of a build. */
  readonly fields?: Readonly<Record<string, unknown>>
}

/** Writes one entry. @param tx transaction of the change. */
export async function audit<R extends ResourceType>(tx: Db, actor: Actor, entry: AuditEntry<R>): Promise<void> {
  await tx
    .insertInto('audit_logs')
    .values({
      ...(entry.time ? { time: entry.time } : {}),
      user_id: actor.principal?.userId ?? null,
      organization_id: entry.organizationId ?? null,
      ip: plainAddress(actor.ip),
      user_agent: (actor.headers['user-agent'] ?? '').slice(0, maxUserAgent),
      request_id: actor.requestId,
      resource_type: entry.resource,
      resource_id: entry.id,
      resource_target: entry.target,
      resource_icon: entry.icon ?? '',
      action: entry.action,
      diff: JSON.stringify(hasDifference(entry) ? differenceOf(entry.resource, ...sidesOf(entry)) : {}),
      status_code: entry.status ?? 200,
      additional_fields: JSON.stringify(entry.fields ?? {}),
    })
    .execute()
}

/** Runs the operation; on failure writes an entry with the status code of the response. */
export async function auditFailures<R extends ResourceType, T>(
  { db }: { readonly db: Db },
  actor: Actor,
  { before: _before, after: _after, ...entry }: AuditEntry<R>,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work()
  } catch (error) {
    const status = error instanceof ApiError ? error.status : 500
    // If the database is unavailable, the original error must be reported.
    if (!isTransientError(error)) await audit(db, actor, { ...(entry as unknown as AuditEntry<R>), status })
    throw error
  }
}

/** Limit of the user agent text; those of browsers are a tenth of this. */
const maxUserAgent = 512

/** Only successful changes have a difference. */
function hasDifference({ action, status = 200 }: AuditEntry<ResourceType>): boolean {
  return status < 400 && action !== 'login' && action !== 'logout'
}

function sidesOf<R extends ResourceType>({ before, after }: AuditEntry<R>): [Audited<R> | null, Audited<R> | null] {
  return [before ?? null, after ?? null]
}

/** Converts IPv4-mapped IPv6 addresses to IPv4. */
export const plainAddress = (ip: string): string => ip.replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/, '')
