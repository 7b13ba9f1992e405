// Creates users: the first one, which owns the deployment, and others. A user and its membership in the default
// organization are inserted together.

import { hostname, userInfo } from 'node:os'
import { sql } from 'kysely'
import { ApiError } from '../../api/errors.ts'
import type { UserStatus } from '../../api/user-fields.ts'
import { advisoryLocks } from '../database/advisory-locks.ts'
import type { Db, Tx } from '../database/connect.ts'
import type { Row, StoredLoginType } from '../database/schema.ts'

export interface NewUser {
  readonly username: string
  readonly email: string
  readonly name: string
  readonly hashedPassword: string | null
  readonly loginType: StoredLoginType
  readonly status: UserStatus
  readonly roles: string[]
}

export async function insertUser(tx: Tx, user: NewUser): Promise<Row<'users'>> {
  const row = await tx
    .insertInto('users')
    .values({
      username: user.username,
      email: user.email.toLowerCase(),
      name: user.name,
      hashed_password: user.hashedPassword,
      login_type: user.loginType,
      status: user.status,
      rbac_roles: user.roles,
    })
    .returningAll()
    .executeTakeFirstOrThrow()
  const organization = await defaultOrganization(tx)
  await tx.insertInto('organization_members').values({ organization_id: organization.id, user_id: row.id }).execute()
  return row
}

async function defaultOrganization(db: Db): Promise<Row<'organizations'>> {
  return db.selectFrom('organizations').selectAll().where('is_default', '=', true).executeTakeFirstOrThrow()
}

export async function findOrganizationIds(db: Db, userId: string): Promise<string[]> {
  const rows = await db
    .selectFrom('organization_members')
    .select('organization_id')
    .where('user_id', '=', userId)
    .execute()
  return rows.map((row) => row.organization_id)
}

export async function findUserByEmail(db: Db, email: string): Promise<Row<'users'> | undefined> {
  return db
    .selectFrom('users')
    .selectAll()
    .where('deleted', '=', false)
    .where((eb) => eb(eb.fn('lower', ['email']), '=', email.toLowerCase()))
    .executeTakeFirst()
}

export async function hasUsers(db: Db): Promise<boolean> {
  return (
    (await db.selectFrom('users').select('id').where('deleted', '=', false).limit(1).executeTakeFirst()) !== undefined
  )
}

/** Creates the first user if there is none; concurrent calls create one owner.
 *  @throws ApiError 409 if the deployment is already set up */
export async function createOwner(
  context: { readonly db: Db },
  user: Omit<NewUser, 'roles' | 'status'>,
): Promise<Row<'users'>> {
  return withFirstUserLock(context, (tx) => insertOwner(tx, user))
}

/** Returns the first user with the owner role; created from the operating system user if there are no users. */
export async function findOrCreateOwner(context: { readonly db: Db }): Promise<Row<'users'>> {
  const owner = await findOwner(context.db)
  if (owner) return owner
  // Checked again under the lock: a concurrent request may have created the owner.
  return withFirstUserLock(context, async (tx) => (await findOwner(tx)) ?? insertOwner(tx, systemUser()))
}

function withFirstUserLock<T>({ db }: { readonly db: Db }, operation: (tx: Tx) => Promise<T>): Promise<T> {
  return db.transaction().execute(async (tx) => {
    await sql`select pg_advisory_xact_lock(${advisoryLocks.firstUser})`.execute(tx)
    return operation(tx)
  })
}

async function insertOwner(tx: Tx, user: Omit<NewUser, 'roles' | 'status'>): Promise<Row<'users'>> {
  if (await hasUsers(tx)) throw new ApiError(409, 'The initial user has already been created.')
  return insertUser(tx, { ...user, status: 'active', roles: ['owner'] })
}

function systemUser(): Omit<NewUser, 'roles' | 'status'> {
  const { username } = userInfo()
  const name = toUsername(username)
  return {
    username: name,
    email: `${name}@${toUsername(hostname())}.local`,
    name: username,
    hashedPassword: null,
    loginType: 'none',
  }
}

async function findOwner(db: Db): Promise<Row<'users'> | undefined> {
  return db
    .selectFrom('users')
    .selectAll()
    .where('deleted', '=', false)
    .where('status', '!=', 'suspended')
    .where(sql<boolean>`'owner' = any(rbac_roles)`)
    .orderBy('created_at')
    .executeTakeFirst()
}

/** Converts the system's user name to a valid Coder username. */
function toUsername(text: string): string {
  const plain = text
    .normalize('NFKD')
    .replace(/[^a-zA-Z0-9]+/g, '-')
    .slice(0, 32)
    .replace(/^-+|-+$/g, '')
  return plain === '' || plain === 'new' || plain === 'create' || plain === 'me' ? 'owner' : plain
}

/** Ensures that an owner remains. Serialized, so that two owners cannot remove each other concurrently.
 *  @throws ApiError 400 if the user is the last owner */
export async function requireAnotherOwner(tx: Tx, user: Row<'users'>): Promise<void> {
  if (!user.rbac_roles.includes('owner')) return
  await sql`select pg_advisory_xact_lock(${advisoryLocks.firstUser})`.execute(tx)
  const others = await tx
    .selectFrom('users')
    .select('id')
    .where('deleted', '=', false)
    .where('status', '!=', 'suspended')
    .where('id', '!=', user.id)
    .where(sql<boolean>`'owner' = any(rbac_roles)`)
    .limit(1)
    .execute()
  if (others.length > 0) return
  throw new ApiError(400, 'This is the last owner of the deployment.', {
    detail: 'Assign the role "owner" to another user first.',
  })
}
