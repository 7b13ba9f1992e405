// Finds what a request names and asks the policy about it. What does not exist and what may not be seen give the same
// 404.

import { zeroUuid } from '../api/common.ts'
import { ApiError, notFound } from '../api/errors.ts'
import type { Action } from '../api/rbac.ts'
import { buildColumns } from './builds/load-builds.ts'
import type { ServerContext } from './context.ts'
import type { Db } from './database/connect.ts'
import type { Row } from './database/schema.ts'
import { signedInUser } from './door/auth.ts'
import { type Asker, authorize, can, type Principal, type Subject } from './policy/policy.ts'
import { templateSubject, unknownSubject, userSubject, workspaceSubject } from './policy/subjects.ts'

const uuidForm = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/** The user that `:user` names: an id, a name, or `me`.
 *  @throws ApiError 400, as Coder's clients expect it, for a user who does not exist or may not be seen */
export async function requireUser(
  context: ServerContext,
  request: Asker,
  name: string,
  action: Action,
): Promise<Row<'users'>> {
  const { principal } = request
  const found = await findUser(context.db, principal, name)
  if (!found || !principal || !can(principal, 'read', userSubject(found.id))) throw noSuchUser(name)
  authorize(request, action, userSubject(found.id))
  return found
}

/** The user that `:user` names where something of theirs is asked about instead of them. Who is there is no secret:
 *  members see each other.
 *  @throws ApiError 400 */
export async function requireOwner(db: Db, principal: Principal | null, name: string): Promise<Row<'users'>> {
  const found = await findUser(db, principal, name)
  if (!found) throw noSuchUser(name)
  return found
}

const noSuchUser = (name: string): ApiError =>
  new ApiError(400, '"user" must be an existing uuid or username.', {
    detail: `There is no user ${JSON.stringify(name)}, or none whom you may see.`,
  })

/** @param name an id, a username, or `me` */
export async function findUser(db: Db, principal: Principal | null, name: string): Promise<Row<'users'> | undefined> {
  if (name === 'me') return signedInUser(principal)
  return db
    .selectFrom('users')
    .selectAll()
    .where('deleted', '=', false)
    .$if(uuidForm.test(name), (query) => query.where('id', '=', name))
    .$if(!uuidForm.test(name), (query) =>
      query.where((eb) => eb(eb.fn('lower', ['username']), '=', name.toLowerCase())),
    )
    .executeTakeFirst()
}

/** The organization that `:organization` names: an id, a name, or `default`, which Go clients also write as zeros. */
export async function requireOrganization(
  context: ServerContext,
  request: Asker,
  name: string,
  action: Action,
): Promise<Row<'organizations'>> {
  const isDefault = name === 'default' || name === zeroUuid
  const found = await context.db
    .selectFrom('organizations')
    .selectAll()
    .where('deleted', '=', false)
    .$if(isDefault, (query) => query.where('is_default', '=', true))
    .$if(!isDefault && uuidForm.test(name), (query) => query.where('id', '=', name))
    .$if(!isDefault && !uuidForm.test(name), (query) =>
      query.where((eb) => eb(eb.fn('lower', ['name']), '=', name.toLowerCase())),
    )
    .executeTakeFirst()
  authorize(
    request,
    action,
    found ? { resource: 'organization', id: found.id, organizationId: found.id } : unknownSubject('organization'),
  )
  if (!found) throw notFound()
  return found
}

/** A workspace, also a deleted one. */
export async function requireWorkspace(
  { db }: ServerContext,
  request: Asker,
  id: string,
  action: Action,
): Promise<Row<'workspaces'>> {
  const found = await db.selectFrom('workspaces').selectAll().where('id', '=', id).executeTakeFirst()
  return allowed(request, action, found)
}

/** Asks about a workspace that was looked up in some other way, or not found. */
function allowed(request: Asker, action: Action, found: Row<'workspaces'> | undefined): Row<'workspaces'> {
  authorize(request, action, found ? workspaceSubject(found) : unknownSubject('workspace'))
  if (!found) throw notFound()
  return found
}

/** A user's workspace by its name. Of deleted ones of that name the last.
 *  @param user an id, a name, or `me`. */
export async function requireWorkspaceByName(
  { db }: ServerContext,
  request: Asker,
  user: string,
  name: string,
  action: Action,
  includeDeleted = false,
): Promise<Row<'workspaces'>> {
  const owner = await requireOwner(db, request.principal, user)
  const found = await db
    .selectFrom('workspaces')
    .selectAll()
    .where('owner_id', '=', owner.id)
    .where((eb) => eb(eb.fn('lower', ['name']), '=', name.toLowerCase()))
    .$if(!includeDeleted, (query) => query.where('deleted', '=', false))
    .orderBy('deleted')
    .orderBy('created_at', 'desc')
    .limit(1)
    .executeTakeFirst()
  return allowed(request, action, found)
}

/** The policy is asked about its workspace. */
export type LoadedBuild = Omit<Row<'workspace_builds'>, 'provisioner_state'>

export async function requireBuild(
  { db }: ServerContext,
  request: Asker,
  id: string,
  action: Action,
): Promise<LoadedBuild & { readonly owner_id: string }> {
  const found = await db
    .selectFrom('workspace_builds as build')
    .innerJoin('workspaces as workspace', 'workspace.id', 'build.workspace_id')
    .select([
      ...buildColumns,
      'workspace.owner_id',
      'workspace.organization_id',
      'workspace.dormant_at',
      'workspace.user_acl',
      'workspace.group_acl',
    ])
    .where('build.id', '=', id)
    .executeTakeFirst()
  authorize(
    request,
    action,
    found ? workspaceSubject({ ...found, id: found.workspace_id }) : unknownSubject('workspace'),
  )
  if (!found) throw notFound()
  return found
}

export async function requireTemplate(
  { db }: ServerContext,
  request: Asker,
  id: string,
  action: Action,
): Promise<Row<'templates'>> {
  const found = await db
    .selectFrom('templates')
    .selectAll()
    .where('id', '=', id)
    .where('deleted', '=', false)
    .executeTakeFirst()
  authorize(request, action, found ? templateSubject(found) : unknownSubject('template'))
  if (!found) throw notFound()
  return found
}

/** A template by its name in an organization. */
export async function requireTemplateByName(
  context: ServerContext,
  request: Asker,
  organizationName: string,
  name: string,
  action: Action,
): Promise<Row<'templates'>> {
  const organization = await requireOrganization(context, request, organizationName, 'read')
  const found = await context.db
    .selectFrom('templates')
    .selectAll()
    .where('organization_id', '=', organization.id)
    .where((eb) => eb(eb.fn('lower', ['name']), '=', name.toLowerCase()))
    .where('deleted', '=', false)
    .executeTakeFirst()
  authorize(request, action, found ? templateSubject(found) : unknownSubject('template'))
  if (!found) throw notFound()
  return found
}

export async function requireTemplateVersion(
  { db }: ServerContext,
  request: Asker,
  id: string,
  action: Action,
): Promise<Row<'template_versions'>> {
  const found = await db.selectFrom('template_versions').selectAll().where('id', '=', id).executeTakeFirst()
  authorize(request, action, await subjectOfVersion(db, found))
  if (!found) throw notFound()
  return found
}

/** A version is asked about as its template; one that belongs to none yet is for those who may touch any. */
async function subjectOfVersion(db: Db, version: Row<'template_versions'> | undefined): Promise<Subject> {
  const template = await db
    .selectFrom('templates')
    .select(['id', 'organization_id', 'user_acl', 'group_acl'])
    .where('id', '=', version?.template_id ?? null)
    .executeTakeFirst()
  if (template) return templateSubject(template)
  return { resource: 'template', organizationId: version?.organization_id ?? null }
}

/** Of templates found by a search those that the caller may read. */
export async function keepReadable(db: Db, principal: Principal, ids: readonly string[]): Promise<string[]> {
  if (ids.length === 0) return []
  const rows = await db
    .selectFrom('templates')
    .select(['id', 'organization_id', 'user_acl', 'group_acl'])
    .where('id', 'in', ids)
    .execute()
  return rows.filter((row) => can(principal, 'read', templateSubject(row))).map(({ id }) => id)
}

/** An agent of any build of a workspace. The policy is asked about the workspace. */
export async function requireAgent(
  { db }: ServerContext,
  request: Asker,
  id: string,
  action: Action,
): Promise<{ readonly agent: Row<'workspace_agents'>; readonly workspace: Row<'workspaces'> }> {
  const agent = await db.selectFrom('workspace_agents').selectAll().where('id', '=', id).executeTakeFirst()
  const found = await db
    .selectFrom('workspace_resources as resource')
    .innerJoin('workspace_builds as build', 'build.job_id', 'resource.job_id')
    .innerJoin('workspaces as workspace', 'workspace.id', 'build.workspace_id')
    .selectAll('workspace')
    .where('resource.id', '=', agent?.resource_id ?? null)
    .executeTakeFirst()
  const workspace = allowed(request, action, found)
  if (!agent) throw notFound()
  return { agent, workspace }
}
