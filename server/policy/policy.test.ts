// The table of roles, and that the real server asks it: every endpoint of the contract is walked.

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
  userId: 'somebody',
  username: 'somebody',
  email: 'somebody@example.com',
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
const anothers = (resource: Resource): AuthzObject => ({ resource, ownerId: 'another' })

describe('the table of roles', () => {
  test('an owner may do everything, also with what belongs to others', () => {
    for (const { access } of userEndpoints) {
      if (access.kind !== 'user') continue
      expect(isPermitted(owner, access.action, { resource: access.resource, ownerId: 'another' })).toBe(true)
    }
  })

  test('a member may do with own workspaces and keys what nobody else may', () => {
    for (const resource of ['workspace', 'api_key'] as const) {
      for (const action of ['create', 'read', 'update', 'delete'] as const) {
        expect(isPermitted(member, action, { resource, ownerId: 'somebody' })).toBe(true)
        expect(isPermitted(member, action, { resource, ownerId: 'another' })).toBe(false)
        expect(isPermitted(member, action, { resource })).toBe(false)
      }
    }
    expect(isPermitted(member, 'ssh', { resource: 'workspace', ownerId: 'another' })).toBe(false)
  })

  test('a member makes no users and no templates, since a template executes on the host', () => {
    for (const resource of ['user', 'template'] as const) expect(mayPossibly(member, 'create', resource)).toBe(false)
    expect(isPermitted(member, 'update', { resource: 'template' })).toBe(false)
    expect(mayPossibly(member, 'delete', 'user')).toBe(false)
  })

  test('a role nobody knows gives nothing, whatever its name', () => {
    for (const name of ['administrator', '__proto__', 'constructor', 'toString']) {
      expect(isPermitted(principal([name], [name]), 'create', { resource: 'template' })).toBe(false)
      expect(isPermitted(principal([], [], { ...noLimits, scopes: [name] }), 'read', { resource: 'group' })).toBe(false)
    }
  })

  test('a dormant workspace is neither started nor entered by anybody', () => {
    for (const someone of [member, owner, principal([], ['organization-admin'])]) {
      for (const action of ['start', 'ssh', 'application_connect'] as const)
        expect(isPermitted(someone, action, { resource: 'workspace_dormant', ownerId: 'somebody' })).toBe(false)
      expect(isPermitted(someone, 'update', { resource: 'workspace_dormant', ownerId: 'somebody' })).toBe(true)
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
  ] as const)('of the site, %s: %s %s is %s', (role, action, resource, expected) => {
    expect(isPermitted(principal([role]), action, anothers(resource))).toBe(expected)
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
  ] as const)('in an organization, %s: %s %s is %s', (role, action, resource, expected) => {
    expect(isPermitted(principal([], [role]), action, anothers(resource))).toBe(expected)
  })

  test('a role of an organization holds there and nowhere else', () => {
    const admin = principal([], ['organization-admin'])
    expect(isPermitted(admin, 'read', { resource: 'audit_log', organizationId: organization })).toBe(true)
    expect(isPermitted(admin, 'read', { resource: 'deployment_config' })).toBe(false)
    for (const organizationId of ['another', null]) {
      expect(isPermitted(admin, 'update', { resource: 'template', organizationId })).toBe(false)
      expect(isPermitted(admin, 'read', { resource: 'organization', organizationId })).toBe(false)
    }
  })

  test('a ban takes away what membership gives, and not what a role of the site gives', () => {
    const banned = ['organization-workspace-creation-ban']
    const own = { resource: 'workspace', ownerId: 'somebody' } as const
    expect(isPermitted(principal([], banned), 'create', own)).toBe(false)
    expect(mayPossibly(principal([], banned), 'create', 'workspace')).toBe(false)
    expect(isPermitted(principal([], banned), 'read', own)).toBe(true)
    expect(isPermitted(principal([], [...banned, 'organization-admin']), 'create', own)).toBe(false)
    expect(isPermitted(principal(['owner'], banned), 'create', own)).toBe(true)
  })

  test('an access list gives its users and groups what it says', () => {
    const listed = (users: Record<string, string>, groups: Record<string, string> = {}) =>
      ({ resource: 'template', organizationId: organization, accessList: { users, groups } }) as const
    expect(isPermitted(member, 'use', listed({}))).toBe(false)
    expect(isPermitted(member, 'use', listed({ another: 'admin' }))).toBe(false)
    expect(isPermitted(member, 'use', listed({ somebody: 'use' }))).toBe(true)
    expect(isPermitted(member, 'use', listed({}, { [organization]: 'use' }))).toBe(true)
    expect(isPermitted(member, 'update', listed({ somebody: 'use' }, { [organization]: 'use' }))).toBe(false)
    expect(isPermitted(member, 'update', listed({ somebody: 'admin' }))).toBe(true)
    expect(
      isPermitted(member, 'ssh', { ...anothers('workspace'), accessList: { users: { somebody: 'use' }, groups: {} } }),
    ).toBe(true)
    expect(isPermitted(member, 'use', listed({ somebody: '__proto__' }))).toBe(false)
  })
})

describe('a token', () => {
  const limited = (scopes: string[], allowList = noLimits.allowList) => principal(['owner'], [], { scopes, allowList })
  const workspace = { resource: 'workspace', id: 'this', ownerId: 'another' } as const

  test('may do of what its user may only what a scope names', () => {
    const reader = limited(['workspace:read'])
    expect(isPermitted(reader, 'read', workspace)).toBe(true)
    expect(isPermitted(reader, 'list', workspace)).toBe(true)
    expect(isPermitted(reader, 'update', workspace)).toBe(false)
    expect(isPermitted(reader, 'read', { resource: 'template' })).toBe(false)
    expect(mayPossibly(reader, 'read', 'template')).toBe(false)
    expect(isPermitted(limited(['workspace:*']), 'ssh', workspace)).toBe(true)
    expect(isPermitted(limited(['workspace:*']), 'read', { resource: 'workspace_proxy' })).toBe(false)
    expect(isPermitted(limited(['application_connect']), 'application_connect', workspace)).toBe(true)
    expect(isPermitted(limited(['coder:application_connect']), 'ssh', workspace)).toBe(false)
    expect(isPermitted(limited(['coder:workspaces.access']), 'ssh', workspace)).toBe(true)
    expect(isPermitted(limited(['coder:workspaces.access']), 'delete', workspace)).toBe(false)
    expect(isPermitted(limited(['coder:apikeys.manage_self', 'template:read']), 'read', { resource: 'template' })).toBe(
      true,
    )
  })

  test('changes nothing that it may not read, and lists nothing then', () => {
    expect(isPermitted(limited(['workspace:update']), 'update', workspace)).toBe(false)
    expect(isPermitted(limited(['workspace:update', 'workspace:read']), 'update', workspace)).toBe(true)
    expect(isPermitted(limited(['workspace:create']), 'create', { resource: 'workspace', ownerId: 'somebody' })).toBe(
      true,
    )
    expect(
      isPermitted(limited(['user:update_personal']), 'update_personal', { resource: 'user', ownerId: 'somebody' }),
    ).toBe(true)
    for (const resource of ['workspace', 'template', 'task'] as const)
      expect(isPermitted(limited(['api_key:read']), 'list', { resource })).toBe(true)
    expect(isPermitted(limited(['api_key:read']), 'list', { resource: 'audit_log' })).toBe(false)
  })

  test('gives its user nothing that roles do not', () => {
    const token = principal([], [], { ...noLimits, scopes: ['template:*', 'user:*'] })
    expect(isPermitted(token, 'create', { resource: 'template' })).toBe(false)
    expect(isPermitted(token, 'delete', { resource: 'user', ownerId: 'another' })).toBe(false)
  })

  test('that is for one object reaches no other', () => {
    const token = limited(['all'], [{ type: 'workspace', id: 'this' }])
    expect(isPermitted(token, 'ssh', workspace)).toBe(true)
    expect(isPermitted(token, 'read', { ...workspace, resource: 'workspace_dormant' })).toBe(true)
    expect(isPermitted(token, 'ssh', { ...workspace, id: 'that' })).toBe(false)
    expect(isPermitted(token, 'create', { resource: 'workspace', ownerId: 'somebody' })).toBe(false)
    expect(isPermitted(token, 'read', { resource: 'template', id: 'this' })).toBe(false)
    expect(mayPossibly(token, 'read', 'workspace')).toBe(true)
    expect(mayPossibly(token, 'read', 'template')).toBe(false)
    expect(isPermitted(limited(['all'], [{ type: 'workspace', id: '*' }]), 'ssh', { ...workspace, id: 'that' })).toBe(
      true,
    )
  })

  test('makes no stronger one', () => {
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

  test('knows whose it is, whatever it is limited to', () => {
    const token = limited(['template:read'], [{ type: 'template', id: 'this' }])
    expect(isPermitted(token, 'read', { resource: 'user', ownerId: 'somebody' })).toBe(true)
    expect(isPermitted(token, 'read', { resource: 'user', ownerId: 'another' })).toBe(false)
    expect(isPermitted(token, 'read_personal', { resource: 'user', ownerId: 'somebody' })).toBe(false)
  })
})

const declared = endpoint({
  method: 'GET',
  path: '/things',
  summary: 'Things',
  access: user('read', 'workspace'),
  responses: { 200: Type.Object({ secret: Type.String() }) },
})

/** An application with one route of `declared`, asked as a member. */
async function askWith(handler: Parameters<typeof serve<typeof declared>>[2]) {
  const app = Fastify()
  app.decorateRequest('principal', null)
  app.decorateRequest('agent', null)
  app.addHook('onRequest', async (request) => {
    request.principal = member
  })
  installValidation(app)
  serve(app, declared, handler)
  const reply = await app.inject({ method: 'GET', url: '/things' })
  await app.close()
  return reply
}

describe('a route', () => {
  test('that asks the policy answers', async () => {
    const reply = await askWith(async (request) => {
      authorize(request, 'read', { resource: 'workspace', ownerId: 'somebody' })
      return { secret: 'shown' }
    })
    expect(reply.statusCode).toBe(200)
  })

  test('that forgets to ask the policy fails and shows nothing', async () => {
    const reply = await askWith(async () => ({ secret: 'not to be seen' }))
    expect(reply.statusCode).toBe(500)
    expect(reply.body).not.toContain('not to be seen')
  })

  test('that is refused by the policy answers as if nothing were there', async () => {
    const reply = await askWith(async (request) => {
      authorize(request, 'read', { resource: 'workspace', ownerId: 'another' })
      return { secret: 'not to be seen' }
    })
    expect(reply.statusCode).toBe(404)
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

  function ask(endpoint: Endpoint, headers: Record<string, string> = {}): Promise<Response> {
    const hasBody = endpoint.method !== 'GET'
    return fetch(addressOf(endpoint), {
      method: endpoint.method,
      headers: { ...(hasBody ? { 'content-type': 'application/json' } : {}), ...headers },
      ...(hasBody ? { body: '{}' } : {}),
    })
  }

  const upgrades = endpoints.filter(({ upgrade }) => upgrade)
  const requests = endpoints.filter(({ upgrade }) => !upgrade)
  const closed = requests.filter(({ access }) => access.kind !== 'public')

  test.each(closed.map((one) => [nameOf(one), one] as const))(
    '%s is served, and to nobody unknown',
    async (_, endpoint) => {
      expect((await ask(endpoint)).status).toBe(401)
      const stale = { 'coder-session-token': 'aaaaaaaaaa-aaaaaaaaaaaaaaaaaaaaaa' }
      expect((await ask(endpoint, stale)).status).toBe(401)
    },
  )

  test.each(upgrades.map((one) => [nameOf(one), one] as const))(
    '%s is served, and to nobody unknown',
    async (_, endpoint) => {
      const path = new URL(addressOf(endpoint)).pathname
      expect((await rawRequest(server.url, { path, headers: webSocketHeaders })).status).toBe(401)
    },
  )

  test('what is open to everyone is served, and says why it is open', async () => {
    for (const endpoint of requests) {
      if (endpoint.access.kind !== 'public') continue
      expect(endpoint.access.reason.length).toBeGreaterThan(10)
      expect(await (await ask(endpoint)).text()).not.toContain('Route not found')
    }
  })

  test('what a member may never do is refused before anything is read', async () => {
    const { token } = await server.createUser('walker')
    for (const endpoint of closed) {
      if (endpoint.access.kind !== 'user' || mayPossibly(member, endpoint.access.action, endpoint.access.resource))
        continue
      const { status } = await ask(endpoint, { 'coder-session-token': token })
      expect([nameOf(endpoint), status]).toEqual([nameOf(endpoint), expect.toBeOneOf([403, 404])])
    }
  })

  test('a key of a user opens no door of agents, and the secret of the deployment none of users', async () => {
    for (const endpoint of closed) {
      const { kind } = endpoint.access
      const wrong: Record<string, string> =
        kind === 'user' ? { 'coder-local-secret': server.secret } : { 'coder-session-token': server.token }
      expect([nameOf(endpoint), (await ask(endpoint, wrong)).status]).toEqual([nameOf(endpoint), 401])
    }
  })
})
