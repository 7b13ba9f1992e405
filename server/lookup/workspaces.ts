// Finds and authorizes the workspaces, builds and agents named in a request. Missing and invisible objects produce the
// same 404.

import { notFound } from '../../api/errors.ts'
import type { Action } from '../../api/rbac.ts'
import { buildColumns } from '../builds/load-builds.ts'
import type { SensitiveValues } from '../builds/load-resources.ts'
import type { ServerContext } from '../context.ts'
import type { Row } from '../database/schema.ts'
import { unknownObject, workspaceObject } from '../policy/objects.ts'
import { type AuthzContext, authorize, isRequestPermitted } from '../policy/policy.ts'
import { requireOwner } from './users.ts'

/** A workspace by ID, including deleted ones. */
export async function requireWorkspace(
  { db }: ServerContext,
  request: AuthzContext,
  id: string,
  action: Action,
): Promise<Row<'workspaces'>> {
  const found = await db.selectFrom('workspaces').selectAll().where('id', '=', id).executeTakeFirst()
  return authorizeWorkspace(request, action, found)
}

function authorizeWorkspace(
  request: AuthzContext,
  action: Action,
  found: Row<'workspaces'> | undefined,
): Row<'workspaces'> {
  authorize(request, action, found ? workspaceObject(found) : unknownObject('workspace'))
  if (!found) throw notFound()
  return found
}

/** Sensitive metadata is shown to those who may open a terminal. */
export const sensitiveValuesFor = (
  request: AuthzContext,
  workspace: Parameters<typeof workspaceObject>[0],
): SensitiveValues => (isRequestPermitted(request, 'ssh', workspaceObject(workspace)) ? 'included' : 'hidden')

/** A user's workspace by name; among deleted ones, the newest.
 *  @param user an ID, a name, or `me` */
export async function requireWorkspaceByName(
  { db }: ServerContext,
  request: AuthzContext,
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
  return authorizeWorkspace(request, action, found)
}

export type LoadedBuild = Omit<Row<'workspace_builds'>, 'provisioner_state' | 'provisioner_state_key_id'>

/** Columns of the workspace of a build. */
type BuildWorkspace = Pick<Row<'workspaces'>, 'owner_id' | 'organization_id' | 'dormant_at' | 'user_acl' | 'group_acl'>

/** A build, with the permissions of its workspace. */
export async function requireBuild(
  { db }: ServerContext,
  request: AuthzContext,
  id: string,
  action: Action,
): Promise<LoadedBuild & BuildWorkspace> {
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
  authorize(request, action, found ? workspaceObject({ ...found, id: found.workspace_id }) : unknownObject('workspace'))
  if (!found) throw notFound()
  return found
}

/** An agent of any build, with the permissions of its workspace. */
export async function requireAgent(
  { db }: ServerContext,
  request: AuthzContext,
  id: string,
  action: Action,
): Promise<{ readonly agent: Row<'workspace_agents'>; readonly workspace: Row<'workspaces'> }> {
  // Concurrently, because the opening of a terminal waits for both.
  const [agent, found] = await Promise.all([
    db.selectFrom('workspace_agents').selectAll().where('id', '=', id).executeTakeFirst(),
    db
      .selectFrom('workspace_agents as agent')
      .innerJoin('workspace_resources as resource', 'resource.id', 'agent.resource_id')
      .innerJoin('workspace_builds as build', 'build.job_id', 'resource.job_id')
      .innerJoin('workspaces as workspace', 'workspace.id', 'build.workspace_id')
      .selectAll('workspace')
      .where('agent.id', '=', id)
      .executeTakeFirst(),
  ])
  const workspace = authorizeWorkspace(request, action, found)
  if (!agent) throw notFound()
  return { agent, workspace }
}
