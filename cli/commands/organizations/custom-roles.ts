// `coder organizations roles`: shows roles, and creates and updates custom roles from JSON on stdin or by prompting.

import { readFileSync } from 'node:fs'
import { createCustomRole, listOrganizationRoles, updateCustomRole } from '../../../api/organizations/members.ts'
import type { AssignableRole } from '../../../api/organizations/roles.ts'
import { resourceActions } from '../../../api/rbac.ts'
import { connectToOrganization, type OrganizationOptions } from '../../lookup/find-organization.ts'
import { columnNames } from '../../output/column-names.ts'
import { Canceled, CommandError } from '../../output/errors.ts'
import { type ColumnValues, type ListOptions, printList, sortedBy } from '../../output/tables.ts'
import { confirm, isInteractive, select, selectMany } from '../../prompts/prompts.ts'

type Permissions = AssignableRole['site_permissions']
const count = (permissions: Permissions) => `${permissions.length} permissions`

/** An existing role, or one to be created. */
type ListedRole = Omit<AssignableRole, 'assignable' | 'built_in'>

const roleColumns: ColumnValues<ListedRole, 'roles'> = {
  name: ({ name }) => name,
  'display name': ({ display_name }) => display_name,
  'organization id': ({ organization_id }) => organization_id ?? '',
  'site permissions': ({ site_permissions }) => count(site_permissions),
  'organization permissions': ({ organization_permissions }) => count(organization_permissions),
  'user permissions': ({ user_permissions }) => count(user_permissions),
}

export async function showRoles(
  names: readonly string[],
  options: OrganizationOptions & ListOptions<'roles'>,
): Promise<void> {
  const { client, organization } = await connectToOrganization(options)
  const roles = await client.call(listOrganizationRoles, { params: { organization } })
  const wanted = roles.filter(({ name }) => names.length === 0 || names.includes(name))
  const rows = sortedBy(wanted, roleColumns.name)
  printList(roleColumns, rows, options, { json: wanted, whenEmpty: 'No matching roles.' })
}

interface RoleOptions extends OrganizationOptions, ListOptions<'roles'> {
  readonly stdin?: boolean
  readonly dryRun?: boolean
  readonly yes?: boolean
}

type Role = Pick<ListedRole, 'name' | 'display_name' | 'organization_permissions' | 'organization_member_permissions'>

export async function createRole([name]: readonly string[], options: RoleOptions): Promise<void> {
  const { client, organization, existingRoles } = await connectWithRoles(options)
  const role = options.stdin ? readRole() : await promptForRole(emptyRole(requireName(name)))
  if (existingRoles.some((other) => other.name === role.name))
    throw new CommandError(`Role ${role.name} already exists.`, {
      hint: '`coder organizations roles update` changes it.',
    })
  await confirm(`Create role ${role.name}?`, { skip: options.yes ?? false, defaultsToYes: true })
  const made = options.dryRun
    ? asListed(role, organization)
    : await client.call(createCustomRole, { params: { organization }, body: role })
  printList(roleColumns, [made], { output: 'table', column: columnNames.roles.all }, { whenEmpty: '' })
}

export async function updateRole([name]: readonly string[], options: RoleOptions): Promise<void> {
  const { client, organization, existingRoles } = await connectWithRoles(options)
  const input = options.stdin ? readRole() : undefined
  const wanted = input?.name ?? requireName(name)
  const current = existingRoles.find((other) => other.name === wanted && !other.built_in)
  if (!current)
    throw new CommandError(`Custom role ${wanted} not found.`, {
      hint: '`coder organizations roles create` creates it.',
    })
  const role = input ?? (await promptForRole(current))
  await confirm(`Update role ${role.name}?`, { skip: options.yes ?? false, defaultsToYes: true })
  const changed = options.dryRun
    ? asListed(role, organization)
    : await client.call(updateCustomRole, { params: { organization }, body: role })
  printList(roleColumns, [changed], options, { json: changed, whenEmpty: '' })
}

async function connectWithRoles(options: RoleOptions) {
  const { client, organization } = await connectToOrganization(options)
  return { client, organization, existingRoles: await client.call(listOrganizationRoles, { params: { organization } }) }
}

function requireName(name: string | undefined): string {
  if (name) return name
  throw new CommandError('The name of the role is missing.', { hint: 'pass it, or pass the role with --stdin.' })
}

/** Reads a role in the format of `roles show -o json`. */
function readRole(): Role {
  const text = readFileSync(0, 'utf8')
  try {
    const [role] = [JSON.parse(text) as Role | Role[]].flat()
    if (role?.name) {
      const { name, display_name = '', organization_permissions = [], organization_member_permissions = [] } = role
      return { name, display_name, organization_permissions, organization_member_permissions }
    }
  } catch (error) {
    throw new CommandError('The input on stdin is not valid JSON.', { detail: (error as Error).message })
  }
  throw new CommandError('The input on stdin is not a role.', {
    hint: 'a role has a name and organization_permissions.',
  })
}

const emptyRole = (name: string): Role => ({
  name,
  display_name: '',
  organization_permissions: [],
  organization_member_permissions: [],
})

/** The resource types that the prompts offer. */
const resources = ['template', 'workspace', 'user', 'group'] as const

async function promptForRole(role: Role): Promise<Role> {
  const { name, display_name, organization_permissions: permissions, organization_member_permissions } = role
  if (!isInteractive())
    throw new CommandError('Cannot prompt for the permissions: stdin is not a terminal.', {
      hint: 'pass the role with --stdin.',
    })
  const others = permissions.filter(({ resource_type }) => !resources.some((resource) => resource === resource_type))
  const selected = new Map(resources.map((resource) => [resource, actionsOn(resource, permissions)]))
  for (;;) {
    const choices = resources.map((resource) => ({
      value: resource as string,
      label: resource as string,
      description: selected.get(resource)?.join(', ') ?? '',
    }))
    const choice = await select(
      `Permissions of ${name}: select a resource type to change`,
      [...choices, { value: 'done', label: 'Done' }, { value: 'cancel', label: 'Cancel' }],
      { flag: '--stdin' },
    )
    if (choice === 'cancel') throw new Canceled('Nothing was changed.')
    const resource = resources.find((type) => type === choice)
    if (!resource) break
    const actions = resourceActions[resource].map((action) => ({ value: action, label: action }))
    const initial = selected.get(resource) ?? []
    selected.set(resource, await selectMany(`Actions on ${resource}`, actions, { flag: '--stdin', initial }))
  }
  const granted = [...selected].flatMap(([resource_type, actions]) =>
    actions.map((action) => ({ negate: false, resource_type, action })),
  )
  return { name, display_name, organization_permissions: [...others, ...granted], organization_member_permissions }
}

const actionsOn = (resource: string, permissions: Role['organization_permissions']) =>
  permissions.filter(({ resource_type }) => resource_type === resource).map(({ action }) => action)

const asListed = (role: Role, organization_id: string): ListedRole => ({
  ...role,
  organization_id,
  site_permissions: [],
  user_permissions: [],
})
