// The role table, and its enforcement by the real server at every endpoint of the contract.

import Fastify from 'fastify'
import { Type } from 'typebox'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Endpoint, endpoint, user } from '../../api/endpoint.ts'
import type { Resource } from '../../api/rbac.ts'
import { endpoints } from '../../api/table.ts'
import { installValidation, serve } from '../http/serve.ts'
import { rawRequest, webSocketHeaders } from '../testing/raw-request.ts'
import { startTestServer, type TestServer } from '../testing/start-test-server.ts'
import { type AuthzObject, authorize, isPermitted, mayPossibly, type Principal } from './policy.ts'
import { areLimitsWithin, type KeyLimits, noLimits } from './scopes.ts'

const organization = 'the-organization'
const principal = (
  roles: string[] = [],
  organizationRoles: string[] = [],
  limits: KeyLimits = noLimits,
): Principal => ({
  userId: 'self',
  username: 'self',
  email: 'self@example.com',
  roles,
  organizationRoles: { [organization]: organizationRoles },
  customRoles: {},
  groupIds: [organization],
  keyId: 'key',
  limits,
})
const member = principal()
const owner = principal(['owner'])
const userEndpoints = endpoints.filter(({ access }) => access.kind === 'user')
const ownedByAnother = (resource: Resource): AuthzObject => ({ resource, ownerId: 'another' })

describe('the role table', () => {
  test('an owner has every permission, also for objects of others', () => {
    for (const { access } of userEndpoints) {
      if (access.kind !== 'user') continue
      expect(isPermitted(owner, access.action, { resource: access.resource, ownerId: 'another' })).toBe(true)
    }
  })

  test('a member has permissions for own workspaces and keys only', () => {
    for (const resource of ['workspace', 'api_key'] as const) {
      for (const action of ['create', 'read', 'update', 'delete'] as const) {
        expect(isPermitted(member, action, { resource, ownerId: 'self' })).toBe(true)
        expect(isPermitted(member, action, { resource, ownerId: 'another' })).toBe(false)
        expect(isPermitted(member, action, { resource })).toBe(false)
      }
    }
    expect(isPermitted(member, 'ssh', { resource: 'workspace', ownerId: 'another' })).toBe(false)
  })

  test('a member cannot create users or templates, because templates execute on the host', () => {
    for (const resource of ['user', 'template'] as const) expect(mayPossibly(member, 'create', resource)).toBe(false)
    expect(isPermitted(member, 'update', { resource: 'template' })).toBe(false)
    expect(mayPossibly(member, 'delete', 'user')).toBe(false)
  })

  test('an unknown role or scope gives no permissions, whatever its name', () => {
    for (const name of ['administrator', '__proto__', 'constructor', 'toString']) {
      expect(isPermitted(principal([name], [name]), 'create', { resource: 'template' })).toBe(false)
      expect(isPermitted(principal([], [], { ...noLimits, scopes: [name] }), 'read', { resource: 'group' })).toBe(false)
    }
  })

  test('no role can start or connect to a dormant workspace', () => {
    for (const subject of [member, owner, principal([], ['organization-admin'])]) {
      for (const action of ['start', 'ssh', 'application_connect'] as const)
        expect(isPermitted(subject, action, { resource: 'workspace_dormant', ownerId: 'self' })).toBe(false)
      expect(isPermitted(subject, 'update', { resource: 'workspace_dormant', ownerId: 'self' })).toBe(true)
    }
  })

  test.each([
    ['template-admin', 'update', 'template', true],
    ['template-admin', 'create', 'file', true],
    ['template-admin', 'read', 'workspace', true],
    ['template-admin', 'ssh', 'workspace', false],
    ['template-admin', 'update', 'workspace', false],
    ['template-admin', 'read', 'user', true],
    ['template-admin', 'update', 'user', false],
    ['template-admin', 'read', 'deployment_config', false],
    ['user-admin', 'create', 'user', true],
    ['user-admin', 'update_personal', 'user', true],
    ['user-admin', 'assign', 'assign_role', true],
    ['user-admin', 'read', 'workspace', false],
    ['user-admin', 'read', 'template', false],
    ['template-admin', 'read', 'provisioner_daemon', true],
    ['template-admin', 'read', 'provisioner_jobs', false],
    ['owner', 'read', 'user_secret', false],
    ['auditor', 'read', 'audit_log', true],
    ['auditor', 'read', 'user', true],
    ['auditor', 'update', 'user', false],
    ['auditor', 'read', 'workspace', false],
    ['auditor', 'view_insights', 'template', true],
    ['auditor', 'read', 'deployment_config', true],
    ['auditor', 'update', 'deployment_config', false],
  ] as const)('site role %s: %s %s is %s', (role, action, resource, expected) => {
    expect(isPermitted(principal([role]), action, ownedByAnother(resource))).toBe(expected)
  })

  test.each([
    ['organization-admin', 'update', 'template', true],
    ['organization-admin', 'stop', 'workspace', true],
    ['organization-admin', 'ssh', 'workspace', false],
    ['organization-admin', 'application_connect', 'workspace', false],
    ['organization-admin', 'read', 'deployment_config', false],
    ['organization-admin', 'create', 'user', false],
    ['organization-admin', 'read', 'user', true],
    ['organization-admin', 'read', 'user_secret', false],
    ['organization-user-admin', 'read', 'user', true],
    ['organization-user-admin', 'update', 'user', false],
    ['organization-template-admin', 'read', 'user', false],
    ['organization-admin', 'read', 'api_key', false],
    ['organization-admin', 'assign', 'assign_role', false],
    ['organization-admin', 'assign', 'assign_org_role', true],
    ['organization-auditor', 'read', 'template', true],
    ['organization-auditor', 'update', 'template', false],
    ['organization-user-admin', 'create', 'organization_member', true],
    ['organization-user-admin', 'read', 'workspace', false],
    ['organization-template-admin', 'delete', 'template', true],
    ['organization-template-admin', 'create', 'file', true],
    ['organization-template-admin', 'delete', 'organization_member', false],
    ['organization-member', 'read', 'group', true],
    ['organization-member', 'update', 'organization', false],
  ] as const)('organization role %s: %s %s is %s', (role, action, resource, expected) => {
    expect(isPermitted(principal([], [role]), action, ownedByAnother(resource))).toBe(expected)
  })

  test('an organization role applies only to its organization', () => {
    const admin = principal([], ['organization-admin'])
    expect(isPermitted(admin, 'read', { resource: 'audit_log', organizationId: organization })).toBe(true)
    expect(isPermitted(admin, 'read', { resource: 'deployment_config' })).toBe(false)
    for (const organizationId of ['another', null]) {
      expect(isPermitted(admin, 'update', { resource: 'template', organizationId })).toBe(false)
      expect(isPermitted(admin, 'read', { resource: 'organization', organizationId })).toBe(false)
    }
  })

  test('a ban removes permissions of membership, but not of site roles', () => {
    const banned = ['organization-workspace-creation-ban']
    const own = { resource: 'workspace', ownerId: 'self' } as const
    expect(isPermitted(principal([], banned), 'create', own)).toBe(false)
    expect(mayPossibly(principal([], banned), 'create', 'workspace')).toBe(false)
    expect(isPermitted(principal([], banned), 'read', own)).toBe(true)
    expect(isPermitted(principal([], [...banned, 'organization-admin']), 'create', own)).toBe(false)
    expect(isPermitted(principal(['owner'], banned), 'create', own)).toBe(true)
  })

  test('an access list gives permissions to its users and groups', () => {
    const listed = (users: Record<string, string>, groups: Record<string, string> = {}) =>
      ({ resource: 'template', organizationId: organization, accessList: { users, groups } }) as const
    expect(isPermitted(member, 'use', listed({}))).toBe(false)
    expect(isPermitted(member, 'use', listed({ another: 'admin' }))).toBe(false)
    expect(isPermitted(member, 'use', listed({ self: 'use' }))).toBe(true)
    expect(isPermitted(member, 'use', listed({}, { [organization]: 'use' }))).toBe(true)
    expect(isPermitted(member, 'update', listed({ self: 'use' }, { [organization]: 'use' }))).toBe(false)
    expect(isPermitted(member, 'update', listed({ self: 'admin' }))).toBe(true)
    expect(
      isPermitted(member, 'ssh', {
        ...ownedByAnother('workspace'),
        accessList: { users: { self: 'use' }, groups: {} },
      }),
    ).toBe(true)
    expect(isPermitted(member, 'use', listed({ self: '__proto__' }))).toBe(false)
  })
})

describe('a token', () => {
  const scopedPrincipal = (scopes: string[], allowList = noLimits.allowList) =>
    principal(['owner'], [], { scopes, allowList })
  const workspace = { resource: 'workspace', id: 'this', ownerId: 'another' } as const

  test('has only the permissions of both its user and its scopes', () => {
    const reader = scopedPrincipal(['workspace:read'])
    expect(isPermitted(reader, 'read', workspace)).toBe(true)
    expect(isPermitted(reader, 'list', workspace)).toBe(true)
    expect(isPermitted(reader, 'update', workspace)).toBe(false)
    expect(isPermitted(reader, 'read', { resource: 'template' })).toBe(false)
    expect(mayPossibly(reader, 'read', 'template')).toBe(false)
    expect(isPermitted(scopedPrincipal(['workspace:*']), 'ssh', workspace)).toBe(true)
    expect(isPermitted(scopedPrincipal(['workspace:*']), 'read', { resource: 'workspace_proxy' })).toBe(false)
    expect(isPermitted(scopedPrincipal(['application_connect']), 'application_connect', workspace)).toBe(true)
    expect(isPermitted(scopedPrincipal(['coder:application_connect']), 'ssh', workspace)).toBe(false)
    expect(isPermitted(scopedPrincipal(['coder:workspaces.access']), 'ssh', workspace)).toBe(true)
    expect(isPermitted(scopedPrincipal(['coder:workspaces.access']), 'delete', workspace)).toBe(false)
    expect(
      isPermitted(scopedPrincipal(['coder:apikeys.manage_self', 'template:read']), 'read', { resource: 'template' }),
    ).toBe(true)
  })

  test('without read permission cannot change objects, and its lists are empty', () => {
    expect(isPermitted(scopedPrincipal(['workspace:update']), 'update', workspace)).toBe(false)
    expect(isPermitted(scopedPrincipal(['workspace:update', 'workspace:read']), 'update', workspace)).toBe(true)
    expect(
      isPermitted(scopedPrincipal(['workspace:create']), 'create', { resource: 'workspace', ownerId: 'self' }),
    ).toBe(true)
    expect(
      isPermitted(scopedPrincipal(['user:update_personal']), 'update_personal', { resource: 'user', ownerId: 'self' }),
    ).toBe(true)
    for (const resource of ['workspace', 'template', 'task'] as const)
      expect(isPermitted(scopedPrincipal(['api_key:read']), 'list', { resource })).toBe(true)
    expect(isPermitted(scopedPrincipal(['api_key:read']), 'list', { resource: 'audit_log' })).toBe(false)
  })

  test('has no permissions beyond the roles of its user', () => {
    const token = principal([], [], { ...noLimits, scopes: ['template:*', 'user:*'] })
    expect(isPermitted(token, 'create', { resource: 'template' })).toBe(false)
    expect(isPermitted(token, 'delete', { resource: 'user', ownerId: 'another' })).toBe(false)
  })

  test('limited to one object has no access to others', () => {
    const token = scopedPrincipal(['all'], [{ type: 'workspace', id: 'this' }])
    expect(isPermitted(token, 'ssh', workspace)).toBe(true)
    expect(isPermitted(token, 'read', { ...workspace, resource: 'workspace_dormant' })).toBe(true)
    expect(isPermitted(token, 'ssh', { ...workspace, id: 'that' })).toBe(false)
    expect(isPermitted(token, 'create', { resource: 'workspace', ownerId: 'self' })).toBe(false)
    expect(isPermitted(token, 'read', { resource: 'template', id: 'this' })).toBe(false)
    expect(mayPossibly(token, 'read', 'workspace')).toBe(true)
    expect(mayPossibly(token, 'read', 'template')).toBe(false)
    expect(
      isPermitted(scopedPrincipal(['all'], [{ type: 'workspace', id: '*' }]), 'ssh', { ...workspace, id: 'that' }),
    ).toBe(true)
  })

  test('cannot create a token with more permissions', () => {
    const all = [{ type: '*', id: '*' }]
    const within = (scopes: string[], bounds: string[]) =>
      areLimitsWithin({ scopes, allowList: all }, { scopes: bounds, allowList: all })
    expect(within(['workspace:read'], ['all'])).toBe(true)
    expect(within(['workspace:read'], ['workspace:*', 'api_key:*'])).toBe(true)
    expect(within(['workspace:*'], ['workspace:read'])).toBe(false)
    expect(within(['all'], ['coder:apikeys.manage_self'])).toBe(false)
    expect(within(['coder:workspaces.delete'], ['coder:*', 'coder:workspaces.access'])).toBe(false)
    const bounded = { scopes: ['all'], allowList: [{ type: 'workspace', id: 'this' }] }
    expect(areLimitsWithin(noLimits, bounded)).toBe(false)
    expect(areLimitsWithin({ scopes: ['all'], allowList: [{ type: 'workspace', id: '*' }] }, bounded)).toBe(false)
    expect(areLimitsWithin(bounded, noLimits)).toBe(true)
  })

  test('can always read its own user', () => {
    const token = scopedPrincipal(['template:read'], [{ type: 'template', id: 'this' }])
    expect(isPermitted(token, 'read', { resource: 'user', ownerId: 'self' })).toBe(true)
    expect(isPermitted(token, 'read', { resource: 'user', ownerId: 'another' })).toBe(false)
    expect(isPermitted(token, 'read_personal', { resource: 'user', ownerId: 'self' })).toBe(false)
  })
})

const declared = endpoint({
  method: 'GET',
  path: '/things',
  summary: 'Things',
  access: user('read', 'workspace'),
  responses: { 200: Type.Object({ secret: Type.String() }) },
})

/** The response of an application with one route, `declared`, to a member. */
async function requestWith(handler: Parameters<typeof serve<typeof declared>>[2]) {
  const app = Fastify()
  app.decorateRequest('principal', null)
  app.decorateRequest('agent', null)
  app.addHook('onRequest', async (request) => {
    request.principal = member
  })
  installValidation(app)
  serve(app, declared, handler)
  const response = await app.inject({ method: 'GET', url: '/things' })
  await app.close()
  return response
}

describe('a route', () => {
  test('that checks the policy succeeds', async () => {
    const response = await requestWith(async (request) => {
      authorize(request, 'read', { resource: 'workspace', ownerId: 'self' })
      return { secret: 'shown' }
    })
    expect(response.statusCode).toBe(200)
  })

  test('that does not check the policy fails without a body', async () => {
    const response = await requestWith(async () => ({ secret: 'not visible' }))
    expect(response.statusCode).toBe(500)
    expect(response.body).not.toContain('not visible')
  })

  test('denied by the policy returns 404', async () => {
    const response = await requestWith(async (request) => {
      authorize(request, 'read', { resource: 'workspace', ownerId: 'another' })
      return { secret: 'not visible' }
    })
    expect(response.statusCode).toBe(404)
  })
})

describe('every endpoint of the contract', () => {
  let server: TestServer
  beforeAll(async () => {
    server = await startTestServer()
  })
  afterAll(() => server.close())

  const nameOf = ({ method, path, upgrade }: Endpoint) => `${method} ${path}${upgrade ? ' (upgrade)' : ''}`
  const someId = '8a9f5a1e-0000-4000-8000-000000000001'
  const addressOf = ({ path }: Endpoint) => server.url + path.replace(/:[A-Za-z_]+/g, someId)

  function send(endpoint: Endpoint, headers: Record<string, string> = {}): Promise<Response> {
    const hasBody = endpoint.method !== 'GET'
    return fetch(addressOf(endpoint), {
      method: endpoint.method,
      headers: { ...(hasBody ? { 'content-type': 'application/json' } : {}), ...headers },
      ...(hasBody ? { body: '{}' } : {}),
    })
  }

  const upgrades = endpoints.filter(({ upgrade }) => upgrade)
  const requests = endpoints.filter(({ upgrade }) => !upgrade)
  const restricted = requests.filter(({ access }) => access.kind !== 'public')

  test.each(restricted.map((endpoint) => [nameOf(endpoint), endpoint] as const))(
    '%s is served and rejects unauthenticated requests',
    async (_, endpoint) => {
      expect((await send(endpoint)).status).toBe(401)
      const stale = { 'coder-session-token': 'aaaaaaaaaa-aaaaaaaaaaaaaaaaaaaaaa' }
      expect((await send(endpoint, stale)).status).toBe(401)
    },
  )

  test.each(upgrades.map((endpoint) => [nameOf(endpoint), endpoint] as const))(
    '%s is served and rejects unauthenticated requests',
    async (_, endpoint) => {
      const path = new URL(addressOf(endpoint)).pathname
      expect((await rawRequest(server.url, { path, headers: webSocketHeaders })).status).toBe(401)
    },
  )

  test('public endpoints are served and have a reason', async () => {
    for (const endpoint of requests) {
      if (endpoint.access.kind !== 'public') continue
      expect(endpoint.access.reason.length).toBeGreaterThan(10)
      expect(await (await send(endpoint)).text()).not.toContain('Route not found')
    }
  })

  test('permissions that members never have are denied before any lookup', async () => {
    const { token } = await server.createUser('member')
    for (const endpoint of restricted) {
      if (endpoint.access.kind !== 'user' || mayPossibly(member, endpoint.access.action, endpoint.access.resource))
        continue
      const { status } = await send(endpoint, { 'coder-session-token': token })
      expect([nameOf(endpoint), status]).toEqual([nameOf(endpoint), expect.toBeOneOf([403, 404])])
    }
  })

  test('user keys are rejected by agent endpoints, and the deployment secret by user endpoints', async () => {
    for (const endpoint of restricted) {
      const { kind } = endpoint.access
      const headers: Record<string, string> =
        kind === 'user' ? { 'coder-local-secret': server.secret } : { 'coder-session-token': server.token }
      expect([nameOf(endpoint), (await send(endpoint, headers)).status]).toEqual([nameOf(endpoint), 401])
    }
  })
})
