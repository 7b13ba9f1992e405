// Sends hostile input to every endpoint of the contract: the response names the field, and coderd keeps running.

import { randomUUID } from 'node:crypto'
import type { TSchema } from 'typebox'
import { Compile } from 'typebox/compile'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Endpoint } from '../../api/endpoint.ts'
import { endpoints } from '../../api/table.ts'
import { ensureStarterTemplates } from '../templates/starter-templates.ts'
import { rawRequest, webSocketHeaders } from '../testing/raw-request.ts'
import { fieldsOf, hostileJson, hostileParams, hostileQueries, sampleValue } from '../testing/sample-values.ts'
import { startTestServer, type TestServer } from '../testing/start-test-server.ts'
import {
  createLocalWorkspace,
  createTemplate,
  createWorkspace,
  removeWorkspace,
  waitForBuild,
} from '../testing/workspace-fixtures.ts'

let server: TestServer
/** IDs of existing objects, by their names in paths. */
let existing: Record<string, string>
/** An empty workspace for writes. */
let spare: Record<string, string>

beforeAll(async () => {
  server = await startTestServer({ disableRateLimits: 'true' })
  const { user } = await server.createUser('victim')
  await ensureStarterTemplates(server.context)
  const { workspace, agent } = await createLocalWorkspace(server.client, 'dev')
  const template = await createTemplate(server.client, 'empty', { 'main.tf': '' })
  const other = await createWorkspace(server.client, template.id, 'spare')
  await waitForBuild(server.client, other.latest_build.id)
  spare = { workspace: other.id, workspacebuild: other.latest_build.id }
  existing = {
    user: user.username,
    organization: 'default',
    workspace: workspace.id,
    workspacename: workspace.name,
    template: workspace.template_id,
    templatename: workspace.template_name,
    templateversion: workspace.latest_build.template_version_id,
    workspacebuild: workspace.latest_build.id,
    buildnumber: '1',
    workspaceagent: agent.id,
    workspaceresource: agent.resource_id,
  }
})
afterAll(async () => {
  await removeWorkspace(server.client, existing.workspace ?? '')
  await server.close()
})

/** Endpoints that would end the session or the server. */
const excluded = ['POST /api/local/stop', 'POST /api/v2/users/logout']
const tested = endpoints.filter(
  (e) => !e.upgrade && e.access.kind !== 'agent' && !excluded.includes(`${e.method} ${e.path}`),
)
const routeOf = (e: Endpoint) => `${e.method} ${e.path}`

/** Fills in the parameters of a path. Deletions use unknown IDs, because later requests need the objects. */
function fill({ method, path }: Endpoint, other: Record<string, string> = {}): string {
  return path.replace(/:(\w+)/g, (_, name: string) => {
    if (other[name] !== undefined) return other[name]
    const ids = method === 'GET' ? existing : { ...existing, ...spare }
    return (method === 'DELETE' ? undefined : ids[name]) ?? randomUUID()
  })
}

async function send(e: Endpoint, path: string, body?: string, type = 'application/json') {
  const response = await fetch(server.url + path, {
    method: e.method,
    headers: {
      'coder-session-token': server.token,
      'coder-local-secret': server.secret,
      ...(body === undefined ? {} : { 'content-type': type }),
    },
    ...(body === undefined ? {} : { body }),
    signal: AbortSignal.timeout(20_000),
  })
  if (response.headers.get('content-type')?.startsWith('text/event-stream')) {
    await response.body?.cancel()
    return { status: response.status, fields: [] }
  }
  const text = await response.text()
  const { validations = [] } = (response.status === 400 ? JSON.parse(text) : {}) as {
    validations?: { field: string }[]
  }
  return { status: response.status, fields: validations.map(({ field }) => field), text: text.slice(0, 200) }
}

/** Processes the items with limited concurrency. */
async function each<T>(items: readonly T[], act: (item: T) => Promise<void>): Promise<void> {
  const left = [...items]
  const work = async () => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) await act(item)
  }
  await Promise.all([work(), work(), work(), work()])
}

/** @returns the problems of a response */
function checkResponse(
  what: string,
  { status, fields, text }: Awaited<ReturnType<typeof send>>,
  refusedField?: string,
): string[] {
  // The server's fallback error, which cannot name the field.
  if (status >= 500 || text?.includes('out of range.')) return [`${what} → ${status} ${text}`]
  if (refusedField === undefined) return []
  if (status !== 400) return [`${what} → ${status}, not 400 ${text}`]
  return fields.some((field) => field === refusedField || field.startsWith(`${refusedField}.`))
    ? []
    : [`${what} → 400 without naming ${refusedField}: ${text}`]
}

const isInvalid = (schema: TSchema, value: unknown) => !Compile(schema).Check(value)

describe('a hostile value', () => {
  test('in a body is refused with its field, or accepted without an error', { timeout: 240_000 }, async () => {
    const problems: string[] = []
    const cases = tested.flatMap((e) =>
      fieldsOf(e.body).flatMap((field) => hostileJson.map((json) => ({ e, field, json }))),
    )
    await each(cases, async ({ e, field, json }) => {
      const schema = e.body as TSchema
      const sample = sampleValue(schema) as Record<string, unknown>
      const others = Object.entries(sample).filter(([key]) => key !== field)
      const body = `{${[...others.map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`), `${JSON.stringify(field)}:${json}`].join(',')}}`
      const isRefused = /\\u0000|\\ud800|__proto__/.test(json) || isInvalid(schema, JSON.parse(body))
      const what = `${routeOf(e)} {"${field}":${json.slice(0, 60)}}`
      problems.push(...checkResponse(what, await send(e, fill(e), body), isRefused ? field : undefined))
    })
    expect(problems).toEqual([])
  })

  test('in a query is refused with its field, or accepted without an error', { timeout: 240_000 }, async () => {
    const problems: string[] = []
    const cases = tested.flatMap((e) =>
      fieldsOf(e.query).flatMap((field) => hostileQueries.map((value) => ({ e, field, value }))),
    )
    await each(cases, async ({ e, field, value }) => {
      const sample = Object.entries(sampleValue(e.query as TSchema) as object).filter(([key]) => key !== field)
      const query = [...sample.map(([key, text]) => `${key}=${encodeURIComponent(String(text))}`), `${field}=${value}`]
      const body = e.body ? JSON.stringify(sampleValue(e.body)) : undefined
      const what = `${routeOf(e)}?${field}=${value.slice(0, 60)}`
      const response = await send(e, `${fill(e)}?${query.join('&')}`, body)
      problems.push(...checkResponse(what, response, value === '%00' ? field : undefined))
      if (
        response.status === 400 &&
        response.fields.length === 0 &&
        !/CSRF|\\"user\\"|already completed/.test(response.text ?? '')
      )
        problems.push(`${what} → 400 names no field: ${response.text}`)
    })
    expect(problems).toEqual([])
  })

  test('in a path does not cause a server error', { timeout: 120_000 }, async () => {
    const problems: string[] = []
    const cases = tested.flatMap((e) =>
      fieldsOf(e.params).flatMap((name) => hostileParams.map((value) => ({ e, name, value }))),
    )
    await each(cases, async ({ e, name, value }) => {
      const body = e.body ? JSON.stringify(sampleValue(e.body)) : undefined
      const { status, text } = await send(e, fill(e, { [name]: value }), body)
      if (status >= 500) problems.push(`${routeOf(e)} :${name}=${value} → ${status} ${text}`)
    })
    expect(problems).toEqual([])
  })
})

describe('a hostile upgrade', () => {
  test('is refused, or accepted without an error', { timeout: 120_000 }, async () => {
    const problems: string[] = []
    const upgrades = endpoints.filter((e) => e.upgrade && e.access.kind === 'user')
    const paths = upgrades.flatMap((e) => [
      ...fieldsOf(e.params).flatMap((name) => hostileParams.map((value) => fill(e, { [name]: value }))),
      ...fieldsOf(e.query).flatMap((name) => hostileQueries.map((value) => `${fill(e)}?${name}=${value}`)),
    ])
    await each(paths, async (path) => {
      const headers = { ...webSocketHeaders, 'coder-session-token': server.token }
      const { status, text } = await rawRequest(server.url, { path, headers })
      if (![101, 400, 404, 409].includes(status)) problems.push(`${path} → ${text.slice(0, 200)}`)
    })
    expect(problems).toEqual([])
  })
})

describe('a hostile body', () => {
  const withBody = tested.filter(({ body }) => body)
  // Endpoints with an optional body.
  const optionalBody = ['POST /api/v2/workspaces/:workspace/usage']

  test.each([
    ['is not an object', '7', [400, 404]],
    ['is null', 'null', [400, 404]],
    ['is invalid JSON', '{"a":', [400]],
    ['has too many unclosed levels', '['.repeat(100_000), [400]],
    ['has too many levels', `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`, [400]],
  ])('that %s is refused everywhere', { timeout: 60_000 }, async (_what, body, statuses) => {
    const problems: string[] = []
    await each(withBody, async (e) => {
      const { status, text } = await send(e, fill(e), body)
      if (!statuses.includes(status) && !(status === 204 && optionalBody.includes(routeOf(e))))
        problems.push(`${routeOf(e)} → ${status} ${text}`)
    })
    expect(problems).toEqual([])
  })

  test('of another content type is refused everywhere', { timeout: 60_000 }, async () => {
    const problems: string[] = []
    await each(withBody, async (e) => {
      for (const type of [
        'text/plain',
        'application/xml',
        'multipart/form-data; boundary=x',
        'application/x-www-form-urlencoded',
      ]) {
        const { status } = await send(e, fill(e), '{}', type)
        if (status !== 415) problems.push(`${routeOf(e)} as ${type} → ${status}`)
      }
    })
    expect(problems).toEqual([])
  })

  test('that is not UTF-8 is refused', async () => {
    const body = Buffer.concat([
      Buffer.from('{"email":"a@b.test","password":"'),
      Buffer.of(0xc3, 0x28),
      Buffer.from('"}'),
    ])
    const response = await fetch(`${server.url}/api/v2/users/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    })
    expect([response.status, await response.text()]).toEqual([400, expect.stringContaining('not valid UTF-8')])
  })

  test('of 50 megabytes is refused while other requests are answered', { timeout: 60_000 }, async () => {
    const large = `{"username":"${'x'.repeat(50 * 1024 * 1024)}"}`
    const users = endpoints.find((e) => routeOf(e) === 'POST /api/v2/users') as Endpoint
    const refusals = Promise.all(
      [1, 2, 3].map(() => send(users, '/api/v2/users', large).catch(() => ({ status: 413 }))),
    )
    const meanwhile = await fetch(`${server.url}/api/v2/buildinfo`)
    expect(meanwhile.status).toBe(200)
    for (const { status } of await refusals) expect(status).toBe(413)
  })
})
