// What a token may do of what its user may: its scopes, and the list of objects it is for. Both only take away.

import type { Action, Resource } from '../../api/rbac.ts'
import { isResource, resourceActions } from '../../api/rbac.ts'

/** One entry of a token's allow list; `*` is every type or every id. */
export interface AllowedObject {
  readonly type: string
  readonly id: string
}

/** What a key is limited to. A session is limited to nothing. */
export interface KeyLimits {
  readonly scopes: readonly string[]
  readonly allowList: readonly AllowedObject[]
}

export const noLimits: KeyLimits = { scopes: ['coder:all'], allowList: [{ type: '*', id: '*' }] }

type Covered = Readonly<Partial<Record<Resource, readonly Action[]>>>

const nameOwner: Covered = { organization_member: ['read'] }

/** Scopes that stand for several. */
const composites: Readonly<Record<string, Covered>> = {
  application_connect: { workspace: ['application_connect'] },
  'coder:application_connect': { workspace: ['application_connect'] },
  'coder:workspaces.create': {
    ...nameOwner,
    template: ['read', 'use'],
    workspace: ['create', 'read', 'update'],
  },
  'coder:workspaces.operate': {
    ...nameOwner,
    template: ['read'],
    workspace: ['read', 'update', 'start', 'stop'],
    workspace_dormant: ['read', 'update', 'stop'],
  },
  'coder:workspaces.delete': {
    ...nameOwner,
    template: ['read', 'use'],
    workspace: ['read', 'delete'],
    workspace_dormant: ['read', 'delete'],
  },
  'coder:workspaces.access': {
    ...nameOwner,
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

const everything = new Set(['all', 'coder:all'])

/** Every scope there is. */
const scopeNames: readonly string[] = [
  ...everything,
  ...Object.keys(composites),
  ...Object.entries(resourceActions).flatMap(([resource, actions]) =>
    ['*', ...actions].map((action) => `${resource}:${action}`),
  ),
]

/** Coder gives tokens these ones only, and pages offer no others. Here any scope there is may be given. */
const offered = {
  api_key: ['*', 'create', 'delete', 'read', 'update'],
  file: ['*', 'create', 'read'],
  organization: ['*', 'delete', 'read', 'update'],
  task: ['*', 'create', 'delete', 'read', 'update'],
  template: ['*', 'create', 'delete', 'read', 'update', 'use'],
  user: ['read_personal', 'update_personal'],
  user_secret: ['*', 'create', 'delete', 'read', 'update'],
  workspace: ['*', 'application_connect', 'create', 'delete', 'read', 'ssh', 'start', 'stop', 'update'],
} as const satisfies Partial<Record<Resource, readonly (Action | '*')[]>>

/** The scopes that are offered to whoever makes a token, in the order of the alphabet. */
export const offeredScopes: readonly string[] = [
  'coder:all',
  ...Object.keys(composites).filter((name) => name.startsWith('coder:')),
  ...Object.entries(offered).flatMap(([resource, actions]) => actions.map((action) => `${resource}:${action}`)),
].sort()

const known = new Set(scopeNames)
export const isScope = (name: string): boolean => known.has(name)
export const isAllowedType = (type: string): boolean => type === '*' || isResource(type)

/** Whether a key with these limits could do nothing that one with those bounds could not: no key makes a stronger one. */
export function isWithin(limits: KeyLimits, bounds: KeyLimits): boolean {
  return (
    limits.scopes.every((scope) => isScopeWithin(scope, bounds)) &&
    limits.allowList.every(({ type, id }) =>
      bounds.allowList.some((bound) => ['*', type].includes(bound.type) && ['*', id].includes(bound.id)),
    )
  )
}

function isScopeWithin(scope: string, bounds: KeyLimits): boolean {
  if (bounds.scopes.some((bound) => everything.has(bound) || bound === scope)) return true
  const [resource = '', action] = scope.split(':')
  return bounds.scopes.includes(`${resource}:*`) && action !== undefined && isResource(resource)
}

/** Made without reading anything first, and what an app's own token is for. */
const needsNoReading: ReadonlySet<Action> = new Set(['create', 'application_connect'])
/** Every key reads whose it is, and where. */
const alwaysReadable: ReadonlySet<Resource> = new Set(['user', 'organization'])

/** Whether the scopes reach this far, whichever object it is. What may not be read may not be changed either. */
export function scopesCover(limits: KeyLimits, action: Action, resource: Resource): boolean {
  if (!covers(limits, action, resource)) return false
  return needsNoReading.has(action) || alwaysReadable.has(resource) || covers(limits, 'read', resource)
}

function covers({ scopes }: KeyLimits, action: Action, resource: Resource): boolean {
  // What everybody signed in may know is no secret to a token.
  if (resource === 'deployment') return true
  const asked = action === 'list' ? 'read' : action
  return scopes.some(
    (scope) =>
      everything.has(scope) ||
      scope === `${resource}:*` ||
      scope === `${resource}:${asked}` ||
      composites[scope]?.[resource]?.includes(asked),
  )
}

/** Whether the allow list names an object. Without an id it is about no object in particular: a list, or a new one. */
export function allowListNames({ allowList }: KeyLimits, resource: Resource, id: string | undefined): boolean {
  if (resource === 'deployment') return true
  return allowList.some((entry) => isOfType(entry, resource) && (entry.id === '*' || entry.id === id))
}

/** The objects of this type that a key may read at all; undefined when it may read any of them. */
export function readableIds(limits: KeyLimits, resource: Resource): readonly string[] | undefined {
  if (!scopesCover(limits, 'read', resource)) return []
  const ids = limits.allowList.filter((entry) => isOfType(entry, resource)).map(({ id }) => id)
  return ids.includes('*') ? undefined : ids
}

/** Whether the allow list names any object of this type. */
export function allowListMentions({ allowList }: KeyLimits, resource: Resource): boolean {
  return resource === 'deployment' || allowList.some((entry) => isOfType(entry, resource))
}

function isOfType({ type }: AllowedObject, resource: Resource): boolean {
  return type === '*' || type === resource || (type === 'workspace' && resource === 'workspace_dormant')
}
