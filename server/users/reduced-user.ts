// The view of a user for other users, without account details.

import { zeroTime } from '../../api/common.ts'
import type { ReducedUser } from '../../api/organizations/groups.ts'
import type { Row } from '../database/schema.ts'
import { omitEmpty } from '../omit-empty.ts'

export function toReducedUser(row: Row<'users'>): ReducedUser & { readonly last_seen_at: string } {
  const user = {
    id: row.id,
    username: row.username,
    name: row.name,
    avatar_url: row.avatar_url,
    email: row.email,
    created_at: row.created_at.toISOString(),
    updated_at: row.updated_at.toISOString(),
    last_seen_at: row.last_seen_at?.toISOString() ?? zeroTime,
    status: row.status,
    login_type: row.login_type as ReducedUser['login_type'],
    theme_preference: row.theme_preference,
  }
  return omitEmpty(user, ['name', 'avatar_url', 'theme_preference'])
}
