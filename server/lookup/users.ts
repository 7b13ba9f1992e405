// Finds and authorizes the users and organizations named in a request. Missing and invisible objects produce the same
// response.

import { zeroUuid } from '../../api/common.ts'
import { ApiError, notFound } from '../../api/errors.ts'
import type { Action } from '../../api/rbac.ts'
import { isUuid } from '../../lib/uuid.ts'
import type { ServerContext } from '../context.ts'
import type { Db } from '../database/connect.ts'
import type { Row } from '../database/schema.ts'
import { signedInUser } from '../http/auth.ts'
import { unknownObject, userObject } from '../policy/objects.ts'
import { type AuthzContext, authorize, isPermitted, type Principal } from '../policy/policy.ts'

/** The user named by `:user`: an id, a name, or `me`.
 *  @throws ApiError 400, which Coder's clients expect, if the user does not exist or is not visible */
export async function requireUser(
  context: ServerContext,
  request: AuthzContext,
  name: string,
  action: Action,
): Promise<Row<'users'>> {
  const { principal } = request
  const found = await findUser(context.db, principal, name)
  if (!found || !principal || !isPermitted(principal, 'read', userObject(found.id))) throw noSuchUser(name)
  authorize(request, action, userObject(found.id))
  return found
}

/** The user named by `:user`, as the owner of another object. Needs no permission, since members can see each other.
 *  @throws ApiError 400 */
export async function requireOwner(db: Db, principal: Principal | null, name: string): Promise<Row<'users'>> {
  const found = await findUser(db, principal, name)
  if (!found) throw noSuchUser(name)
  return found
}

const noSuchUser = (name: string): ApiError =>
  new ApiError(400, '"user" must be an existing uuid or username.', {
    detail: `User ${JSON.stringify(name)} does not exist, or is not visible to you.`,
  })

/** @param name an ID, a username, or `me` */
export async function findUser(db: Db, principal: Principal | null, name: string): Promise<Row<'users'> | undefined> {
  if (name === 'me') return signedInUser(principal)
  return db
    .selectFrom('users')
    .selectAll()
    .where('deleted', '=', false)
    .$if(isUuid(name), (query) => query.where('id', '=', name))
    .$if(!isUuid(name), (query) => query.where((eb) => eb(eb.fn('lower', ['username']), '=', name.toLowerCase())))
    .executeTakeFirst()
}

/** The organization named by `:organization`: an id, a name, or `default`. Go clients also send zeros for the default. */
export async function requireOrganization(
  context: ServerContext,
  request: AuthzContext,
  name: string,
  action: Action,
): Promise<Row<'organizations'>> {
  const isDefault = name === 'default' || name === zeroUuid
  const found = await context.db
    .selectFrom('organizations')
    .selectAll()
    .where('deleted', '=', false)
    .$if(isDefault, (query) => query.where('is_default', '=', true))
    .$if(!isDefault && isUuid(name), (query) => query.where('id', '=', name))
    .$if(!isDefault && !isUuid(name), (query) =>
      query.where((eb) => eb(eb.fn('lower', ['name']), '=', name.toLowerCase())),
    )
    .executeTakeFirst()
  authorize(
    request,
    action,
    found ? { resource: 'organization', id: found.id, organizationId: found.id } : unknownObject('organization'),
  )
  if (!found) throw notFound()
  return found
}
