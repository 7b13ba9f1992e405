// The table of roles, and that the real server asks it: every endpoint of the contract is walked.

import Fastify from 'fastify'
import { Type } from 'typebox'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Endpoint, endpoint, user } from '../api/endpoint.ts'
import { endpoints } from '../api/table.ts'
import { authorize, can, mightEver, type Principal } from './policy.ts'
import { installValidation, serve } from './serve.ts'
import { rawRequest, webSocketHeaders } from './testing/raw-request.ts'
import { startTestServer, type TestServer } from './testing/start-test-server.ts'

const principal = (roles: string[] = []): Principal => ({
  userId: 'somebody',
  username: 'somebody',
  email: 'somebody@example.com',
  roles,
  organizationIds: [],
  keyId: 'key',
})
const member = principal()
const owner = principal(['owner'])
const userEndpoints = endpoints.filter(({ access }) => access.kind === 'user')

describe('the table of roles', () => {
  test('an owner may do everything, also with what belongs to others', () => {
    for (const { access } of userEndpoints) {
      if (access.kind !== 'user') continue
      expect(can(owner, access.action, { resource: access.resource, ownerId: 'another' })).toBe(true)
    }
  })

  test('a member may do with own workspaces and keys what nobody else may', () => {
    for (const resource of ['workspace', 'api_key'] as const) {
      for (const action of ['create', 'read', 'update', 'delete'] as const) {
        expect(can(member, action, { resource, ownerId: 'somebody' })).toBe(true)
        expect(can(member, action, { resource, ownerId: 'another' })).toBe(false)
        expect(can(member, action, { resource })).toBe(false)
      }
    }
    expect(can(member, 'connect', { resource: 'workspace', ownerId: 'another' })).toBe(false)
  })

  test('a member makes no users, no templates and no uploads, since a template executes on the host', () => {
    for (const resource of ['user', 'template', 'file'] as const)
      expect(mightEver(member, 'create', resource)).toBe(false)
    expect(mightEver(member, 'update', 'template')).toBe(false)
    expect(mightEver(member, 'delete', 'user')).toBe(false)
  })

  test('a role nobody knows gives nothing', () => {
    expect(can(principal(['administrator']), 'create', { resource: 'template' })).toBe(false)
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
      if (endpoint.access.kind !== 'user' || mightEver(member, endpoint.access.action, endpoint.access.resource))
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
