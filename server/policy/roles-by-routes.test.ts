// Requests of every role to every endpoint of the contract, for objects of another user and for own objects. The expectedOutcome
// result is computed from the role table: permitted requests are answered; others receive the 404 of missing objects, or
// 403 if there is nothing to hide. A route that checks too few or too many permissions fails here.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createToken } from '../../api/account/api-keys.ts'
import { updateUserRoles } from '../../api/account/users.ts'
import type { Endpoint } from '../../api/endpoint.ts'
import { updateMemberRoles } from '../../api/organizations/members.ts'
import type { Action, Resource } from '../../api/rbac.ts'
import { endpoints } from '../../api/table.ts'
import { getTemplateVersion } from '../../api/templates/template-versions.ts'
import { updateTemplate } from '../../api/templates/templates.ts'
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
import { type AuthzObject, isPermitted, mayPossibly, type Principal } from './policy.ts'
import { organizationRoles, siteRoles } from './roles.ts'
import { noLimits } from './scopes.ts'

type TestUser = Awaited<ReturnType<TestServer['createUser']>>
type Access = Extract<Endpoint['access'], { kind: 'user' }>
type UserEndpoint = Endpoint & { readonly access: Access }

const nameOf = ({ method, path, upgrade }: Endpoint) => `${method} ${path}${upgrade ? ' (upgrade)' : ''}`
const someId = '8a9f5a1e-0000-4000-8000-000000000001'

/** Permissions that a route checks in addition to the declared one. */
const additionalPermissions: Readonly<Record<string, readonly [Action, Resource][]>> = {
  'GET /api/v2/organizations/:organization/templates/examples': [['read', 'organization']],
  'POST /api/v2/workspaces/:workspace/builds': [['stop', 'workspace']],
  'GET /api/v2/users/:user/organizations': [['read', 'user']],
  'GET /api/v2/users/:user/organizations/:organizationname': [['read', 'user']],
}

/** Endpoints that response 404 to permitted requests too, because the fixture lacks the object. */
const withoutObject: ReadonlySet<string> = new Set([
  'GET /api/v2/organizations/:organization/templates/:templatename/versions/:templateversionname/previous',
  'GET /api/v2/debug/metrics',
])

/** False if the path names an object that no fixture has: dry runs, tasks, messages, external accounts. */
const hasObjects = ({ path }: Endpoint, { ids }: Fixture) =>
  (path.match(/:[A-Za-z_]+/g) ?? []).every((name) => name.slice(1) in ids)

/** Endpoints that reject permitted requests with 403 for a reason other than roles. */
const otherRejections: Readonly<Record<string, string>> = {
  'PUT /api/v2/workspaces/:workspace/favorite': 'users have favorites among their own workspaces only',
  'DELETE /api/v2/workspaces/:workspace/favorite': 'users have favorites among their own workspaces only',
}

/** Endpoints that reject keys with scopes with 403. */
const requireUnlimitedKey: ReadonlySet<string> = new Set(['PUT /api/v2/users/:user/password'])

/** Endpoints that respond 403 if the caller can read the object. */
const forbiddenIfReadable: ReadonlySet<string> = new Set([
  'POST /api/v2/organizations/:organization/templateversions',
  'POST /api/v2/workspaces/:workspace/builds',
  'POST /api/v2/workspaces/:workspace/usage',
])

/** Creation for another user, where no object can be hidden. */
const creationsForUser: ReadonlySet<string> = new Set([
  'POST /api/v2/tasks/:user',
  'POST /api/experimental/tasks/:user',
  'POST /api/v2/users/:user/workspaces',
  'POST /api/v2/organizations/:organization/members/:user/workspaces',
])

/** Requests that remove objects other requests need; they run last, in this order. */
const destructiveRequests: readonly string[] = [
  'POST /api/v2/workspaces/:workspace/builds',
  'DELETE /api/v2/users/:user/keys/:keyid',
  'PUT /api/v2/users/:user/roles',
  'PUT /api/v2/users/:user/password',
  'PUT /api/v2/users/:user/status/suspend',
  'PUT /api/v2/users/:user/status/activate',
  'DELETE /api/v2/organizations/:organization/members/:user',
  'POST /api/v2/organizations/:organization/members/:user',
  'DELETE /api/v2/users/:user',
  'POST /api/v2/users/logout',
]

/** Template settings that permit everything users can do with workspaces. */
const permissiveSettings = { allow_user_cancel_workspace_jobs: true, max_port_share_level: 'public' } as const

const task = { template_version_id: '%VERSION%', input: 'Paint the shed' }
const taskInput = { input: 'Paint it red' }

const bodies: Readonly<Record<string, unknown>> = {
  'POST /api/v2/tasks/:user': task,
  'POST /api/experimental/tasks/:user': task,
  'PATCH /api/v2/tasks/:user/:task/input': taskInput,
  'PATCH /api/experimental/tasks/:user/:task/input': taskInput,
  'POST /api/v2/tasks/:user/:task/send': taskInput,
  'POST /api/experimental/tasks/:user/:task/send': taskInput,
  'PATCH /api/v2/templates/:template': permissiveSettings,
  'POST /api/v2/authcheck': { checks: {} },
  'POST /api/v2/workspaces/:workspace/builds': { transition: 'stop' },
  'PUT /api/v2/workspacebuilds/:workspacebuild/state': { state: 'e30=' },
  'POST /api/v2/applications/reconnecting-pty-signed-token': { url: '/', agentID: '%AGENT%' },
  'POST /api/v2/organizations': { name: 'another' },
  'POST /api/v2/organizations/:organization/groups': { name: '%NEW%' },
  'POST /api/v2/organizations/:organization/provisionerkeys': { name: '%NEW%' },
  'PATCH /api/v2/organizations/:organization/settings/workspace-sharing': { sharing_disabled: false },
  'POST /api/v2/organizations/:organization/members/roles': { name: 'painter' },
  'PUT /api/v2/organizations/:organization/members/roles': { name: 'painter' },
  'PUT /api/v2/organizations/:organization/members/:user/roles': { roles: [] },
  'PUT /api/v2/users/:user/password': { password: 'correct horse battery' },
  'PUT /api/v2/users/:user/profile': { username: '%USER%' },
  'PUT /api/v2/users/:user/roles': { roles: [] },
  'PUT /api/v2/users/:user/appearance': { theme_preference: 'dark', terminal_font: '' },
  'PUT /api/v2/users/:user/preferences': { task_notification_alert_dismissed: true },
  'PUT /api/v2/users/:user/quiet-hours': { schedule: '' },
  'PUT /api/local/users/:user/terminal-preferences': {},
  'PUT /api/local/users/:user/terminal-layouts': { revision: 0, last: [], named: [] },
  'PUT /api/local/workspaces/:workspace/terminal-retention': { kept_lines: 0, kept_days: 1 },
  'POST /api/v2/users/:user/convert-login': { to_type: 'oidc', password: 'x' },
  'POST /api/v2/users': { username: '%NEW%', email: '%NEW%@example.com', login_type: 'none' },
  'POST /api/v2/users/:user/workspaces': { name: '%NEW%', template_id: '%TEMPLATE%' },
  'POST /api/v2/organizations/:organization/members/:user/workspaces': { name: '%NEW%-2', template_id: '%TEMPLATE%' },
  'POST /api/v2/organizations/:organization/templates': { name: '%NEW%', template_version_id: '%VERSION%' },
  'POST /api/v2/organizations/:organization/templateversions': {
    storage_method: 'file',
    file_id: '%FILE%',
    provisioner: 'terraform',
  },
  'PUT /api/v2/notifications/templates/:notification_template/method': { method: '' },
  'PUT /api/v2/notifications/settings': { notifier_paused: false },
  'POST /api/v2/notifications/custom': { content: { title: 'Hello', message: 'there' } },
  'PUT /api/v2/users/:user/notifications/preferences': { template_disabled_map: {} },
  'PUT /api/v2/notifications/inbox/:id/read-status': { is_read: true },
  'PUT /api/v2/workspaces/:workspace/extend': { deadline: '2030-01-01T00:00:00Z' },
  'PUT /api/v2/workspaces/:workspace/dormant': { dormant: false },
  'PUT /api/v2/workspaces/:workspace/autoupdates': { automatic_updates: 'never' },
  'POST /api/v2/workspaces/:workspace/port-share': {
    agent_name: 'main',
    port: 8080,
    share_level: 'authenticated',
    protocol: 'http',
  },
  'DELETE /api/v2/workspaces/:workspace/port-share': { agent_name: 'main', port: 8080 },
  'PATCH /api/v2/templates/:template/versions': { id: '%VERSION%' },
  'POST /api/v2/templateversions/:templateversion/dynamic-parameters/evaluate': { id: 0, inputs: {} },
}

const files = { 'main.tf': templateWithAgent() }

interface Fixture {
  readonly owner: TestUser
  /** By path parameter, and by placeholder in bodies. */
  readonly ids: Readonly<Record<string, string>>
}

let server: TestServer
let organizationId: string
let template: Awaited<ReturnType<typeof createTemplate>>
let file: string
let count = 0

beforeAll(async () => {
  server = await startTestServer()
  template = await createTemplate(server.client, 'bare', files)
  await server.client.call(updateTemplate, { params: { template: template.id }, body: permissiveSettings })
  organizationId = template.organization_id
  const { job } = await server.client.call(getTemplateVersion, {
    params: { templateversion: template.active_version_id },
  })
  file = job.file_id
})
afterAll(() => server.close())

/** A user with one object of each kind. */
async function createFixture(): Promise<Fixture> {
  const owner = await server.createUser(`owner-${++count}`)
  const workspace = await createWorkspace(owner.client, template.id, `dev-${count}`)
  const build = await expectSuccess(owner.client, await waitForBuild(owner.client, workspace.latest_build.id))
  const { key } = await owner.client.call(createToken, { params: { user: 'me' }, body: { token_name: 'named' } })
  const version = await server.client.call(getTemplateVersion, {
    params: { templateversion: template.active_version_id },
  })
  const ids = {
    organization: organizationId,
    organizationname: 'coder',
    user: owner.user.username,
    workspace: workspace.id,
    workspacename: workspace.name,
    buildnumber: '1',
    workspacebuild: build.id,
    workspaceagent: agentsOf(build)[0]?.id ?? '',
    keyid: key.slice(0, 10),
    keyname: 'named',
    job: build.job.id,
    group: organizationId,
    groupname: 'Everyone',
    rolename: 'organization-admin',
    template: template.id,
    templatename: template.name,
    templateversion: version.id,
    templateversionname: version.name,
    fileID: file,
    notification_template: '4e19c0ac-94e1-4532-9515-d1801aa283b2',
    USER: owner.user.username,
    NEW: `new-${count}`,
    TEMPLATE: template.id,
    VERSION: version.id,
    FILE: file,
    AGENT: agentsOf(build)[0]?.id ?? '',
  }
  return { owner, ids }
}

const fill = (text: string, placeholder: RegExp, ids: Readonly<Record<string, string>>) =>
  text.replace(placeholder, (_whole, name: string) => ids[name] ?? someId)

async function send(endpoint: UserEndpoint, token: string, { ids }: Fixture): Promise<number> {
  const path = fill(endpoint.path, /:([A-Za-z_]+)/g, ids)
  if (endpoint.upgrade) {
    const headers = { ...webSocketHeaders, 'coder-session-token': token }
    const query = `?kind=ssh&reconnect=${someId}&follow`
    return (await rawRequest(server.url, { path: path + query, headers })).status
  }
  const headers = { 'coder-session-token': token, 'user-agent': 'matrix' }
  const body = bodies[nameOf(endpoint)]
  const init = endpoint.bodyTypes
    ? { headers: { ...headers, 'content-type': endpoint.bodyTypes[0] ?? '' }, body: Buffer.alloc(1024) }
    : endpoint.body
      ? {
          headers: { ...headers, 'content-type': 'application/json' },
          body: fill(JSON.stringify(body ?? {}), /%([A-Z]+)%/g, ids),
        }
      : { headers }
  const controller = new AbortController()
  const request = () =>
    fetch(server.url + path + queryOf(endpoint), { ...init, method: endpoint.method, signal: controller.signal })
  // A rejected upload closes its connection, which the next request may already use.
  const response = await request().catch(request)
  // Streams do not end.
  if (endpoint.raw) controller.abort()
  else if (isUserNotFound(await response.text())) return 404
  return response.status
}

/** Coder answers requests for hidden or missing users with 400 instead of 404. */
const isUserNotFound = (text: string) => text.includes('\\"user\\" must be an existing uuid or username.')

const queryOf = ({ path }: Endpoint) => {
  if (path.includes('/insights/')) {
    const day = (at: number) => `${new Date(at).toISOString().slice(0, 10)}T00:00:00Z`
    return `?start_time=${day(Date.now() - 2 * 86_400_000)}&end_time=${day(Date.now() - 86_400_000)}&tz_offset=0`
  }
  return path.endsWith('/autofill-parameters') ? `?template_id=${template.id}` : ''
}

/** The object of a request, for the policy. */
function objectOf({ path }: Endpoint, resource: Resource, caller: TestUser, { owner }: Fixture): AuthzObject {
  const belongsToOwner =
    /:(user|workspace|workspacename|workspacebuild|workspaceagent|keyid|keyname)\b/.test(path) ||
    path.endsWith('/reconnecting-pty-signed-token')
  const ownerId = belongsToOwner ? owner.user.id : caller.user.id
  switch (resource) {
    case 'template':
      // Examples require read access to every template.
      if (path.endsWith('/templates/examples')) return { resource }
      return {
        resource,
        id: template.id,
        organizationId,
        accessList: { users: {}, groups: { [organizationId]: 'use' } },
      }
    case 'file':
      return { resource, ...(path.includes(':fileID') ? {} : { ownerId: caller.user.id }) }
    case 'organization':
    case 'group':
    case 'assign_org_role':
      return {
        resource,
        organizationId: path.includes(':organization') || path.includes(':group') ? organizationId : null,
      }
    case 'organization_member':
      return { resource, ...(path.includes(':user') ? { ownerId } : {}) }
    case 'user':
      return { resource, ...(path.includes('/insights/') ? {} : { ownerId }) }
    case 'workspace':
      // The list of available owners does not depend on an owner.
      return path.endsWith('/available-users') ? { resource } : { resource, ownerId }
    case 'api_key':
    case 'task':
    case 'inbox_notification':
    case 'notification_preference':
    case 'notification_message':
    case 'launch_code':
      return { resource, ownerId }
    case 'audit_log':
      return { resource, organizationId: null }
    default:
      return { resource }
  }
}

type Outcome = 'answered' | 403 | 404

/** The result according to the role table. */
function expectedOutcome(endpoint: UserEndpoint, principal: Principal, caller: TestUser, fixture: Fixture): Outcome {
  const { action, resource } = endpoint.access
  if (!mayPossibly(principal, action, resource))
    return action === 'create' || action === 'list' || !endpoint.path.includes(':') ? 403 : 404
  const userPermissions: [Action, Resource][] = endpoint.path.startsWith('/api/v2/users/:user/keys')
    ? [['read', 'user']]
    : []
  const permissions = [
    [action, resource] as const,
    ...(additionalPermissions[nameOf(endpoint)] ?? []),
    ...userPermissions,
  ]
  const isAllowed = permissions.every(([act, what]) =>
    isPermitted(principal, act, objectOf(endpoint, what, caller, fixture)),
  )
  if (isAllowed) return 'answered'
  if (creationsForUser.has(nameOf(endpoint))) return 403
  const canRead = isPermitted(principal, 'read', objectOf(endpoint, resource, caller, fixture))
  return forbiddenIfReadable.has(nameOf(endpoint)) && canRead ? 403 : 404
}

const outcomeOf = (status: number): Outcome | 401 =>
  status === 401 || status === 403 || status === 404 ? status : 'answered'

const isUserEndpoint = (endpoint: Endpoint): endpoint is UserEndpoint => endpoint.access.kind === 'user'
const positionOf = (endpoint: Endpoint) => {
  const at = destructiveRequests.indexOf(nameOf(endpoint))
  return at >= 0 ? 10 + at : endpoint.method === 'GET' ? 0 : endpoint.method === 'DELETE' ? 2 : 1
}
const orderedEndpoints = endpoints.filter(isUserEndpoint).toSorted((a, b) => positionOf(a) - positionOf(b))

/** Requests every endpoint. @returns the differences from the role table */
async function compareWithRoles(
  caller: TestUser,
  fixture: Fixture,
  roles: string[],
  rolesInOrganization: string[],
  limits = noLimits,
): Promise<string[]> {
  const principal: Principal = {
    userId: caller.user.id,
    username: caller.user.username,
    email: caller.user.email,
    roles,
    organizationRoles: { [organizationId]: rolesInOrganization },
    customRoles: {},
    groupIds: [organizationId],
    keyId: '',
    limits,
  }
  const differences: string[] = []
  for (const endpoint of orderedEndpoints) {
    // A change of one's own password ends the session.
    if (caller === fixture.owner && nameOf(endpoint) === 'PUT /api/v2/users/:user/password') continue
    const expected = expectedOutcome(endpoint, principal, caller, fixture)
    const status = await send(endpoint, caller.token, fixture)
    const isMissing =
      expected === 'answered' &&
      status === 404 &&
      (withoutObject.has(nameOf(endpoint)) || !hasObjects(endpoint, fixture))
    const isRejected =
      expected === 'answered' &&
      status === 403 &&
      (nameOf(endpoint) in otherRejections || (limits !== noLimits && requireUnlimitedKey.has(nameOf(endpoint))))
    if (outcomeOf(status) !== expected && !isMissing && !isRejected)
      differences.push(`${nameOf(endpoint)}: ${status} instead of ${expected}`)
  }
  return differences
}

describe('requests for objects of another user', () => {
  test.each(Object.keys(siteRoles).map((role) => [role]))('of %s have the results of the role table', async (role) => {
    const [fixture, caller] = [await createFixture(), await server.createUser(`site-${role}`)]
    const roles = role === 'member' ? [] : [role]
    await server.client.call(updateUserRoles, { params: { user: caller.user.id }, body: { roles } })
    expect(await compareWithRoles(caller, fixture, roles, [])).toEqual([])
  })

  test.each(Object.keys(organizationRoles).map((role) => [role]))(
    'of %s have the results of the role table',
    async (role) => {
      const [fixture, caller] = [await createFixture(), await server.createUser(`of-${role}`.slice(0, 32))]
      const roles = role === 'organization-member' ? [] : [role]
      const params = { organization: 'default', user: caller.user.id }
      await server.client.call(updateMemberRoles, { params, body: { roles } })
      expect(await compareWithRoles(caller, fixture, [], roles)).toEqual([])
    },
  )
})

describe('requests with a token of an owner', () => {
  test.each([
    ['workspace:read'],
    ['coder:workspaces.operate'],
    ['coder:workspaces.access'],
    ['coder:templates.author'],
    ['coder:apikeys.manage_self'],
    ['application_connect'],
    ['user:*'],
  ])('with only the scope %s have the permissions of both scope and role', async (scope) => {
    const [fixture, owner] = [await createFixture(), await server.createUser(`token-${++count}`)]
    await server.client.call(updateUserRoles, { params: { user: owner.user.id }, body: { roles: ['owner'] } })
    const { key } = await owner.client.call(createToken, { params: { user: 'me' }, body: { scopes: [scope] } })
    const limits = { ...noLimits, scopes: [scope] }
    expect(await compareWithRoles({ ...owner, token: key }, fixture, ['owner'], [], limits)).toEqual([])
  })
})

test('requests for own objects have the results of the role table', async () => {
  const fixture = await createFixture()
  expect(await compareWithRoles(fixture.owner, fixture, [], [])).toEqual([])
})

test('the tables of this test name only existing endpoints', () => {
  const names = new Set(endpoints.map(nameOf))
  const lines = [
    ...Object.keys(bodies),
    ...Object.keys(additionalPermissions),
    ...withoutObject,
    ...Object.keys(otherRejections),
    ...requireUnlimitedKey,
    ...forbiddenIfReadable,
    ...destructiveRequests,
  ]
  expect(lines.filter((line) => !names.has(line))).toEqual([])
})
