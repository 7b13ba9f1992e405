// Who may do what: the one question to the table of roles (roles.ts) and to what a token is limited to (scopes.ts), and
// the mark that it was asked: a route that answers without having asked fails (serve.ts). Knows no SQL and no routes.

import { forbidden, notFound } from '../../api/errors.ts'
import type { Action, Resource } from '../../api/rbac.ts'
import { type Grants, inOrganization, listedGrants, organizationRoles, type Role, siteRoles } from './roles.ts'
import { allowListMentions, allowListNames, type KeyLimits, scopesCover } from './scopes.ts'

/** The user behind a request, with what their key allows. */
export interface Principal {
  readonly userId: string
  readonly username: string
  readonly email: string
  /** Site roles besides the implicit `member`. */
  readonly roles: readonly string[]
  /** By the id of each organization the user belongs to: the roles held there besides the implicit one. */
  readonly organizationRoles: Readonly<Record<string, readonly string[]>>
  /** By the id of each organization: what those of them give that the organization made for itself. */
  readonly customRoles: Readonly<Record<string, readonly Role[]>>
  /** Among them the group of everybody in each organization. */
  readonly groupIds: readonly string[]
  readonly keyId: string
  /** What the key is limited to. */
  readonly limits: KeyLimits
}

/** Who may use something besides its owner: `use` or `admin` by the id of a user or a group. */
export interface AccessList {
  readonly users: Readonly<Record<string, string>>
  readonly groups: Readonly<Record<string, string>>
}

/** What is acted upon. */
export interface Subject {
  readonly resource: Resource
  /** The object itself, for tokens that are for some objects only. */
  readonly id?: string | undefined
  /** Absent where it belongs to nobody in particular. */
  readonly ownerId?: string | undefined
  /** Where it belongs. Absent: wherever such things do, which is the only organization there is. Null: nowhere, or
   *  in all of them at once. */
  readonly organizationId?: string | null | undefined
  readonly accessList?: AccessList | undefined
}

/** Whoever a request speaks for, and whether the policy was asked about what it touches. */
export interface Asker {
  readonly principal: Principal | null
  isAuthorized: boolean
}

/** Whether the policy lets this user act so, with this key. */
export function can(principal: Principal, action: Action, subject: Subject): boolean {
  if (action === 'list') return mightEver(principal, 'list', subject.resource)
  return keyReaches(principal, action, subject) && rolesAllow(principal, action, subject)
}

/** What everybody may list: what a role or a key does not reach is not in the list. */
const everybodyLists: ReadonlySet<Resource> = new Set<Resource>(['template', 'workspace', 'task'])

/** Whether there is any object for which the policy says yes: asked before anything is loaded. */
export function mightEver(principal: Principal, action: Action, resource: Resource): boolean {
  if (action === 'list') return everybodyLists.has(resource) || mightEver(principal, 'read', resource)
  const { limits, userId } = principal
  const isWithinKey = scopesCover(limits, action, resource) && allowListMentions(limits, resource)
  if (!isWithinKey && !isOwnName(principal, action, { resource, ownerId: userId })) return false
  return isListable(action, resource) || rolesAllow(principal, action, { resource, ownerId: userId })
}

/** Whether roles and scopes let this user read all objects of this kind; which of them the key is for is asked apart. */
export function readsAll(principal: Principal, resource: Resource): boolean {
  return scopesCover(principal.limits, 'read', resource) && rolesAllow(principal, 'read', { resource })
}

/** Asks the policy and marks the request as checked.
 *  @throws ApiError 404, the same as for what does not exist. */
export function authorize(request: Asker, action: Action, subject: Subject): void {
  if (!isAllowed(request, action, subject)) throw notFound()
}

/** The same about what there is no object of yet, or what may be seen by whoever comes this far. @throws ApiError 403 */
export function requireRight(request: Asker, action: Action, subject: Subject): void {
  if (!isAllowed(request, action, subject)) throw forbidden()
}

/** The same question for a request that shows less instead of failing. */
export function isAllowed(request: Asker, action: Action, subject: Subject): boolean {
  request.isAuthorized = true
  return request.principal !== null && can(request.principal, action, subject)
}

function keyReaches(principal: Principal, action: Action, subject: Subject): boolean {
  const { limits } = principal
  return (
    isOwnName(principal, action, subject) ||
    (scopesCover(limits, action, subject.resource) && allowListNames(limits, subject.resource, subject.id))
  )
}

/** Every key, whatever it is limited to, knows whose it is and where: addresses name user and organization. */
function isOwnName(principal: Principal, action: Action, { resource, ownerId }: Subject): boolean {
  if (action !== 'read') return false
  return (resource === 'user' && ownerId === principal.userId) || resource === 'organization'
}

function rolesAllow(principal: Principal, action: Action, subject: Subject): boolean {
  const { resource } = subject
  const ofSite = rolesOfSite(principal)
  if ([...ofSite, ...heldAnywhere(principal)].some(({ site }) => grants(site, action, resource))) return true
  const ofOrganization = rolesThere(principal, subject)
  if (ofOrganization.some(({ denied }) => grants(denied, action, resource))) return false
  if (ofOrganization.some(({ organization }) => grants(organization, action, resource))) return true
  const own = subject.ownerId === principal.userId ? [...ofSite, ...ofOrganization] : []
  if (own.some((role) => grants(role.own, action, resource))) return true
  return accessListGrants(principal, action, subject)
}

function rolesOfSite({ roles }: Principal): Role[] {
  return [siteRoles.member, ...roles.flatMap((name) => entryOf<Role>(siteRoles, name) ?? [])]
}

/** Some roles of an organization give something outside of it. */
function heldAnywhere({ organizationRoles: held }: Principal): Role[] {
  return Object.values(held).flatMap((names) => names.flatMap((name) => entryOf<Role>(organizationRoles, name) ?? []))
}

function rolesThere(
  { organizationRoles: held, customRoles }: Principal,
  { resource, organizationId }: Subject,
): Role[] {
  if (organizationId === null || (organizationId === undefined && !inOrganization.has(resource))) return []
  const places = organizationId === undefined ? Object.keys(held) : [organizationId].filter((id) => held[id])
  return places.flatMap((id) => [
    organizationRoles['organization-member'],
    ...(held[id] ?? []).flatMap((name) => entryOf<Role>(organizationRoles, name) ?? []),
    ...(customRoles[id] ?? []),
  ])
}

/** What a table says of a name that may be any text, such as one that every object has. */
function entryOf<T>(table: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined
}

function grants(table: Grants | undefined, action: Action, resource: Resource): boolean {
  const actions = table?.[resource] ?? table?.['*']
  return actions === '*' || (actions?.includes(action) ?? false)
}

function accessListGrants(principal: Principal, action: Action, { resource, accessList }: Subject): boolean {
  if (!accessList || (resource !== 'template' && resource !== 'workspace')) return false
  const entries = [accessList.users[principal.userId], ...principal.groupIds.map((id) => accessList.groups[id])]
  return entries.some((entry) => {
    const actions = entryOf(listedGrants[resource], entry ?? '')
    return actions === '*' || actions?.includes(action)
  })
}

/** Whether an access list could give this to anybody. */
function isListable(action: Action, resource: Resource): boolean {
  return (resource === 'template' || resource === 'workspace') && action !== 'create'
}
