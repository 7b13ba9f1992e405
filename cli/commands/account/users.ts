// `coder users`: manages the users of the deployment.

import { randomBytes } from 'node:crypto'
import {
  activateUser,
  createUser,
  deleteUser,
  getUser,
  getUserRoles,
  listOrganizationsOfUser,
  listUsers,
  suspendUser,
  type User,
  updateUserRoles,
} from '../../../api/account/users.ts'
import { listSiteRoles } from '../../../api/organizations/roles.ts'
import { validateEmail, validateName } from '../../arguments/names.ts'
import { type Connection, connect } from '../../connection/connect.ts'
import type { GlobalOptions } from '../../connection/local-deployment.ts'
import { requireOrganization } from '../../lookup/find-organization.ts'
import { CommandError } from '../../output/errors.ts'
import { formatTime } from '../../output/formats.ts'
import { print, printJson } from '../../output/print.ts'
import {
  type Column,
  type ColumnValues,
  formatTable,
  type ListOptions,
  printList,
  selectColumns,
} from '../../output/tables.ts'
import { confirm, isInteractive, promptText, selectMany } from '../../prompts/prompts.ts'

const columns: ColumnValues<User, 'users'> = {
  id: ({ id }) => id,
  username: ({ username }) => username,
  name: ({ name }) => name ?? '',
  email: ({ email }) => email,
  'created at': ({ created_at }) => formatTime(created_at),
  'updated at': ({ updated_at }) => formatTime(updated_at),
  'login type': ({ login_type }) => login_type,
  status: ({ status }) => status,
}

interface CreateOptions extends GlobalOptions {
  readonly username?: string
  readonly email?: string
  readonly fullName?: string
  readonly password?: string
  readonly loginType?: 'password' | 'none' | 'github' | 'oidc'
  readonly disableLogin?: boolean
  readonly org?: string
}

export async function createUserCommand(_args: readonly string[], options: CreateOptions): Promise<void> {
  const { client, url } = await connect(options)
  const organization = await requireOrganization(client, options.org)
  const username =
    options.username ??
    (await promptText('Username', { flag: '--username', validate: (answer) => validateName('user', answer) }))
  const email = options.email ?? (await promptText('Email', { flag: '--email', validate: validateEmail }))
  const name =
    options.fullName ?? (isInteractive() ? await promptText('Full name (optional)', { flag: '--full-name' }) : '')
  const loginType = options.loginType ?? (options.disableLogin ? 'none' : 'password')
  const password = options.password ?? (loginType === 'password' ? randomBytes(15).toString('base64url') : undefined)
  const body = { username, email, name, login_type: loginType, organization_ids: [organization.id] }
  await client.call(createUser, { body: { ...body, ...(password ? { password } : {}) } })
  print(`User ${username} was created.`)
  if (password && !options.password)
    print(`They sign in at ${url} with ${email} and the password ${password}, which is not shown again.`)
}

export async function listUsersCommand(
  _args: readonly string[],
  options: GlobalOptions & ListOptions<'users'> & { search: string; githubUserId?: number },
): Promise<void> {
  const { client } = await connect(options)
  const { search, githubUserId } = options
  const q = [search, githubUserId === undefined ? '' : `github_com_user_id:${githubUserId}`].filter(Boolean).join(' ')
  const { users } = await client.call(listUsers, { query: q ? { q } : {} })
  printList(columns, users, options, { whenEmpty: 'No users found.' })
}

export async function showUser(
  [name = '']: readonly string[],
  options: GlobalOptions & ListOptions<'users'>,
): Promise<void> {
  const { client } = await connect(options)
  const user = await client.call(getUser, { params: { user: name } })
  const organizations = await client.call(listOrganizationsOfUser, { params: { user: user.id } })
  const organization_names = organizations.map((organization) => organization.name)
  if (options.output === 'json') return printJson({ ...user, organization_names })
  const roles = user.roles.map((role) => role.display_name || role.name).join(', ') || 'Member'
  const rows = [
    ['Id', user.id],
    ['Username', user.username],
    ['Email', user.email],
    ['Name', user.name ?? ''],
    ['Status', user.status],
    ['Roles', roles],
    ['Sign-in', user.login_type],
    ['Created at', formatTime(user.created_at)],
    ['Last seen', formatTime(user.last_seen_at) || 'never'],
    ['Organizations', organization_names.join(', ')],
  ] as const
  print(
    formatTable(
      [
        { title: 'field', value: ([field]) => field },
        { title: 'value', value: ([, value]) => value },
      ] satisfies Column<(typeof rows)[number]>[],
      rows,
    ),
  )
}

interface ConfirmOptions extends GlobalOptions {
  readonly yes?: boolean
}

interface ChangeOptions extends ConfirmOptions {
  readonly column: ListOptions<'userChange'>['column']
}

/** Prints the user before prompting for confirmation. */
async function confirmChange(question: string, user: User, { column, yes = false }: ChangeOptions): Promise<void> {
  print(formatTable(selectColumns(columns, column), [user]))
  await confirm(question, { skip: yes, defaultsToYes: true })
}

/** Does not prompt for confirmation, like Coder's command line, because scripts call it. */
export async function deleteUserCommand([name = '']: readonly string[], options: GlobalOptions): Promise<void> {
  const { connection, user } = await requireUser(name, options)
  await connection.client.call(deleteUser, { params: { user: user.id } })
  print(`User ${user.username} was deleted.`)
}

export async function suspend([name = '']: readonly string[], options: ChangeOptions): Promise<void> {
  const { connection, user } = await requireUser(name, options)
  if (user.status === 'suspended') return print(`User ${user.username} is already suspended.`)
  await confirmChange(`Suspend ${user.username}? This ends all of their sessions.`, user, options)
  await connection.client.call(suspendUser, { params: { user: user.id } })
  print(`User ${user.username} is now suspended.`)
}

export async function activate([name = '']: readonly string[], options: ChangeOptions): Promise<void> {
  const { connection, user } = await requireUser(name, options)
  if (user.status === 'active') return print(`User ${user.username} is already active.`)
  await confirmChange(`Activate ${user.username}?`, user, options)
  await connection.client.call(activateUser, { params: { user: user.id } })
  print(`User ${user.username} is now active.`)
}

export async function editUserRoles(
  [name = '']: readonly string[],
  options: ConfirmOptions & { roles?: readonly string[] },
): Promise<void> {
  const { connection, user } = await requireUser(name, options)
  const { client } = connection
  const params = { user: user.id }
  const { roles: current } = await client.call(getUserRoles, { params })
  const siteRoles = (await client.call(listSiteRoles)).map(({ name }) => name)
  const selected =
    options.roles ??
    (await selectMany(
      `Roles of ${user.username}`,
      siteRoles.map((role) => ({ value: role, label: role })),
      { flag: '--roles', initial: current },
    ))
  const roles = selected.filter((role) => role !== 'member')
  const unknown = roles.find((role) => !siteRoles.includes(role))
  if (unknown) throw new CommandError(`Role ${unknown} not found.`, { detail: `Roles: ${siteRoles.join(', ')}` })
  await client.call(updateUserRoles, { params, body: { roles } })
  print(`Roles of ${user.username}: ${roles.join(', ') || 'member'}.`)
}

async function requireUser(name: string, options: GlobalOptions): Promise<{ connection: Connection; user: User }> {
  const connection = await connect(options)
  return { connection, user: await connection.client.call(getUser, { params: { user: name } }) }
}
