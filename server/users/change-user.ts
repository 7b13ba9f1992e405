// Updates users: changes the row, writes the audit log and invalidates session caches in one transaction. Callers
// check permissions, except for the rule about owners, which all updates share.

import { ApiError, forbidden } from '../../api/errors.ts'
import { type Actor, audit } from '../audit/audit.ts'
import type { BaseContext } from '../base-context.ts'
import { isUniqueViolation, type Tx } from '../database/connect.ts'
import type { Row, RowChange } from '../database/schema.ts'
import type { Principal } from '../policy/policy.ts'
import type { SessionCache } from './session-cache.ts'

/** @param inTransaction additional changes in the same transaction
 *  @throws ApiError 409 if the username is taken */
export async function changeUser(
  { db, sessions }: Pick<BaseContext, 'db'> & { readonly sessions: SessionCache },
  actor: Actor,
  before: Row<'users'>,
  change: RowChange<'users'>,
  { status = 200, inTransaction }: { status?: number; inTransaction?: (tx: Tx) => Promise<unknown> } = {},
): Promise<Row<'users'>> {
  const changed = await db
    .transaction()
    .execute(async (tx) => {
      await inTransaction?.(tx)
      const after = await tx
        .updateTable('users')
        .set({ ...change, updated_at: new Date() })
        .where('id', '=', before.id)
        .where('deleted', '=', false)
        .returningAll()
        .executeTakeFirstOrThrow()
      const entry = { action: 'write', resource: 'user', id: before.id, target: before.username } as const
      await audit(tx, actor, { ...entry, before, after, status })
      return after
    })
    .catch((error: unknown) => {
      throw isUniqueViolation(error) ? nameTaken() : error
    })
  sessions.evict(before.id)
  return changed
}

const nameTaken = () =>
  new ApiError(409, 'A user with this username already exists.', {
    validations: [{ field: 'username', detail: 'is already in use' }],
  })

/** Only owners may change owners: control over an owner account grants all permissions.
 *  @throws ApiError 403 if the principal is not an owner and changes one */
export function protectOwner(principal: Principal, user: Row<'users'>): void {
  if (!user.rbac_roles.includes('owner') || user.id === principal.userId || principal.roles.includes('owner')) return
  throw forbidden('Only an owner of the deployment can do this to an owner.')
}

/** Revokes the API keys and launch codes of a user in the transaction of a change. */
export async function endSessions(tx: Tx, userId: string): Promise<void> {
  await tx.deleteFrom('launch_codes').where('user_id', '=', userId).execute()
  await tx.deleteFrom('api_keys').where('user_id', '=', userId).execute()
}
