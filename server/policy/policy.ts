// Role-based access control: combines the roles (roles.ts), the key's scopes and allow list (scopes.ts) and access lists,
// and marks the request as authorized; serve.ts fails a request that is answered without this mark. No SQL, no routes.

import { forbidden, notFound } from '../../api/errors.ts'
import type { Action, Resource } from '../../api/rbac.ts'
import {
  accessListGrants,
  type Grants,
  organizationResources,
  organizationRoles,
  type Role,
  siteRoles,
} from './roles.ts'
import {
  allowListHasType,
  allowListIncludes,
  areLimitsWithin,
  type KeyLimits,
  noLimits,
  scopesCover,
} from './scopes.ts'

/** The user behind a request, and the limits of the API key. */
export interface Principal {
  readonly userId: string
  readonly username: string
  readonly email: string
  /** Site roles besides the implicit `member`. */
  readonly roles: readonly string[]
  /** Organization ID → roles held there besides the implicit `organization-member`. One entry per membership. */
  readonly organizationRoles: Readonly<Record<string, readonly string[]>>
  /** Organization ID → the custom roles held there. */
  readonly customRoles: Readonly<Record<string, readonly Role[]>>
  /** Includes the "Everyone" group of each organization. */
  readonly groupIds: readonly string[]
  readonly keyId: string
  readonly limits: KeyLimits
}

/** Access besides the owner's: user or group ID → `use` or `admin`. */
export interface AccessList {
  readonly users: Readonly<Record<string, string>>
  readonly groups: Readonly<Record<string, string>>
}

/** The object that an action is performed on. */
export interface AuthzObject {
  readonly resource: Resource
  /** Compared with the key's allow list. Absent for a list or a new object. */
  readonly id?: string | undefined
  /** Absent for an object without an owner. */
  readonly ownerId?: string | undefined
  /** Absent: any organization of the principal, for resource types that belong to organizations. Null: no single
   *  organization. */
  readonly organizationId?: string | null | undefined
  readonly accessList?: AccessList | undefined
}

/** The part of a request that authorization reads and marks. */
export interface AuthzContext {
  readonly principal: Principal | null
  isAuthorized: boolean
}

/** Whether the roles and the key of `principal` permit the action. */
export function isPermitted(principal: Principal, action: Action, object: AuthzObject): boolean {
  if (action === 'list') return mayPossibly(principal, 'list', object.resource)
  return keyAllows(principal, action, object) && rolesAllow(principal, action, object)
}

/** Every user may list these; the query leaves out the objects that the roles or the key do not permit. */
const listableByEveryone: ReadonlySet<Resource> = new Set<Resource>(['template', 'workspace', 'task'])

/** Whether the action could be permitted on any object of this type; checked before anything is loaded. */
export function mayPossibly(principal: Principal, action: Action, resource: Resource): boolean {
  if (action === 'list') return listableByEveryone.has(resource) || mayPossibly(principal, 'read', resource)
  const { limits, userId } = principal
  const isWithinKey = scopesCover(limits, action, resource) && allowListHasType(limits, resource)
  if (!isWithinKey && !isIdentityRead(principal, action, { resource, ownerId: userId })) return false
  return canHaveAccessList(action, resource) || rolesAllow(principal, action, { resource, ownerId: userId })
}

/** Whether roles and scopes permit reading every object of this type. Ignores the allow list, see `readableIds`. */
export function canReadAll(principal: Principal, resource: Resource): boolean {
  return scopesCover(principal.limits, 'read', resource) && rolesAllow(principal, 'read', { resource })
}

/** Authorizes the action and marks the request as authorized.
 *  @throws ApiError 404, the same as for an object that does not exist. */
export function authorize(request: AuthzContext, action: Action, object: AuthzObject): void {
  if (!isRequestPermitted(request, action, object)) throw notFound()
}

/** Like `authorize`, for a new object or one that the user is known to be able to read. @throws ApiError 403 */
export function requirePermission(request: AuthzContext, action: Action, object: AuthzObject): void {
  if (!isRequestPermitted(request, action, object)) throw forbidden()
}

/** Like `authorize`, but returns the result. For requests that return less data instead of failing. */
export function isRequestPermitted(request: AuthzContext, action: Action, object: AuthzObject): boolean {
  request.isAuthorized = true
  return request.principal !== null && isPermitted(request.principal, action, object)
}

function keyAllows(principal: Principal, action: Action, object: AuthzObject): boolean {
  const { limits } = principal
  return (
    isIdentityRead(principal, action, object) ||
    (scopesCover(limits, action, object.resource) && allowListIncludes(limits, object.resource, object.id))
  )
}

/** Every key may read its own user and organizations, because URLs contain their names. */
function isIdentityRead(principal: Principal, action: Action, { resource, ownerId }: AuthzObject): boolean {
  if (action !== 'read') return false
  return (resource === 'user' && ownerId === principal.userId) || resource === 'organization'
}

function rolesAllow(principal: Principal, action: Action, object: AuthzObject): boolean {
  const { resource } = object
  const ofSite = heldSiteRoles(principal)
  if ([...ofSite, ...heldOrganizationRoles(principal)].some(({ site }) => grants(site, action, resource))) return true
  const ofOrganization = organizationRolesFor(principal, object)
  if (ofOrganization.some(({ denied }) => grants(denied, action, resource))) return false
  if (ofOrganization.some(({ organization }) => grants(organization, action, resource))) return true
  const own = object.ownerId === principal.userId ? [...ofSite, ...ofOrganization] : []
  if (own.some((role) => grants(role.own, action, resource))) return true
  return accessListAllows(principal, action, object)
}

function heldSiteRoles({ roles }: Principal): Role[] {
  return [siteRoles.member, ...roles.flatMap((name) => ownEntry<Role>(siteRoles, name) ?? [])]
}

/** Roles of all organizations: some of them also grant site permissions. */
function heldOrganizationRoles({ organizationRoles: held }: Principal): Role[] {
  return Object.values(held).flatMap((names) => names.flatMap((name) => ownEntry<Role>(organizationRoles, name) ?? []))
}

function organizationRolesFor(
  { organizationRoles: held, customRoles }: Principal,
  { resource, organizationId }: AuthzObject,
): Role[] {
  if (organizationId === null || (organizationId === undefined && !organizationResources.has(resource))) return []
  const organizationIds = organizationId === undefined ? Object.keys(held) : [organizationId].filter((id) => held[id])
  return organizationIds.flatMap((id) => [
    organizationRoles['organization-member'],
    ...(held[id] ?? []).flatMap((name) => ownEntry<Role>(organizationRoles, name) ?? []),
    ...(customRoles[id] ?? []),
  ])
}

/** Ignores inherited properties: `name` is unchecked input such as `constructor`. */
function ownEntry<T>(table: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined
}

function grants(table: Grants | undefined, action: Action, resource: Resource): boolean {
  const actions = table?.[resource] ?? table?.['*']
  return actions === '*' || (actions?.includes(action) ?? false)
}

function accessListAllows(principal: Principal, action: Action, { resource, accessList }: AuthzObject): boolean {
  if (!accessList || (resource !== 'template' && resource !== 'workspace')) return false
  const entries = [accessList.users[principal.userId], ...principal.groupIds.map((id) => accessList.groups[id])]
  return entries.some((entry) => {
    const actions = ownEntry(accessListGrants[resource], entry ?? '')
    return actions === '*' || actions?.includes(action)
  })
}

/** Whether an access list may grant the action. */
function canHaveAccessList(action: Action, resource: Resource): boolean {
  return (resource === 'template' || resource === 'workspace') && action !== 'create'
}

/** For changes that grant more than any limited key has: passwords, commands that a terminal runs, new sessions.
 *  @throws ApiError 403 if scopes or an allow list limit the key */
export function requireUnlimitedKey({ limits }: Principal): void {
  if (areLimitsWithin(noLimits, limits)) return
  throw forbidden('This requires a session or a token without limits. The token has scopes or an allow list.')
}
