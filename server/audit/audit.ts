// Writes the audit log. A handler that changes something calls `audit` inside the transaction that makes the change, so
// that neither is kept without the other, and puts `auditFailures` around what may be refused:
//
//   await auditFailures(context, request, { action: 'write', resource: 'template', id, target: name }, () =>
//     db.transaction().execute(async (tx) => {
//       const after = await tx.updateTable('templates')….returningAll().executeTakeFirstOrThrow()
//       await audit(tx, request, { action: 'write', resource: 'template', id, target: name, before, after })
//     }),
//   )
//
// `before` and `after` are the row or as much of it as may change; of a new thing there is only `after`, of a deleted
// one only `before`. What of a row is shown is decided in audited-fields.ts; reading the log is routes/audit.ts.

import { randomUUID } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import type { AuditAction, ResourceType } from '../../api/deployment/audit.ts'
import { ApiError } from '../../api/errors.ts'
import { type Db, isTransientError } from '../database/connect.ts'
import type { Principal } from '../policy/policy.ts'
import { type Audited, differenceOf } from './audited-fields.ts'

/** Who does something, from where. A served request is one. */
export interface Actor {
  /** Absent while nobody is signed in. */
  readonly principal: Pick<Principal, 'userId'> | null
  readonly ip: string
  readonly headers: IncomingHttpHeaders
  readonly requestId: string
}

/** A user whose will is done without a request: by a schedule, or by a build that ends. */
export function inTheNameOf(userId: string): Actor {
  return { principal: { userId }, ip: '127.0.0.1', headers: {}, requestId: randomUUID() }
}

/** A request of somebody who only now turns out to be this user: a sign-in. */
export function asUser(request: Actor, userId: string): Actor {
  const { ip, headers, requestId } = request
  return { principal: { userId }, ip, headers, requestId }
}

export interface AuditEntry<R extends ResourceType> {
  readonly action: AuditAction
  readonly resource: R
  /** Of keys, whose ids are no UUIDs, the user's. */
  readonly id: string
  /** Its name, for people. */
  readonly target: string
  /** Left out for what belongs to the whole deployment. */
  readonly organizationId?: string
  readonly icon?: string
  readonly before?: Audited<R>
  readonly after?: Audited<R>
  /** What was answered; 200 unless said otherwise. */
  readonly status?: number
  /** Now unless said otherwise. */
  readonly time?: Date
  /** Whatever else a reader wants to know, such as `workspace_name` and `build_reason` of a build. */
  readonly fields?: Readonly<Record<string, unknown>>
}

/** Writes one entry. @param tx of the change itself. */
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

/** Does the work; when it is refused, the entry says so with the status that is answered. */
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
    // Without a database that takes it there is nowhere to write to, and the error that says so must be the one that is answered.
    if (!isTransientError(error)) await audit(db, actor, { ...(entry as unknown as AuditEntry<R>), status })
    throw error
  }
}

/** Browsers' own are a tenth of this; what is longer is somebody filling the table. */
const maxUserAgent = 512

/** The difference belongs to changes that happened. */
function hasDifference({ action, status = 200 }: AuditEntry<ResourceType>): boolean {
  return status < 400 && action !== 'login' && action !== 'logout'
}

function sidesOf<R extends ResourceType>({ before, after }: AuditEntry<R>): [Audited<R> | null, Audited<R> | null] {
  return [before ?? null, after ?? null]
}

/** An IPv4 peer of a socket that speaks both is written as IPv4. */
export const plainAddress = (ip: string): string => ip.replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/, '')
