// Isolation between users: requests and upgrades of a second user to every endpoint that names a workspace, build, agent or
// API key of the first one are answered like requests for missing objects.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createSessionKey } from '../../api/account/api-keys.ts'
import type { User } from '../../api/account/users.ts'
import type { Endpoint } from '../../api/endpoint.ts'
import { endpoints } from '../../api/table.ts'
import { getWorkspace, listWorkspaces } from '../../api/workspaces/workspaces.ts'
import { templateWithAgent } from '../testing/agent-templates.ts'
import { rawRequest, webSocketHeaders } from '../testing/raw-request.ts'
import { startTestServer, type TestServer } from '../testing/start-test-server.ts'
import {
  agentsOf,
  createTemplate,
  createWorkspace,
  expectSuccess,
  waitForBuild,
} from '../testing/workspace-fixtures.ts'

const template = { 'main.tf': templateWithAgent() }

type TestUser = Awaited<ReturnType<TestServer['createUser']>>

let server: TestServer
let first: TestUser
let second: TestUser
/** Objects of the first user by path parameter. */
let ids: Record<string, string>

beforeAll(async () => {
  server = await startTestServer()
  first = await server.createUser('first')
  second = await server.createUser('second')
  const { id } = await createTemplate(server.client, 'bare', template)
  const workspace = await createWorkspace(first.client, id, 'secret-workspace')
  const build = await expectSuccess(first.client, await waitForBuild(first.client, workspace.latest_build.id))
  const { key } = await first.client.call(createSessionKey, { params: { user: 'me' } })
  ids = {
    organization: 'default',
    user: first.user.username,
    workspace: workspace.id,
    workspacename: workspace.name,
    buildnumber: '1',
    workspacebuild: build.id,
    workspaceagent: agentsOf(build)[0]?.id ?? '',
    keyid: key.split('-')[0] ?? '',
  }
})
afterAll(() => server.close())

const bodies: Readonly<Record<string, unknown>> = {
  '/api/local/workspaces/:workspace/terminal-retention': { kept_lines: 0, kept_days: 1 },
  '/api/v2/workspaces/:workspace/builds': { transition: 'delete' },
  '/api/v2/users/:user/workspaces': { name: 'planted', template_id: '8a9f5a1e-0000-4000-8000-000000000001' },
  '/api/v2/organizations/:organization/members/:user/workspaces': {
    name: 'planted',
    template_id: '8a9f5a1e-0000-4000-8000-000000000001',
  },
  '/api/v2/workspaces/:workspace/port-share': { agent_name: 'main', port: 3000, share_level: 'public' },
  '/api/v2/workspaces/:workspace/extend': { deadline: '2099-01-01T00:00:00Z' },
  '/api/v2/workspaces/:workspace/dormant': { dormant: true },
  '/api/v2/workspaces/:workspace/autoupdates': { automatic_updates: 'always' },
  '/api/v2/workspacebuilds/:workspacebuild/state': { state: '' },
  '/api/v2/users/:user/password': { password: 'correct horse battery' },
}

/** Path parameters of objects that belong to one user. */
const owned = /:(workspace|workspacename|workspacebuild|workspaceagent|keyid)\b/
const upgradeQuery = '?kind=ssh&reconnect=8a9f5a1e-0000-4000-8000-000000000002&follow'

const isOwned = ({ access, path }: Endpoint) =>
  access.kind === 'user' &&
  (owned.test(path) || (path.includes(':user') && ['workspace', 'api_key'].includes(access.resource)))
const ownedEndpoints = endpoints.filter(isOwned)
const nameOf = ({ method, path, upgrade }: Endpoint) => `${method} ${path}${upgrade ? ' (upgrade)' : ''}`

const fill = (path: string, values: Readonly<Record<string, string>>) =>
  path.replace(/:([A-Za-z_]+)/g, (whole, name: string) => values[name] ?? whole)

async function send(endpoint: Endpoint, token: string, values = ids): Promise<{ status: number; text: string }> {
  const path = fill(endpoint.path, values)
  if (endpoint.upgrade) {
    const headers = { ...webSocketHeaders, 'coder-session-token': token }
    const { status, text } = await rawRequest(server.url, { path: path + upgradeQuery, headers })
    return { status, text: text.slice(text.indexOf('\r\n\r\n') + 4) }
  }
  const hasBody = endpoint.method !== 'GET' && (endpoint.method !== 'DELETE' || endpoint.body !== undefined)
  const response = await fetch(server.url + path, {
    method: endpoint.method,
    headers: { 'coder-session-token': token, ...(hasBody ? { 'content-type': 'application/json' } : {}) },
    ...(hasBody ? { body: JSON.stringify(bodies[endpoint.path] ?? {}) } : {}),
  })
  return { status: response.status, text: await response.text() }
}

/** Coder answers requests for hidden or missing users with 400, and for other objects with 404. */
const notFoundResponses = [
  [404, 'Resource not found or you do not have access to this resource'],
  [400, '"user" must be an existing uuid or username.'],
]

/** Creation for another user, where no object can be hidden. */
const isCreationForUser = ({ method, path }: Endpoint) => method === 'POST' && path.endsWith('/:user/workspaces')

describe('a second user', () => {
  test('is tested with every kind of object', () => {
    expect(ownedEndpoints.length).toBeGreaterThan(25)
    const names = ownedEndpoints.flatMap(({ path }) => path.match(/:[a-z]+/g) ?? [])
    expect([...new Set(names)].sort()).toEqual(
      expect.arrayContaining([':keyid', ':user', ':workspace', ':workspaceagent', ':workspacebuild', ':workspacename']),
    )
  })

  test.each(ownedEndpoints.map((endpoint) => [nameOf(endpoint), endpoint] as const))(
    'has no access to %s',
    async (_name, endpoint) => {
      const { status, text } = await send(endpoint, second.token)
      const { message } = JSON.parse(text) as { message: string }
      if (isCreationForUser(endpoint)) expect([status, message]).toEqual([403, 'Forbidden.'])
      else expect(notFoundResponses).toContainEqual([status, message])
      expect(text).not.toContain('secret-workspace')
    },
  )

  test('cannot distinguish existing from missing objects', async () => {
    const missing = Object.fromEntries(
      Object.entries(ids).map(([name, value]) => [
        name,
        value.length === 36 ? value.replace(/^.{8}/, '00000000') : value,
      ]),
    )
    const byId = ownedEndpoints.filter(({ path }) => /:(workspace|workspacebuild|workspaceagent)\b/.test(path))
    for (const endpoint of byId)
      expect(await send(endpoint, second.token)).toEqual(await send(endpoint, second.token, missing))
  })

  test('does not find the workspace in lists', async () => {
    for (const q of ['', `owner:${first.user.username}`, 'name:secret-workspace', 'secret']) {
      const { workspaces, count } = await second.client.call(listWorkspaces, { query: { q } })
      expect([workspaces, count]).toEqual([[], 0])
    }
  })
})

test('the requests of the second user changed nothing', async () => {
  for (const client of [first.client, server.client]) {
    const { name, latest_build } = await client.call(getWorkspace, { params: { workspace: ids.workspace ?? '' } })
    expect([name, latest_build.build_number]).toEqual(['secret-workspace', 1])
  }
  const password = { email: (first.user as User).email, password: 'correct horse battery' }
  const response = await fetch(`${server.url}/api/v2/users/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(password),
  })
  expect(response.status).toBe(401)
})
