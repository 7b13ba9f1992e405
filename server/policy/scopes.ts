// Limits of an API key: its scopes and its allow list of objects. Both only restrict the permissions of the user.

import { type Action, isResource, type Resource, resourceActions } from '../../api/rbac.ts'

/** One entry of a token's allow list; `*` is every type or every ID. */
export interface AllowedObject {
  readonly type: string
  readonly id: string
}

/** The limits of an API key. Browser sessions have `noLimits`. */
export interface KeyLimits {
  readonly scopes: readonly string[]
  readonly allowList: readonly AllowedObject[]
}

export const noLimits: KeyLimits = { scopes: ['coder:all'], allowList: [{ type: '*', id: '*' }] }

type ScopePermissions = Readonly<Partial<Record<Resource, readonly Action[]>>>

const readOwner: ScopePermissions = { organization_member: ['read'] }

/** Composite scopes: each covers several actions. */
const composites: Readonly<Record<string, ScopePermissions>> = {
  application_connect: { workspace: ['application_connect'] },
  'coder:application_connect': { workspace: ['application_connect'] },
  'coder:workspaces.create': {
    ...readOwner,
    template: ['read', 'use'],
    workspace: ['create', 'read', 'update'],
  },
  'coder:workspaces.operate': {
    ...readOwner,
    template: ['read'],
    workspace: ['read', 'update', 'start', 'stop'],
    workspace_dormant: ['read', 'update', 'stop'],
  },
  'coder:workspaces.delete': {
    ...readOwner,
    template: ['read', 'use'],
    workspace: ['read', 'delete'],
    workspace_dormant: ['read', 'delete'],
  },
  'coder:workspaces.access': {
    ...readOwner,
    template: ['read'],
    workspace: ['read', 'ssh', 'application_connect'],
  },
  'coder:templates.build': { template: ['read'], file: ['create', 'read'], provisioner_jobs: ['read'] },
  'coder:templates.author': {
    template: ['create', 'read', 'update', 'delete', 'view_insights'],
    file: ['create', 'read'],
  },
  'coder:apikeys.manage_self': { api_key: ['create', 'read', 'update', 'delete'] },
}

const unrestrictedScopes = new Set(['all', 'coder:all'])

/** All valid scopes. */
const scopeNames: readonly string[] = [
  ...unrestrictedScopes,
  ...Object.keys(composites),
  ...Object.entries(resourceActions).flatMap(([resource, actions]) =>
    ['*', ...actions].map((action) => `${resource}:${action}`),
  ),
]

/** The low-level scopes of Coder's public catalog, which the dashboard offers. The API accepts any valid scope. */
const catalog = {
  api_key: ['*', 'create', 'delete', 'read', 'update'],
  file: ['*', 'create', 'read'],
  organization: ['*', 'delete', 'read', 'update'],
  task: ['*', 'create', 'delete', 'read', 'update'],
  template: ['*', 'create', 'delete', 'read', 'update', 'use'],
  user: ['read_personal', 'update_personal'],
  user_secret: ['*', 'create', 'delete', 'read', 'update'],
  workspace: ['*', 'application_connect', 'create', 'delete', 'read', 'ssh', 'start', 'stop', 'update'],
} as const satisfies Partial<Record<Resource, readonly (Action | '*')[]>>

/** The scopes offered when a token is created, sorted. */
export const offeredScopes: readonly string[] = [
  'coder:all',
  ...Object.keys(composites).filter((name) => name.startsWith('coder:')),
  ...Object.entries(catalog).flatMap(([resource, actions]) => actions.map((action) => `${resource}:${action}`)),
].sort()

const validScopes = new Set(scopeNames)
export const isScope = (name: string): boolean => validScopes.has(name)
export const isAllowedType = (type: string): boolean => type === '*' || isResource(type)

/** Whether `limits` permit nothing beyond `bounds`: a key must not create a more powerful key. */
export function areLimitsWithin(limits: KeyLimits, bounds: KeyLimits): boolean {
  return (
    limits.scopes.every((scope) => isScopeWithin(scope, bounds)) &&
    limits.allowList.every(({ type, id }) =>
      bounds.allowList.some((bound) => ['*', type].includes(bound.type) && ['*', id].includes(bound.id)),
    )
  )
}

function isScopeWithin(scope: string, bounds: KeyLimits): boolean {
  if (bounds.scopes.some((bound) => unrestrictedScopes.has(bound) || bound === scope)) return true
  const [resource = '', action] = scope.split(':')
  return bounds.scopes.includes(`${resource}:*`) && action !== undefined && isResource(resource)
}

/** Actions that do not require permission to read the object. */
const actionsWithoutRead: ReadonlySet<Action> = new Set(['create', 'application_connect'])
/** Every key may read its user and organizations. */
const alwaysReadable: ReadonlySet<Resource> = new Set(['user', 'organization'])

/** Whether the scopes permit the action on some object. An object that cannot be read cannot be changed either. */
export function scopesCover(limits: KeyLimits, action: Action, resource: Resource): boolean {
  if (!covers(limits, action, resource)) return false
  return actionsWithoutRead.has(action) || alwaysReadable.has(resource) || covers(limits, 'read', resource)
}

function covers({ scopes }: KeyLimits, action: Action, resource: Resource): boolean {
  // Readable by every user, and therefore by every token.
  if (resource === 'deployment') return true
  const required = action === 'list' ? 'read' : action
  return scopes.some(
    (scope) =>
      unrestrictedScopes.has(scope) ||
      scope === `${resource}:*` ||
      scope === `${resource}:${required}` ||
      composites[scope]?.[resource]?.includes(required),
  )
}

/** Whether the allow list includes an object. A list or a new object has no ID and needs a wildcard entry. */
export function allowListIncludes({ allowList }: KeyLimits, resource: Resource, id: string | undefined): boolean {
  if (resource === 'deployment') return true
  return allowList.some((entry) => isOfType(entry, resource) && (entry.id === '*' || entry.id === id))
}

/** IDs of the objects of this type that the key may read; undefined means all. */
export function readableIds(limits: KeyLimits, resource: Resource): readonly string[] | undefined {
  if (!scopesCover(limits, 'read', resource)) return []
  const ids = limits.allowList.filter((entry) => isOfType(entry, resource)).map(({ id }) => id)
  return ids.includes('*') ? undefined : ids
}

/** Whether the allow list includes any object of this type. */
export function allowListHasType({ allowList }: KeyLimits, resource: Resource): boolean {
  return resource === 'deployment' || allowList.some((entry) => isOfType(entry, resource))
}

function isOfType({ type }: AllowedObject, resource: Resource): boolean {
  return type === '*' || type === resource || (type === 'workspace' && resource === 'workspace_dormant')
}
