// Access to the computer of the deployment: template versions that execute there or read its files are the owners' alone.

import { ApiError, forbidden } from '../../api/errors.ts'
import { readState } from '../../terraform/engine/state/state.ts'
import type { Db, Tx } from '../database/connect.ts'
import type { Row } from '../database/schema.ts'
import { hostProviders } from '../jobs/host-providers.ts'
import type { Initiator, UsableVersion } from './usable-version.ts'

const isOwner = ({ roles }: Pick<Initiator, 'roles'>) => roles.includes('owner')

/** Workspaces with access to the coderd host run as its OS user: both the initiator and the owner must be
 *  deployment owners. */
export async function requireHostAccess(
  tx: Tx,
  initiator: Initiator,
  ownerId: string,
  version: UsableVersion,
): Promise<void> {
  if (!version.executes_here) return
  const owner = await tx.selectFrom('users').select('rbac_roles').where('id', '=', ownerId).executeTakeFirstOrThrow()
  if (isOwner(initiator) && owner.rbac_roles.includes('owner')) return
  throw new ApiError(
    403,
    'This template runs programs or reads files on the computer of this deployment, as its owner.',
    {
      detail: 'Only deployment owners may use it. Ask an owner for a template that creates its own machine.',
    },
  )
}

/** Other users may have created the shares while the workspace did not execute here. */
export function requireUnshared(
  workspace: Pick<Row<'workspaces'>, 'user_acl' | 'group_acl'>,
  last: { readonly executes_here: boolean },
  version: UsableVersion,
): void {
  if (last.executes_here || !version.executes_here) return
  if (Object.keys({ ...workspace.user_acl, ...workspace.group_acl }).length === 0) return
  throw new ApiError(409, 'A shared workspace cannot start to run programs on the computer of this deployment.', {
    detail: 'Remove its shares, start it, then share it again.',
  })
}

/** Only deployment owners may share a workspace that executes here.
 *  @param handle with the row of the workspace locked, so that no build starts concurrently */
export async function requireSharingAllowed(
  handle: Db,
  initiator: Pick<Initiator, 'roles'>,
  workspaceId: string,
): Promise<void> {
  if (isOwner(initiator)) return
  const last = await handle
    .selectFrom('workspace_builds as build')
    .innerJoin('template_versions as version', 'version.id', 'build.template_version_id')
    .where('build.workspace_id', '=', workspaceId)
    .orderBy('build.build_number', 'desc')
    .select('version.executes_here')
    .limit(1)
    .executeTakeFirst()
  if (!last?.executes_here) return
  throw forbidden(
    'This workspace runs programs on the computer of this deployment. Only a deployment owner may share it.',
  )
}

/** A later build destroys the objects of the state, so files and processes of this computer must not be named by other
 *  users. An unreadable state fails in the engine. */
export function requireHostlessState(initiator: Pick<Initiator, 'roles'>, json: Buffer): void {
  if (isOwner(initiator)) return
  const read = readState(json.toString('utf8'))
  if ('problem' in read) return
  const found = read.state.resources.find(({ type, provider, instances }) =>
    [provider, ...instances.map((instance) => instance.provider ?? '')].some((address) => isHostObject(type, address)),
  )
  if (!found) return
  throw forbidden(
    `The state contains ${found.type}.${found.name}, an object on the computer of this deployment. ` +
      'Only a deployment owner may store such a state.',
  )
}

const isHostObject = (type: string, provider: string): boolean =>
  Object.entries(hostProviders).some(
    ([name, source]) => type.startsWith(`${name}_`) || provider.includes(`/${source}"`),
  )
