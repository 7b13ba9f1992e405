// Every endpoint of the contract, asked by every role about somebody else's things, and by the one whose things they
// are. What must come of it is worked out from the table of roles: who may is answered, who may not gets the same 404 as
// for what does not exist, or a 403 where there is nothing to hide. A route that asks too little or too much fails here.

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
import { agentsOf, createTemplate, createWorkspace, succeeded, waitForBuild } from '../testing/workspace-fixtures.ts'
import { startTestServer, type TestServer } from '../testing/start-test-server.ts'
import { type AuthzObject, isPermitted, mayPossibly, type Principal } from './policy.ts'
import { organizationRoles, siteRoles } from './roles.ts'
import { noLimits } from './scopes.ts'

type Person = Awaited<ReturnType<TestServer['createUser']>>
type Access = Extract<Endpoint['access'], { kind: 'user' }>
type Asked = Endpoint & { readonly access: Access }

const nameOf = ({ method, path, upgrade }: Endpoint) => `${method} ${path}${upgrade ? ' (upgrade)' : ''}`
const someId = '8a9f5a1e-0000-4000-8000-000000000001'

/** What is asked for instead of, or besides, what the declaration names. */
const alsoAsked: Readonly<Record<string, readonly [Action, Resource][]>> = {
  'GET /api/v2/organizations/:organization/templates/examples': [['read', 'organization']],
  'POST /api/v2/workspaces/:workspace/builds': [['stop', 'workspace']],
  'GET /api/v2/users/:user/organizations': [['read', 'user']],
  'GET /api/v2/users/:user/organizations/:organizationname': [['read', 'user']],
}

/** Answered with 404 to everybody here, as there is no such thing in the scene: only who may not is told apart. */
const needsMore: ReadonlySet<string> = new Set([
  'GET /api/v2/organizations/:organization/templates/:templatename/versions/:templateversionname/previous',
  'GET /api/v2/debug/metrics',
])

/** The same of whatever an address names that no scene has: dry runs, tasks, messages, outside accounts. */
const isThere = ({ path }: Endpoint, { things }: Scene) =>
  (path.match(/:[A-Za-z_]+/g) ?? []).every((name) => name.slice(1) in things)

/** Refused with a 403 to whoever may do more than see it, for a reason besides roles. */
const refusedBesides: Readonly<Record<string, string>> = {
  'PUT /api/v2/workspaces/:workspace/favorite': 'everybody has favourites among their own workspaces only',
  'DELETE /api/v2/workspaces/:workspace/favorite': 'everybody has favourites among their own workspaces only',
}

/** Where somebody who may see a thing is told so with a 403. */
const toldSo: ReadonlySet<string> = new Set([
  'POST /api/v2/organizations/:organization/templateversions',
  'POST /api/v2/workspaces/:workspace/builds',
  'POST /api/v2/workspaces/:workspace/usage',
])

/** What is made for somebody, where there is no thing yet that could be hidden. */
const madeForSomebody: ReadonlySet<string> = new Set([
  'POST /api/v2/tasks/:user',
  'POST /api/experimental/tasks/:user',
  'POST /api/v2/users/:user/workspaces',
  'POST /api/v2/organizations/:organization/members/:user/workspaces',
])

/** What goes last, since it takes away what others ask about; in this order. */
const endings: readonly string[] = [
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

/** Lets users do with workspaces what a template can forbid. */
const generous = { allow_user_cancel_workspace_jobs: true, max_port_share_level: 'public' } as const

const task = { template_version_id: '%VERSION%', input: 'Paint the shed' }
const said = { input: 'Paint it red' }

const bodies: Readonly<Record<string, unknown>> = {
  'POST /api/v2/tasks/:user': task,
  'POST /api/experimental/tasks/:user': task,
  'PATCH /api/v2/tasks/:user/:task/input': said,
  'PATCH /api/experimental/tasks/:user/:task/input': said,
  'POST /api/v2/tasks/:user/:task/send': said,
  'POST /api/experimental/tasks/:user/:task/send': said,
  'PATCH /api/v2/templates/:template': generous,
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

interface Scene {
  /** Whose things are asked about. */
  readonly victim: Person
  /** By the names that addresses give them, and by the marks in bodies. */
  readonly things: Readonly<Record<string, string>>
}

let server: TestServer
let organizationId: string
let template: Awaited<ReturnType<typeof createTemplate>>
let file: string
let count = 0

beforeAll(async () => {
  server = await startTestServer()
  template = await createTemplate(server.client, 'bare', files)
  await server.client.call(updateTemplate, { params: { template: template.id }, body: generous })
  organizationId = template.organization_id
  const { job } = await server.client.call(getTemplateVersion, {
    params: { templateversion: template.active_version_id },
  })
  file = job.file_id
})
afterAll(() => server.close())

/** Somebody with one of everything. */
async function makeScene(): Promise<Scene> {
  const victim = await server.createUser(`victim-${++count}`)
  const workspace = await createWorkspace(victim.client, template.id, `dev-${count}`)
  const build = await succeeded(victim.client, await waitForBuild(victim.client, workspace.latest_build.id))
  const { key } = await victim.client.call(createToken, { params: { user: 'me' }, body: { token_name: 'named' } })
  const version = await server.client.call(getTemplateVersion, {
    params: { templateversion: template.active_version_id },
  })
  const things = {
    organization: organizationId,
    organizationname: 'coder',
    user: victim.user.username,
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
    USER: victim.user.username,
    NEW: `new-${count}`,
    TEMPLATE: template.id,
    VERSION: version.id,
    FILE: file,
    AGENT: agentsOf(build)[0]?.id ?? '',
  }
  return { victim, things }
}

const fill = (text: string, mark: RegExp, things: Readonly<Record<string, string>>) =>
  text.replace(mark, (_whole, name: string) => things[name] ?? someId)

async function ask(endpoint: Asked, token: string, { things }: Scene): Promise<number> {
  const path = fill(endpoint.path, /:([A-Za-z_]+)/g, things)
  if (endpoint.upgrade) {
    const headers = { ...webSocketHeaders, 'coder-session-token': token }
    const query = `?reconnect=${someId}&follow`
    return (await rawRequest(server.url, { path: path + query, headers })).status
  }
  const headers = { 'coder-session-token': token, 'user-agent': 'matrix' }
  const given = bodies[nameOf(endpoint)]
  const init = endpoint.bodyTypes
    ? { headers: { ...headers, 'content-type': endpoint.bodyTypes[0] ?? '' }, body: Buffer.alloc(1024) }
    : endpoint.body
      ? {
          headers: { ...headers, 'content-type': 'application/json' },
          body: fill(JSON.stringify(given ?? {}), /%([A-Z]+)%/g, things),
        }
      : { headers }
  const stopping = new AbortController()
  const send = () =>
    fetch(server.url + path + queryOf(endpoint), { ...init, method: endpoint.method, signal: stopping.signal })
  // A refused upload ends its connection, which the next request may have picked up.
  const answer = await send().catch(send)
  // What streams has no end of its own.
  if (endpoint.raw) stopping.abort()
  else if (saysThereIsNoUser(await answer.text())) return 404
  return answer.status
}

/** What Coder's clients get in the place of a 404, with the status 400. */
const saysThereIsNoUser = (text: string) => text.includes('\\"user\\" must be an existing uuid or username.')

const queryOf = ({ path }: Endpoint) => {
  if (path.includes('/insights/')) {
    const day = (at: number) => `${new Date(at).toISOString().slice(0, 10)}T00:00:00Z`
    return `?start_time=${day(Date.now() - 2 * 86_400_000)}&end_time=${day(Date.now() - 86_400_000)}&tz_offset=0`
  }
  return path.endsWith('/autofill-parameters') ? `?template_id=${template.id}` : ''
}

/** What the address of an endpoint is about, as the policy is asked. */
function objectOf({ path }: Endpoint, resource: Resource, asker: Person, { victim }: Scene): AuthzObject {
  const isVictims =
    /:(user|workspace|workspacename|workspacebuild|workspaceagent|keyid|keyname)\b/.test(path) ||
    path.endsWith('/reconnecting-pty-signed-token')
  const ownerId = isVictims ? victim.user.id : asker.user.id
  switch (resource) {
    case 'template':
      // Those to start from are for whoever sees every template.
      if (path.endsWith('/templates/examples')) return { resource }
      return {
        resource,
        id: template.id,
        organizationId,
        accessList: { users: {}, groups: { [organizationId]: 'use' } },
      }
    case 'file':
      return { resource, ...(path.includes(':fileID') ? {} : { ownerId: asker.user.id }) }
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
      // For whom one may be made is asked of nobody in particular.
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

type Verdict = 'answered' | 403 | 404

/** What the table of roles says. */
function expected(endpoint: Asked, principal: Principal, asker: Person, scene: Scene): Verdict {
  const { action, resource } = endpoint.access
  if (!mayPossibly(principal, action, resource))
    return action === 'create' || action === 'list' || !endpoint.path.includes(':') ? 403 : 404
  const ofUser: [Action, Resource][] = endpoint.path.startsWith('/api/v2/users/:user/keys') ? [['read', 'user']] : []
  const questions = [[action, resource] as const, ...(alsoAsked[nameOf(endpoint)] ?? []), ...ofUser]
  const isAllowed = questions.every(([act, what]) =>
    isPermitted(principal, act, objectOf(endpoint, what, asker, scene)),
  )
  if (isAllowed) return 'answered'
  if (madeForSomebody.has(nameOf(endpoint))) return 403
  const maySee = isPermitted(principal, 'read', objectOf(endpoint, resource, asker, scene))
  return toldSo.has(nameOf(endpoint)) && maySee ? 403 : 404
}

const verdictOf = (status: number): Verdict | 401 =>
  status === 401 || status === 403 || status === 404 ? status : 'answered'

const isAsked = (endpoint: Endpoint): endpoint is Asked => endpoint.access.kind === 'user'
const placeOf = (endpoint: Endpoint) => {
  const at = endings.indexOf(nameOf(endpoint))
  return at >= 0 ? 10 + at : endpoint.method === 'GET' ? 0 : endpoint.method === 'DELETE' ? 2 : 1
}
const inOrder = endpoints.filter(isAsked).toSorted((a, b) => placeOf(a) - placeOf(b))

/** @returns what differs from the table, a line each */
async function walk(
  asker: Person,
  scene: Scene,
  roles: string[],
  heldThere: string[],
  limits = noLimits,
): Promise<string[]> {
  const principal: Principal = {
    userId: asker.user.id,
    username: asker.user.username,
    email: asker.user.email,
    roles,
    organizationRoles: { [organizationId]: heldThere },
    customRoles: {},
    groupIds: [organizationId],
    keyId: '',
    limits,
  }
  const wrong: string[] = []
  for (const endpoint of inOrder) {
    // Whoever sets the own password is signed out.
    if (asker === scene.victim && nameOf(endpoint) === 'PUT /api/v2/users/:user/password') continue
    const wanted = expected(endpoint, principal, asker, scene)
    const status = await ask(endpoint, asker.token, scene)
    const isMissing =
      wanted === 'answered' && status === 404 && (needsMore.has(nameOf(endpoint)) || !isThere(endpoint, scene))
    const isRefused = wanted === 'answered' && status === 403 && nameOf(endpoint) in refusedBesides
    if (verdictOf(status) !== wanted && !isMissing && !isRefused)
      wrong.push(`${nameOf(endpoint)}: ${status} instead of ${wanted}`)
  }
  return wrong
}

describe('about the things of somebody else', () => {
  test.each(Object.keys(siteRoles).map((role) => [role]))('%s gets what the table says', async (role) => {
    const [scene, asker] = [await makeScene(), await server.createUser(`site-${role}`)]
    const roles = role === 'member' ? [] : [role]
    await server.client.call(updateUserRoles, { params: { user: asker.user.id }, body: { roles } })
    expect(await walk(asker, scene, roles, [])).toEqual([])
  })

  test.each(Object.keys(organizationRoles).map((role) => [role]))('%s gets what the table says', async (role) => {
    const [scene, asker] = [await makeScene(), await server.createUser(`of-${role}`.slice(0, 32))]
    const roles = role === 'organization-member' ? [] : [role]
    const params = { organization: 'default', user: asker.user.id }
    await server.client.call(updateMemberRoles, { params, body: { roles } })
    expect(await walk(asker, scene, [], roles)).toEqual([])
  })
})

describe('with a token of an owner', () => {
  test.each([
    ['workspace:read'],
    ['coder:workspaces.operate'],
    ['coder:workspaces.access'],
    ['coder:templates.author'],
    ['coder:apikeys.manage_self'],
    ['application_connect'],
    ['user:*'],
  ])('that has the scope %s only, what both the scope and the role give is answered', async (scope) => {
    const [scene, owner] = [await makeScene(), await server.createUser(`token-${++count}`)]
    await server.client.call(updateUserRoles, { params: { user: owner.user.id }, body: { roles: ['owner'] } })
    const { key } = await owner.client.call(createToken, { params: { user: 'me' }, body: { scopes: [scope] } })
    const limits = { ...noLimits, scopes: [scope] }
    expect(await walk({ ...owner, token: key }, scene, ['owner'], [], limits)).toEqual([])
  })
})

test('about one’s own things everybody gets what the table says', async () => {
  const scene = await makeScene()
  expect(await walk(scene.victim, scene, [], [])).toEqual([])
})

test('every line of the tables here is about an endpoint that there is', () => {
  const names = new Set(endpoints.map(nameOf))
  const lines = [
    ...Object.keys(bodies),
    ...Object.keys(alsoAsked),
    ...needsMore,
    ...Object.keys(refusedBesides),
    ...toldSo,
    ...endings,
  ]
  expect(lines.filter((line) => !names.has(line))).toEqual([])
})
