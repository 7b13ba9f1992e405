// Contract tests: requests every declared endpoint of Coder successfully in a deployment with objects of every kind, and
// checks each kind of error response. startTestServer compares every response with Coder's contract.

import { once } from 'node:events'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { Uuid } from '../api/common.ts'
import type { Endpoint } from '../api/endpoint.ts'
import { restrictions } from '../api/official-routes.ts'
import { endpoints } from '../api/table.ts'
import { type ContractFixture, createContractFixture, validPassword } from './testing/contract-fixture.ts'
import { findOfficialRoute } from './testing/official-contract.ts'
import { sampleValue } from './testing/sample-values.ts'
import { startTestServer, type TestServer } from './testing/start-test-server.ts'
import { removeWorkspace } from './testing/workspace-fixtures.ts'

let server: TestServer
let fixture: ContractFixture

beforeAll(async () => {
  server = await startTestServer({ disableRateLimits: 'true' })
  fixture = await createContractFixture(server)
}, 120_000)
afterAll(async () => {
  await removeWorkspace(server.client, fixture.pathParams.workspace ?? '')
  await server.close()
})

const nameOf = ({ method, path }: Endpoint) => `${method} ${path}`
const routeOf = ({ method, path }: Endpoint) => findOfficialRoute(method, path.replace(/:\w+/g, 'x'))
const fill = (path: string, other: Record<string, string> = {}) =>
  path.replace(/:(\w+)/g, (_, name: string) => other[name] ?? fixture.pathParams[name] ?? 'missing')
const reads = endpoints.filter((e) => e.method === 'GET' && !e.upgrade && routeOf(e))

/** Reads that cannot succeed here: external accounts are not supported, and the fixture has no previous version, metrics,
 *  external agent or task (tasks have their own tests). */
const failingReads: readonly string[] = [
  'GET /api/v2/workspaces/:workspace/external-agent/:agent/credentials',
  'GET /api/v2/tasks/:user/:task',
  'GET /api/v2/tasks/:user/:task/logs',
  'GET /api/v2/debug/metrics',
  'GET /api/v2/workspaceagents/me/external-auth',
  'GET /api/v2/workspaceagents/me/gitauth',
  'GET /api/v2/external-auth/:externalauth',
  'GET /api/v2/external-auth/:externalauth/device',
  'GET /api/v2/organizations/:organization/templates/:templatename/versions/:templateversionname/previous',
]

const day = (ago: number) => `${new Date(Date.now() - ago * 86_400_000).toISOString().slice(0, 10)}T00:00:00Z`
const lastWeek = { start_time: day(7), end_time: day(0) }
/** Queries of endpoints for which the sample of the schema is not valid. */
const queries: Readonly<Record<string, Record<string, string>>> = {
  'GET /api/v2/insights/templates': { ...lastWeek, interval: 'day' },
  'GET /api/v2/insights/user-activity': lastWeek,
  'GET /api/v2/insights/user-latency': lastWeek,
  'GET /api/v2/workspaceagents/me/external-auth': { id: 'none' },
  'GET /api/v2/workspaceagents/me/gitauth': { id: 'none' },
}

describe('a read succeeds', () => {
  test.each(reads.map((e) => [nameOf(e), e] as const))('%s', async (_, e) => {
    const isStream = e.raw === true && /watch|reinit/.test(e.path)
    const query = queries[nameOf(e)] ?? ((e.query ? sampleValue(e.query) : {}) as Record<string, string>)
    const path = `${fill(e.path)}?${new URLSearchParams(query)}`
    const read = async (token: string) => {
      const response = await fixture.request('GET', path, undefined, token)
      return { status: response.status, text: isStream ? await response.body?.cancel() : await response.text() }
    }
    const { status, text } = await read(e.access.kind === 'agent' ? fixture.agentToken : server.token)
    if (!failingReads.includes(nameOf(e))) expect(status, text ?? '').toBe(200)
    if (e.access.kind !== 'user') return
    for (const token of Object.values(fixture.tokens))
      expect([200, 400, 403, 404]).toContain((await read(token)).status)
  })
})

interface Write {
  readonly body?: () => unknown
  /** Overrides of path parameters. */
  readonly pathParams?: () => Record<string, string>
}

const sampleId = sampleValue(Uuid)
const ids = () => fixture.pathParams
const sharedPort = { agent_name: 'main', port: 8080, share_level: 'public', protocol: 'http' }
const fullWorkspace = () => ({ workspace: ids().fullWorkspace as string })
const laterVersion = () => ({ templateversion: ids().laterVersion as string })

/** Bodies and path parameters of endpoints for which the samples are not valid. */
const writes: Readonly<Record<string, Write>> = {
  'DELETE /api/v2/organizations/:organization/provisionerkeys/:provisionerkey': {
    pathParams: () => ({ provisionerkey: 'spare' }),
  },
  'PATCH /api/v2/groups/:group': { body: () => ({ display_name: 'Painters', add_users: [ids().victim] }) },
  'POST /api/v2/applications/reconnecting-pty-signed-token': {
    body: () => ({ url: server.url, agentID: ids().workspaceagent }),
  },
  'POST /api/v2/organizations/:organization/groups': { body: () => ({ name: 'sculptors' }) },
  'DELETE /api/v2/templates/:template': { pathParams: () => ({ template: ids().spareTemplate as string }) },
  'DELETE /api/v2/users/:user': { pathParams: () => ({ user: 'to-delete' }) },
  'DELETE /api/v2/users/:user/keys/:keyid': { pathParams: () => ({ user: 'me' }) },
  'DELETE /api/v2/workspaces/:workspace/port-share': {
    pathParams: fullWorkspace,
    body: () => ({ agent_name: 'main', port: 8080 }),
  },
  'PATCH /api/v2/organizations/:organization/settings/workspace-sharing': { body: () => ({ sharing_disabled: false }) },
  'PATCH /api/v2/templates/:template': { body: () => ({ display_name: 'Full' }) },
  'PATCH /api/v2/templates/:template/versions': { body: () => ({ id: ids().templateversion }) },
  'PATCH /api/v2/templateversions/:templateversion': { body: () => ({ name: 'renamed' }), pathParams: laterVersion },
  'PATCH /api/v2/workspaceagents/me/app-status': {
    body: () => ({ app_slug: 'code', state: 'working', message: 'busy', uri: '' }),
  },
  'PATCH /api/v2/workspaceagents/me/logs': {
    body: () => ({
      log_source_id: sampleId,
      logs: [{ created_at: new Date().toISOString(), output: 'hello', level: 'info' }],
    }),
  },
  'POST /api/v2/organizations/:organization/members/:user/workspaces': {
    body: () => ({ name: 'second', template_id: ids().template }),
  },
  'POST /api/v2/organizations/:organization/templates': {
    body: () => ({ name: 'second', template_version_id: ids().versionWithoutTemplate }),
  },
  'POST /api/v2/organizations/:organization/templateversions': {
    body: () => ({ storage_method: 'file', file_id: ids().fileID, provisioner: 'terraform' }),
  },
  'POST /api/v2/templateversions/:templateversion/archive': { pathParams: laterVersion },
  'POST /api/v2/templateversions/:templateversion/unarchive': { pathParams: laterVersion },
  'POST /api/v2/users': { body: () => ({ username: 'new-one', email: 'new@example.com', login_type: 'none' }) },
  'POST /api/v2/users/:user/keys/tokens': { body: () => ({ token_name: 'another', scopes: ['all'] }) },
  'POST /api/v2/users/:user/workspaces': { body: () => ({ name: 'first', template_id: ids().template }) },
  'POST /api/v2/users/login': { body: () => ({ email: 'with-password@example.com', password: validPassword }) },
  'POST /api/v2/workspaces/:workspace/builds': {
    pathParams: () => ({ workspace: ids().failedWorkspace as string }),
    body: () => ({ transition: 'delete' }),
  },
  'POST /api/v2/workspaces/:workspace/port-share': { pathParams: fullWorkspace, body: () => sharedPort },
  'PUT /api/v2/notifications/templates/:notification_template/method': { body: () => ({ method: 'inbox' }) },
  'PUT /api/v2/notifications/settings': { body: () => ({ notifier_paused: true }) },
  'PUT /api/v2/users/:user/keys/:keyid/expire': { pathParams: () => ({ user: 'me' }) },
  'PUT /api/v2/users/:user/password': {
    pathParams: () => ({ user: 'with-password' }),
    body: () => ({ password: `${validPassword}0` }),
  },
  'PUT /api/v2/users/:user/profile': { body: () => ({ username: 'victim', name: 'A Victim' }) },
  'PUT /api/v2/users/:user/quiet-hours': { body: () => ({ schedule: 'CRON_TZ=Europe/Berlin 30 2 * * *' }) },
  'PUT /api/v2/workspacebuilds/:workspacebuild/state': { body: () => ({ state: 'e30=' }) },
  'PUT /api/v2/workspaces/:workspace/dormant': { pathParams: fullWorkspace, body: () => ({ dormant: true }) },
}

/** Writes that cannot succeed here: no external accounts, devcontainers, running jobs, missing first user, known passcode,
 *  deadline or tasks. A logout would end the session of the other tests. */
const failingWrites: readonly string[] = [
  'DELETE /api/v2/tasks/:user/:task',
  'PATCH /api/v2/tasks/:user/:task/input',
  'POST /api/v2/tasks/:user',
  'POST /api/v2/tasks/:user/:task/pause',
  'POST /api/v2/tasks/:user/:task/resume',
  'POST /api/v2/tasks/:user/:task/send',
  'POST /api/v2/workspaceagents/me/tasks/:task/log-snapshot',
  'DELETE /api/v2/external-auth/:externalauth',
  'DELETE /api/v2/workspaceagents/:workspaceagent/containers/devcontainers/:devcontainer',
  'PATCH /api/v2/templateversions/:templateversion/cancel',
  'PATCH /api/v2/templateversions/:templateversion/dry-run/:jobID/cancel',
  'PATCH /api/v2/workspacebuilds/:workspacebuild/cancel',
  'POST /api/v2/external-auth/:externalauth/device',
  'POST /api/v2/organizations/:organization/members/:user',
  'POST /api/v2/users/:user/convert-login',
  'POST /api/v2/users/first',
  'POST /api/v2/users/logout',
  'POST /api/v2/users/otp/change-password',
  'POST /api/v2/workspaceagents/:workspaceagent/containers/devcontainers/:devcontainer/recreate',
  'PUT /api/v2/workspaces/:workspace/extend',
]

const rejectedRoutes = restrictions.filter(({ answer }) => answer === 'refusal').flatMap(({ routes }) => routes)
const rank = { POST: 0, PUT: 1, PATCH: 2, DELETE: 3, GET: 4 } as const

describe('a write succeeds', () => {
  const testedWrites = endpoints
    .filter((e) => e.method !== 'GET' && !e.bodyTypes && routeOf(e))
    .filter((e) => !failingWrites.includes(nameOf(e)) && !rejectedRoutes.includes(routeOf(e) ?? ''))
    .sort((a, b) => rank[a.method] - rank[b.method])
  test.each(testedWrites.map((e) => [nameOf(e), e] as const))('%s', async (name, e) => {
    const { body = () => e.body && sampleValue(e.body), pathParams = () => ({}) } = writes[name] ?? {}
    const token = e.access.kind === 'agent' ? fixture.agentToken : server.token
    const response = await fixture.request(e.method, fill(e.path, { user: 'victim', ...pathParams() }), body(), token)
    expect(response.ok, `${response.status} ${await response.text()}`).toBe(true)
  })
})

describe('a stream sends messages', () => {
  const streams = [
    '/api/v2/workspaces/:workspace/watch-ws',
    '/api/v2/workspacebuilds/:workspacebuild/logs?follow=true',
    '/api/v2/templateversions/:templateversion/logs?follow=true',
    '/api/v2/templateversions/:templateversion/dry-run/:jobID/logs?follow=true',
    '/api/v2/templateversions/:templateversion/dynamic-parameters',
    '/api/v2/workspaceagents/:fullAgent/logs?follow=true',
    '/api/v2/workspaceagents/:workspaceagent/watch-metadata-ws',
    '/api/v2/workspaceagents/:workspaceagent/containers/watch',
  ]
  test.each(streams)('over a WebSocket: %s', async (path) => {
    const headers = { 'coder-session-token': server.token }
    const socket = new WebSocket(server.url.replace('http', 'ws') + fill(path), { headers })
    const [message] = await once(socket, 'message')
    expect(() => JSON.parse(String(message))).not.toThrow()
    socket.close()
  })

  test.each(['workspaces/:workspace/watch', 'workspaceagents/:workspaceagent/watch-metadata'])(
    'as server-sent events: %s',
    async (path) => {
      const response = await fixture.request('GET', fill(`/api/v2/${path}`))
      let text = ''
      for await (const chunk of response.body ?? []) {
        text += Buffer.from(chunk).toString()
        if (text.includes('event: data')) break
      }
      expect(text).toMatch(/^event: ping\n\nevent: data\ndata: /)
    },
  )
})

describe('an error', () => {
  const body = async (response: Response) => ({ status: response.status, ...((await response.json()) as object) })
  const missing = '6f9619ff-8b86-4011-b42d-00c04fc964ff'
  const notFound = { message: 'Resource not found or you do not have access to this resource' }

  test('400 names the invalid field', async () => {
    expect(
      await body(await fixture.request('POST', '/api/v2/users', { username: 'x y', email: 'e@example.com' })),
    ).toEqual({
      status: 400,
      message: 'Validation failed.',
      validations: [{ field: 'username', detail: expect.any(String) }],
    })
  })

  test('401 contains the authentication scheme', async () => {
    const response = await fixture.request('GET', '/api/v2/users/me', undefined, 'x')
    const header = response.headers.get('www-authenticate') ?? ''
    const [, resource = ''] =
      /^Bearer realm="coder", error="invalid_token", .+ resource_metadata="(.+)"$/.exec(header) ?? []
    expect(await (await fetch(resource)).json()).toMatchObject({ bearer_methods_supported: ['header'] })
    expect(await body(response)).toEqual({ status: 401, message: expect.any(String), detail: expect.any(String) })
  })

  test('403 rejects a visible but forbidden action', async () => {
    const response = await fixture.request(
      'POST',
      '/api/v2/users',
      { username: 'x', email: 'x@example.com' },
      fixture.tokens.member,
    )
    expect(response.headers.has('www-authenticate')).toBe(false)
    expect(await body(response)).toMatchObject({ status: 403, message: 'Forbidden.' })
  })

  test('404 is the same for hidden and missing objects', async () => {
    const hidden = await fixture.request(
      'GET',
      `/api/v2/workspaces/${ids().workspace}`,
      undefined,
      fixture.tokens.member,
    )
    const absent = await fixture.request('GET', `/api/v2/workspaces/${missing}`, undefined, fixture.tokens.member)
    expect(await body(hidden)).toEqual({ status: 404, ...notFound })
    expect(await body(absent)).toEqual({ status: 404, ...notFound })
    expect(await body(await fixture.request('GET', '/api/v2/nothing'))).toEqual({
      status: 404,
      message: 'Route not found.',
    })
  })

  test('409 rejects an existing name', async () => {
    const response = await fixture.request('POST', '/api/v2/users', {
      username: 'victim',
      email: 'o@example.com',
      login_type: 'none',
    })
    expect(await body(response)).toMatchObject({ status: 409, message: expect.any(String) })
  })

  test('412 rejects a job in another state than expected', async () => {
    const path = fill('/api/v2/workspacebuilds/:workspacebuild/cancel?expect_status=pending')
    expect(await body(await fixture.request('PATCH', path))).toMatchObject({ status: 412, message: expect.any(String) })
  })

  test('413 rejects an oversized body', async () => {
    const response = await fixture.request('POST', '/api/v2/users', { username: 'x'.repeat(11 * 1024 * 1024) })
    expect(await body(response)).toEqual({ status: 413, message: 'The request body is too large.' })
  })

  test('425 rejects requests before the import has finished', async () => {
    const idle = await startTestServer({ provisionerDaemons: '0' })
    const headers = { 'coder-session-token': idle.token, 'content-type': 'application/x-tar' }
    const upload = await fetch(`${idle.url}/api/v2/files`, { method: 'POST', headers, body: Buffer.alloc(1024) })
    const { hash } = (await upload.json()) as { hash: string }
    const json = { ...headers, 'content-type': 'application/json' }
    const version = JSON.stringify({ storage_method: 'file', file_id: hash, provisioner: 'terraform' })
    const path = `${idle.url}/api/v2/organizations/default/templateversions`
    const { id } = (await (await fetch(path, { method: 'POST', headers: json, body: version })).json()) as {
      id: string
    }
    const response = await fetch(`${idle.url}/api/v2/templateversions/${id}/rich-parameters`, { headers })
    expect(await body(response)).toMatchObject({ status: 425, message: expect.any(String) })
    await idle.close()
  })

  test('415 rejects another content type', async () => {
    const headers = { 'coder-session-token': server.token, 'content-type': 'text/csv' }
    const response = await fetch(`${server.url}/api/v2/users`, { method: 'POST', headers, body: 'a,b' })
    expect(await body(response)).toMatchObject({ status: 415, detail: 'Send application/json.' })
  })
})
