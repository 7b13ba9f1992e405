// Changes to the access lists of templates and workspaces: merges roles, and finds IDs without a user or group.

import type { ValidationError } from '../../api/common.ts'
import { isUuid } from '../../lib/uuid.ts'
import type { Db } from '../database/connect.ts'
import { loadGroups } from './load-groups.ts'

/** Roles by ID of the user or group. */
type Acl<Role extends string> = Readonly<Record<string, Role>>

/** An empty role removes the entry; entries without a change remain. */
export function applyRoles<Role extends string>(acl: Acl<Role>, changes: Acl<Role>): Record<string, Role> {
  return Object.fromEntries(Object.entries({ ...acl, ...changes }).filter(([, role]) => role !== ''))
}

export async function validateUserIds(db: Db, changes: Acl<string>, field: string): Promise<ValidationError[]> {
  const ids = addedIds(changes)
  const valid = ids.filter(isUuid)
  const users =
    valid.length === 0
      ? []
      : await db.selectFrom('users').select('id').where('id', 'in', valid).where('deleted', '=', false).execute()
  return missing(ids, users).map((id) => ({ field, detail: `No user has the ID "${id}".` }))
}

export async function validateGroupIds(db: Db, changes: Acl<string>, field: string): Promise<ValidationError[]> {
  const ids = addedIds(changes)
  const groups = await loadGroups(db, { ids: ids.filter(isUuid) })
  return missing(ids, groups).map((id) => ({ field, detail: `No group has the ID "${id}".` }))
}

/** Users and groups that are only removed may no longer exist. */
const addedIds = (changes: Acl<string>) => Object.keys(changes).filter((id) => changes[id] !== '')

function missing(ids: readonly string[], found: readonly { readonly id: string }[]): string[] {
  const foundIds = new Set(found.map(({ id }) => id))
  return ids.filter((id) => !foundIds.has(id))
}
