// Finds what a request names and asks the policy about it. What does not exist and what may not be seen give the same
// 404.

import type { Action } from '../api/endpoint.ts'
import { notFound } from '../api/errors.ts'
import type { ServerContext } from './context.ts'
import type { Db } from './database/connect.ts'
import type { Row } from './database/schema.ts'
import { type Asker, authorize } from './policy.ts'

const uuidForm = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/** The user that `:user` names: an id, a name, or `me`. */
export async function requireUser(
  context: ServerContext,
  request: Asker,
  name: string,
  action: Action,
): Promise<Row<'users'>> {
  const found =
    name === 'me' ? await findUser(context.db, request.principal?.userId ?? '') : await findUser(context.db, name)
  authorize(request, action, { resource: 'user', ...(found ? { ownerId: found.id } : {}) })
  if (!found) throw notFound()
  return found
}

async function findUser(db: Db, idOrName: string): Promise<Row<'users'> | undefined> {
  return db
    .selectFrom('users')
    .selectAll()
    .where('deleted', '=', false)
    .$if(uuidForm.test(idOrName), (query) => query.where('id', '=', idOrName))
    .$if(!uuidForm.test(idOrName), (query) =>
      query.where((eb) => eb(eb.fn('lower', ['username']), '=', idOrName.toLowerCase())),
    )
    .executeTakeFirst()
}

/** The organization that `:organization` names: an id, a name, or `default`. */
export async function requireOrganization(
  context: ServerContext,
  request: Asker,
  name: string,
  action: Action,
): Promise<Row<'organizations'>> {
  authorize(request, action, { resource: 'organization' })
  const found = await context.db
    .selectFrom('organizations')
    .selectAll()
    .where('deleted', '=', false)
    .$if(name === 'default', (query) => query.where('is_default', '=', true))
    .$if(name !== 'default' && uuidForm.test(name), (query) => query.where('id', '=', name))
    .$if(name !== 'default' && !uuidForm.test(name), (query) =>
      query.where((eb) => eb(eb.fn('lower', ['name']), '=', name.toLowerCase())),
    )
    .executeTakeFirst()
  if (!found) throw notFound()
  return found
}
