// The contract suite: a deployment with something of everything in it, and every endpoint of Coder's that we declare asked
// for a success. startTestServer compares each answer with Coder's contract to the key; here it is seen to that there is
// an answer to compare, and that each form of error is as Coder has it.

import { once } from 'node:events'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { Uuid } from '../api/common.ts'
import type { Endpoint } from '../api/endpoint.ts'
import { restrictions } from '../api/official-routes.ts'
import { endpoints } from '../api/table.ts'
import { type ContractScene, goodPassword, populate } from './testing/contract-fixture.ts'
import { findOfficialRoute } from './testing/official-contract.ts'
import { sampleOf } from './testing/sample-values.ts'
import { removeWorkspace } from './testing/workspace-fixtures.ts'
import { startTestServer, type TestServer } from './testing/start-test-server.ts'

let server: TestServer
let scene: ContractScene

beforeAll(async () => {
  server = await startTestServer({ disableRateLimits: 'true' })
  scene = await populate(server)
}, 120_000)
afterAll(async () => {
  await removeWorkspace(server.client, scene.things.workspace ?? '')
  await server.close()
})

const address = ({ method, path }: Endpoint) => `${method} ${path}`
const routeOf = ({ method, path }: Endpoint) => findOfficialRoute(method, path.replace(/:\w+/g, 'x'))
const fill = (path: string, other: Record<string, string> = {}) =>
  path.replace(/:(\w+)/g, (_, name: string) => other[name] ?? scene.things[name] ?? 'missing')
const reads = endpoints.filter((e) => e.method === 'GET' && !e.upgrade && routeOf(e))

/** Nothing of the kind is here: no provider of outside accounts, no version before the first, no metrics unless wanted, no
 *  agent outside, no task (tasks have tests of their own). */
const unread: readonly string[] = [
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
/** What to ask for where the first value of a schema is no sensible question. */
const queries: Readonly<Record<string, Record<string, string>>> = {
  'GET /api/v2/insights/templates': { ...lastWeek, interval: 'day' },
  'GET /api/v2/insights/user-activity': lastWeek,
  'GET /api/v2/insights/user-latency': lastWeek,
  'GET /api/v2/workspaceagents/me/external-auth': { id: 'none' },
  'GET /api/v2/workspaceagents/me/gitauth': { id: 'none' },
}

describe('read is', () => {
  test.each(reads.map((e) => [address(e), e] as const))('%s', async (_, e) => {
    const isStream = e.raw === true && /watch|reinit/.test(e.path)
    const needed = queries[address(e)] ?? ((e.query ? sampleOf(e.query) : {}) as Record<string, string>)
    const path = `${fill(e.path)}?${new URLSearchParams(needed)}`
    const read = async (token: string) => {
      const answer = await scene.ask('GET', path, undefined, token)
      return { status: answer.status, text: isStream ? await answer.body?.cancel() : await answer.text() }
    }
    const { status, text } = await read(e.access.kind === 'agent' ? scene.agentToken : server.token)
    if (!unread.includes(address(e))) expect(status, text ?? '').toBe(200)
    if (e.access.kind !== 'user') return
    for (const token of Object.values(scene.tokens)) expect([200, 400, 403, 404]).toContain((await read(token)).status)
  })
})

interface Write {
  readonly body?: () => unknown
  /** Instead of the things of the scene. */
  readonly of?: () => Record<string, string>
}

const sampleId = sampleOf(Uuid)
const things = () => scene.things
const sharedPort = { agent_name: 'main', port: 8080, share_level: 'public', protocol: 'http' }
const full = () => ({ workspace: things().fullWorkspace as string })
const anyVersion = () => ({ templateversion: things().laterVersion as string })

/** What is asked where the smallest body that a schema takes is no sensible wish. */
const writes: Readonly<Record<string, Write>> = {
  'DELETE /api/v2/organizations/:organization/provisionerkeys/:provisionerkey': {
    of: () => ({ provisionerkey: 'spare' }),
  },
  'PATCH /api/v2/groups/:group': { body: () => ({ display_name: 'Painters', add_users: [things().victim] }) },
  'POST /api/v2/applications/reconnecting-pty-signed-token': {
    body: () => ({ url: server.url, agentID: things().workspaceagent }),
  },
  'POST /api/v2/organizations/:organization/groups': { body: () => ({ name: 'sculptors' }) },
  'DELETE /api/v2/templates/:template': { of: () => ({ template: things().spareTemplate as string }) },
  'DELETE /api/v2/users/:user': { of: () => ({ user: 'goner' }) },
  'DELETE /api/v2/users/:user/keys/:keyid': { of: () => ({ user: 'me' }) },
  'DELETE /api/v2/workspaces/:workspace/port-share': { of: full, body: () => ({ agent_name: 'main', port: 8080 }) },
  'PATCH /api/v2/organizations/:organization/settings/workspace-sharing': { body: () => ({ sharing_disabled: false }) },
  'PATCH /api/v2/templates/:template': { body: () => ({ display_name: 'Full' }) },
  'PATCH /api/v2/templates/:template/versions': { body: () => ({ id: things().templateversion }) },
  'PATCH /api/v2/templateversions/:templateversion': { body: () => ({ name: 'renamed' }), of: anyVersion },
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
    body: () => ({ name: 'second', template_id: things().template }),
  },
  'POST /api/v2/organizations/:organization/templates': {
    body: () => ({ name: 'second', template_version_id: things().looseVersion }),
  },
  'POST /api/v2/organizations/:organization/templateversions': {
    body: () => ({ storage_method: 'file', file_id: things().fileID, provisioner: 'terraform' }),
  },
  'POST /api/v2/templateversions/:templateversion/archive': { of: anyVersion },
  'POST /api/v2/templateversions/:templateversion/unarchive': { of: anyVersion },
  'POST /api/v2/users': { body: () => ({ username: 'new-one', email: 'new@example.com', login_type: 'none' }) },
  'POST /api/v2/users/:user/keys/tokens': { body: () => ({ token_name: 'another', scopes: ['all'] }) },
  'POST /api/v2/users/:user/workspaces': { body: () => ({ name: 'first', template_id: things().template }) },
  'POST /api/v2/users/login': { body: () => ({ email: 'sesame@example.com', password: goodPassword }) },
  'POST /api/v2/workspaces/:workspace/builds': {
    of: () => ({ workspace: things().failedWorkspace as string }),
    body: () => ({ transition: 'delete' }),
  },
  'POST /api/v2/workspaces/:workspace/port-share': { of: full, body: () => sharedPort },
  'PUT /api/v2/notifications/templates/:notification_template/method': { body: () => ({ method: 'inbox' }) },
  'PUT /api/v2/notifications/settings': { body: () => ({ notifier_paused: true }) },
  'PUT /api/v2/users/:user/keys/:keyid/expire': { of: () => ({ user: 'me' }) },
  'PUT /api/v2/users/:user/password': {
    of: () => ({ user: 'sesame' }),
    body: () => ({ password: `${goodPassword}0` }),
  },
  'PUT /api/v2/users/:user/profile': { body: () => ({ username: 'victim', name: 'A Victim' }) },
  'PUT /api/v2/users/:user/quiet-hours': { body: () => ({ schedule: 'CRON_TZ=Europe/Berlin 30 2 * * *' }) },
  'PUT /api/v2/workspacebuilds/:workspacebuild/state': { body: () => ({ state: 'e30=' }) },
  'PUT /api/v2/workspaces/:workspace/dormant': { of: full, body: () => ({ dormant: true }) },
}

/** Not to be had here: no provider of outside accounts, no devcontainer, jobs that are over, a first user already, a
 *  passcode that only a mail would tell, a deadline to extend, a task; and what would end the session of the others. */
const unwritten: readonly string[] = [
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

const refused = restrictions.filter(({ answer }) => answer === 'refusal').flatMap(({ routes }) => routes)
const rank = { POST: 0, PUT: 1, PATCH: 2, DELETE: 3, GET: 4 } as const

describe('written is', () => {
  const asked = endpoints
    .filter((e) => e.method !== 'GET' && !e.bodyTypes && routeOf(e))
    .filter((e) => !unwritten.includes(address(e)) && !refused.includes(routeOf(e) ?? ''))
    .sort((one, other) => rank[one.method] - rank[other.method])
  test.each(asked.map((e) => [address(e), e] as const))('%s', async (name, e) => {
    const { body = () => e.body && sampleOf(e.body), of = () => ({}) } = writes[name] ?? {}
    const token = e.access.kind === 'agent' ? scene.agentToken : server.token
    const answer = await scene.ask(e.method, fill(e.path, { user: 'victim', ...of() }), body(), token)
    expect(answer.ok, `${answer.status} ${await answer.text()}`).toBe(true)
  })
})

describe('streamed is', () => {
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
  test.each(streams)('%s, over a WebSocket', async (path) => {
    const headers = { 'coder-session-token': server.token }
    const socket = new WebSocket(server.url.replace('http', 'ws') + fill(path), { headers })
    const [message] = await once(socket, 'message')
    expect(() => JSON.parse(String(message))).not.toThrow()
    socket.close()
  })

  test.each(['workspaces/:workspace/watch', 'workspaceagents/:workspaceagent/watch-metadata'])(
    '%s, as server-sent events',
    async (path) => {
      const answer = await scene.ask('GET', fill(`/api/v2/${path}`))
      let text = ''
      for await (const chunk of answer.body ?? []) {
        text += Buffer.from(chunk).toString()
        if (text.includes('event: data')) break
      }
      expect(text).toMatch(/^event: ping\n\nevent: data\ndata: /)
    },
  )
})

describe('an error', () => {
  const body = async (answer: Response) => ({ status: answer.status, ...((await answer.json()) as object) })
  const missing = '6f9619ff-8b86-4011-b42d-00c04fc964ff'
  const notFound = { message: 'Resource not found or you do not have access to this resource' }

  test('400 says which field is wrong', async () => {
    expect(await body(await scene.ask('POST', '/api/v2/users', { username: 'x y', email: 'e@example.com' }))).toEqual({
      status: 400,
      message: 'Validation failed.',
      validations: [{ field: 'username', detail: expect.any(String) }],
    })
  })

  test('401 says how to sign in', async () => {
    const answer = await scene.ask('GET', '/api/v2/users/me', undefined, 'x')
    const header = answer.headers.get('www-authenticate') ?? ''
    const [, resource = ''] =
      /^Bearer realm="coder", error="invalid_token", .+ resource_metadata="(.+)"$/.exec(header) ?? []
    expect(await (await fetch(resource)).json()).toMatchObject({ bearer_methods_supported: ['header'] })
    expect(await body(answer)).toEqual({ status: 401, message: expect.any(String), detail: expect.any(String) })
  })

  test('403 is for what may be seen but not done', async () => {
    const answer = await scene.ask(
      'POST',
      '/api/v2/users',
      { username: 'x', email: 'x@example.com' },
      scene.tokens.member,
    )
    expect(answer.headers.has('www-authenticate')).toBe(false)
    expect(await body(answer)).toMatchObject({ status: 403, message: 'Forbidden.' })
  })

  test('404 does not tell what is hidden from what is not there', async () => {
    const hidden = await scene.ask('GET', `/api/v2/workspaces/${things().workspace}`, undefined, scene.tokens.member)
    const absent = await scene.ask('GET', `/api/v2/workspaces/${missing}`, undefined, scene.tokens.member)
    expect(await body(hidden)).toEqual({ status: 404, ...notFound })
    expect(await body(absent)).toEqual({ status: 404, ...notFound })
    expect(await body(await scene.ask('GET', '/api/v2/nothing'))).toEqual({ status: 404, message: 'Route not found.' })
  })

  test('409 is for a name that is taken', async () => {
    const answer = await scene.ask('POST', '/api/v2/users', {
      username: 'victim',
      email: 'o@example.com',
      login_type: 'none',
    })
    expect(await body(answer)).toMatchObject({ status: 409, message: expect.any(String) })
  })

  test('412 is for a job that is in another state than expected', async () => {
    const path = fill('/api/v2/workspacebuilds/:workspacebuild/cancel?expect_status=pending')
    expect(await body(await scene.ask('PATCH', path))).toMatchObject({ status: 412, message: expect.any(String) })
  })

  test('413 is for a body that is too large', async () => {
    const answer = await scene.ask('POST', '/api/v2/users', { username: 'x'.repeat(11 * 1024 * 1024) })
    expect(await body(answer)).toEqual({ status: 413, message: 'The request body is too large.' })
  })

  test('425 is for what is not there before an import has ended', async () => {
    const idle = await startTestServer({ provisionerDaemons: '0' })
    const headers = { 'coder-session-token': idle.token, 'content-type': 'application/x-tar' }
    const upload = await fetch(`${idle.url}/api/v2/files`, { method: 'POST', headers, body: Buffer.alloc(1024) })
    const { hash } = (await upload.json()) as { hash: string }
    const json = { ...headers, 'content-type': 'application/json' }
    const wanted = JSON.stringify({ storage_method: 'file', file_id: hash, provisioner: 'terraform' })
    const path = `${idle.url}/api/v2/organizations/default/templateversions`
    const { id } = (await (await fetch(path, { method: 'POST', headers: json, body: wanted })).json()) as { id: string }
    const answer = await fetch(`${idle.url}/api/v2/templateversions/${id}/rich-parameters`, { headers })
    expect(await body(answer)).toMatchObject({ status: 425, message: expect.any(String) })
    await idle.close()
  })

  test('415 is for a body of another kind', async () => {
    const headers = { 'coder-session-token': server.token, 'content-type': 'text/csv' }
    const answer = await fetch(`${server.url}/api/v2/users`, { method: 'POST', headers, body: 'a,b' })
    expect(await body(answer)).toMatchObject({ status: 415, detail: 'Send application/json.' })
  })
})
