// Answers authorization checks: each names a resource type, optionally an owner, organization or ID, and an action.

import type { FastifyInstance } from 'fastify'
import { type AuthorizationCheck, checkAuthorization } from '../../../api/account/authorization.ts'
import { validationFailed } from '../../../api/errors.ts'
import { type Action, isResource, resourceActions } from '../../../api/rbac.ts'
import { isUuid } from '../../../lib/uuid.ts'
import type { ServerContext } from '../../context.ts'
import type { Db } from '../../database/connect.ts'
import { serve } from '../../http/serve.ts'
import { groupObject, templateObject, userObject, workspaceObject } from '../../policy/objects.ts'
import { type AuthzObject, isPermitted, isRequestPermitted, type Principal } from '../../policy/policy.ts'

type CheckedObject = AuthorizationCheck['object']

export function registerAuthorizationRoutes(app: FastifyInstance, { db }: ServerContext): void {
  serve(app, checkAuthorization, async (request) => {
    isRequestPermitted(request, 'read', userObject(request.principal.userId))
    const checks = Object.entries(request.body.checks)
    validateChecks(checks)
    const load = createObjectCache((type, id) => loaders[type]?.(db, id))
    const results = await Promise.all(
      checks.map(async ([name, { object, action }]) => [
        name,
        await isCheckPermitted(load, request.principal, object, action),
      ]),
    )
    return Object.fromEntries(results)
  })
}

// Coder's dashboard sends about thirty checks in one request, and each can read a row.
const maxChecks = 500

/** @throws ApiError 400 for malformed checks */
function validateChecks(checks: readonly (readonly [string, AuthorizationCheck])[]): void {
  if (checks.length > maxChecks) {
    throw validationFailed([
      { field: 'checks', detail: `must have at most ${maxChecks} entries, not ${checks.length}` },
    ])
  }
  const validations = checks.flatMap(([name, { object }]) =>
    [...findProblems(object)].map((detail) => ({ field: `checks.${name}.object`, detail })),
  )
  if (validations.length > 0) throw validationFailed(validations)
}

function* findProblems({ resource_type: type, resource_id: id }: CheckedObject) {
  if (type === '') yield 'needs a "resource_type"'
  if (id && !isUuid(id)) yield '"resource_id" must be a UUID'
  if (id && isResource(type) && !(type in loaders)) {
    yield `"resource_id" is supported for ${Object.keys(loaders).join(', ')}, not for "${type}"`
  }
}

type Load = (type: string, id: string) => Promise<AuthzObject | undefined> | undefined

/** Several checks of a page refer to the same object. */
function createObjectCache(load: Load): Load {
  const loaded = new Map<string, ReturnType<Load>>()
  return (type, id) => {
    const key = `${type} ${id}`
    if (!loaded.has(key)) loaded.set(key, load(type, id))
    return loaded.get(key)
  }
}

/** False for objects that do not exist. */
async function isCheckPermitted(
  load: Load,
  principal: Principal,
  object: CheckedObject,
  action: string,
): Promise<boolean> {
  const { resource_type: resource, resource_id: id } = object
  // The wildcard is permitted only to those with all permissions.
  if (resource === '*') return isPermitted(principal, action as Action, { resource: 'system' })
  if (!isResource(resource) || !resourceActions[resource].some((allowed) => allowed === action)) return false
  const target = id ? await load(resource, id) : describedObject(principal, object)
  if (!target) return false
  return isPermitted(principal, action as Action, target)
}

function describedObject(principal: Principal, object: CheckedObject): AuthzObject | null {
  const { resource_type: resource, owner_id: owner, organization_id: organization, any_org: anyOrg } = object
  if (!isResource(resource)) return null
  return {
    resource,
    // Any owner is written as "*", which matches no user ID: only permissions on all owners' objects apply.
    ownerId: owner === 'me' ? principal.userId : owner || undefined,
    // Without an organization the check covers all organizations, which only site roles permit.
    organizationId: anyOrg ? anyOrganization(principal) : (organization ?? null),
  }
}

const anyOrganization = (principal: Principal): string | null => Object.keys(principal.organizationRoles)[0] ?? null

/** Resource types that can be checked by ID. */
const loaders: Partial<Record<string, (db: Db, id: string) => Promise<AuthzObject | undefined>>> = {
  async workspace(db, id) {
    const row = await db.selectFrom('workspaces').selectAll().where('id', '=', id).executeTakeFirst()
    return row && workspaceObject(row)
  },
  async template(db, id) {
    const row = await db.selectFrom('templates').selectAll().where('id', '=', id).executeTakeFirst()
    return row && templateObject(row)
  },
  async user(db, id) {
    const row = await db.selectFrom('users').select('id').where('id', '=', id).executeTakeFirst()
    return row && userObject(row.id)
  },
  async group(db, id) {
    const row = await db.selectFrom('groups').select('organization_id').where('id', '=', id).executeTakeFirst()
    return row && groupObject(id, row.organization_id)
  },
}
