// `coder sharing`: shows and changes the users and groups that a workspace is shared with.

import { getUser } from '../../../api/account/users.ts'
import {
  getWorkspaceAcl,
  updateWorkspaceAcl,
  type WorkspaceACL,
  type WorkspaceRole,
} from '../../../api/workspaces/workspace-sharing.ts'
import type { Workspace } from '../../../api/workspaces/workspaces.ts'
import { type Connection, connect } from '../../connection/connect.ts'
import type { GlobalOptions } from '../../connection/local-deployment.ts'
import { requireWorkspace } from '../../lookup/find-workspace.ts'
import { CommandError } from '../../output/errors.ts'
import { type ColumnValues, type ListOptions, printList } from '../../output/tables.ts'

interface Share {
  readonly user: string
  readonly group: string
  readonly role: string
}

const columns: ColumnValues<Share, 'shares'> = {
  user: ({ user }) => user,
  group: ({ group }) => group,
  role: ({ role }) => role,
}

export async function showShares(
  [name = '']: readonly string[],
  options: GlobalOptions & ListOptions<'shares'>,
): Promise<void> {
  const connection = await connect(options)
  await printShares(connection, await requireWorkspace(connection, name), options)
}

interface ShareOptions extends GlobalOptions, ListOptions<'shares'> {
  /** `name` or `name:role`. */
  readonly user?: readonly string[]
  readonly group?: readonly string[]
}

export async function share([name = '']: readonly string[], options: ShareOptions): Promise<void> {
  await changeShares(name, options, (role) => (role === '' ? 'use' : role))
}

export async function unshare([name = '']: readonly string[], options: ShareOptions): Promise<void> {
  await changeShares(name, options, () => '')
}

/** @param roleOf maps the role of a flag to the new role; an empty role removes the share */
async function changeShares(name: string, options: ShareOptions, roleOf: (role: string) => string): Promise<void> {
  const { user: users = [], group: groups = [] } = options
  if (users.length + groups.length === 0)
    throw new CommandError('No users or groups were passed.', { hint: 'pass them with --user or --group.' })
  const connection = await connect(options)
  const workspace = await requireWorkspace(connection, name)
  const acl = await connection.client.call(getWorkspaceAcl, { params: { workspace: workspace.id } })
  const user_roles = await resolveRoles(users, roleOf, async (user) => idOfUser(connection, user))
  const group_roles = await resolveRoles(groups, roleOf, async (group) => idOfGroup(workspace, acl, group))
  await connection.client.call(updateWorkspaceAcl, {
    params: { workspace: workspace.id },
    body: { user_roles, group_roles },
  })
  await printShares(connection, workspace, options)
}

async function resolveRoles(
  shares: readonly string[],
  roleOf: (role: string) => string,
  find: (name: string) => Promise<string>,
): Promise<Record<string, WorkspaceRole>> {
  const entries = await Promise.all(
    shares.map(async (text) => {
      const [name = '', role = ''] = text.split(':')
      return [await find(name), parseRole(roleOf(role))] as const
    }),
  )
  return Object.fromEntries(entries)
}

function parseRole(text: string): WorkspaceRole {
  if (text === '' || text === 'use' || text === 'admin') return text
  throw new CommandError(`Role "${text}" not found.`, { detail: 'Roles: use, admin' })
}

const idOfUser = async ({ client }: Connection, user: string): Promise<string> =>
  (await client.call(getUser, { params: { user } })).id

/** The group `Everyone` has the id of the organization; other groups are found among the existing shares. */
function idOfGroup(workspace: Workspace, acl: WorkspaceACL, name: string): string {
  if (name.toLowerCase() === 'everyone') return workspace.organization_id
  const group = acl.group.find((candidate) => candidate.name === name || candidate.id === name)
  if (group) return group.id
  throw new CommandError(`Group ${name} not found.`, { detail: 'Groups: everyone' })
}

async function printShares(
  { client }: Connection,
  workspace: Workspace,
  options: ListOptions<'shares'>,
): Promise<void> {
  const acl = await client.call(getWorkspaceAcl, { params: { workspace: workspace.id } })
  const shares = [
    ...acl.users.map(({ username, role }) => ({ user: username, group: '-', role })),
    ...acl.group.flatMap(({ name, members, role }) => [
      ...members.map(({ username }) => ({ user: username, group: name, role })),
      ...(members.length === 0 ? [{ user: '-', group: name, role }] : []),
    ]),
  ]
  printList(columns, shares, options, { whenEmpty: `Workspace ${workspace.name} is not shared.` })
}
