// Every endpoint of the contract, asked with what nobody should send: it answers, names the field, and coderd goes on.

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
/** Ids of things that are there, by the names that paths have for them. */
let things: Record<string, string>
/** A workspace without anything in it, for whatever is written. */
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
  things = {
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
  await removeWorkspace(server.client, things.workspace ?? '')
  await server.close()
})

/** They end what the others need. */
const ending = ['POST /api/local/stop', 'POST /api/v2/users/logout']
const asked = endpoints.filter(
  (e) => !e.upgrade && e.access.kind !== 'agent' && !ending.includes(`${e.method} ${e.path}`),
)
const addressOf = (e: Endpoint) => `${e.method} ${e.path}`

/** What is deleted had better not be there: the next one needs it. */
function fill({ method, path }: Endpoint, other: Record<string, string> = {}): string {
  return path.replace(/:(\w+)/g, (_, name: string) => {
    if (other[name] !== undefined) return other[name]
    const known = method === 'GET' ? things : { ...things, ...spare }
    return (method === 'DELETE' ? undefined : known[name]) ?? randomUUID()
  })
}

async function send(e: Endpoint, path: string, body?: string, type = 'application/json') {
  const answer = await fetch(server.url + path, {
    method: e.method,
    headers: {
      'coder-session-token': server.token,
      'coder-local-secret': server.secret,
      ...(body === undefined ? {} : { 'content-type': type }),
    },
    ...(body === undefined ? {} : { body }),
    signal: AbortSignal.timeout(20_000),
  })
  if (answer.headers.get('content-type')?.startsWith('text/event-stream')) {
    await answer.body?.cancel()
    return { status: answer.status, fields: [] }
  }
  const text = await answer.text()
  const { validations = [] } = (answer.status === 400 ? JSON.parse(text) : {}) as { validations?: { field: string }[] }
  return { status: answer.status, fields: validations.map(({ field }) => field), text: text.slice(0, 200) }
}

/** At most so many at once: the machine has other tests to run. */
async function each<T>(items: readonly T[], act: (item: T) => Promise<void>): Promise<void> {
  const left = [...items]
  const work = async () => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) await act(item)
  }
  await Promise.all([work(), work(), work(), work()])
}

/** @returns what is wrong with the answer, if anything is */
function judge(
  what: string,
  { status, fields, text }: Awaited<ReturnType<typeof send>>,
  refusedField?: string,
): string[] {
  // The last net of the server, which cannot name the field.
  if (status >= 500 || text?.includes('out of range.')) return [`${what} → ${status} ${text}`]
  if (refusedField === undefined) return []
  if (status !== 400) return [`${what} → ${status}, not 400 ${text}`]
  return fields.some((field) => field === refusedField || field.startsWith(`${refusedField}.`))
    ? []
    : [`${what} → 400 without naming ${refusedField}: ${text}`]
}

const refuses = (schema: TSchema, value: unknown) => !Compile(schema).Check(value)

describe('a hostile value', () => {
  test('in a body is refused by its name, or does no harm', { timeout: 240_000 }, async () => {
    const problems: string[] = []
    const cases = asked.flatMap((e) =>
      fieldsOf(e.body).flatMap((field) => hostileJson.map((json) => ({ e, field, json }))),
    )
    await each(cases, async ({ e, field, json }) => {
      const schema = e.body as TSchema
      const sample = sampleValue(schema) as Record<string, unknown>
      const others = Object.entries(sample).filter(([key]) => key !== field)
      const body = `{${[...others.map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`), `${JSON.stringify(field)}:${json}`].join(',')}}`
      const isRefused = /\\u0000|\\ud800|__proto__/.test(json) || refuses(schema, JSON.parse(body))
      const what = `${addressOf(e)} {"${field}":${json.slice(0, 60)}}`
      problems.push(...judge(what, await send(e, fill(e), body), isRefused ? field : undefined))
    })
    expect(problems).toEqual([])
  })

  test('in a query is refused by its name, or does no harm', { timeout: 240_000 }, async () => {
    const problems: string[] = []
    const cases = asked.flatMap((e) =>
      fieldsOf(e.query).flatMap((field) => hostileQueries.map((value) => ({ e, field, value }))),
    )
    await each(cases, async ({ e, field, value }) => {
      const sample = Object.entries(sampleValue(e.query as TSchema) as object).filter(([key]) => key !== field)
      const query = [...sample.map(([key, one]) => `${key}=${encodeURIComponent(String(one))}`), `${field}=${value}`]
      const body = e.body ? JSON.stringify(sampleValue(e.body)) : undefined
      const what = `${addressOf(e)}?${field}=${value.slice(0, 60)}`
      const answer = await send(e, `${fill(e)}?${query.join('&')}`, body)
      problems.push(...judge(what, answer, value === '%00' ? field : undefined))
      if (
        answer.status === 400 &&
        answer.fields.length === 0 &&
        !/CSRF|\\"user\\"|already completed/.test(answer.text ?? '')
      )
        problems.push(`${what} → 400 names no field: ${answer.text}`)
    })
    expect(problems).toEqual([])
  })

  test('in a path finds nothing', { timeout: 120_000 }, async () => {
    const problems: string[] = []
    const cases = asked.flatMap((e) =>
      fieldsOf(e.params).flatMap((name) => hostileParams.map((value) => ({ e, name, value }))),
    )
    await each(cases, async ({ e, name, value }) => {
      const body = e.body ? JSON.stringify(sampleValue(e.body)) : undefined
      const { status, text } = await send(e, fill(e, { [name]: value }), body)
      if (status >= 500) problems.push(`${addressOf(e)} :${name}=${value} → ${status} ${text}`)
    })
    expect(problems).toEqual([])
  })
})

describe('a hostile upgrade', () => {
  test('is refused, or does no harm', { timeout: 120_000 }, async () => {
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
  const withBody = asked.filter(({ body }) => body)
  // Where a body says more, and none has to.
  const lenient = ['POST /api/v2/workspaces/:workspace/usage']

  test.each([
    ['is no object', '7', [400, 404]],
    ['is null', 'null', [400, 404]],
    ['is broken', '{"a":', [400]],
    ['is nested without end', '['.repeat(100_000), [400]],
    ['closes what it nests', `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`, [400]],
  ])('that %s is refused everywhere', { timeout: 60_000 }, async (_what, body, statuses) => {
    const problems: string[] = []
    await each(withBody, async (e) => {
      const { status, text } = await send(e, fill(e), body)
      if (!statuses.includes(status) && !(status === 204 && lenient.includes(addressOf(e))))
        problems.push(`${addressOf(e)} → ${status} ${text}`)
    })
    expect(problems).toEqual([])
  })

  test('of another type is refused everywhere', { timeout: 60_000 }, async () => {
    const problems: string[] = []
    await each(withBody, async (e) => {
      for (const type of [
        'text/plain',
        'application/xml',
        'multipart/form-data; boundary=x',
        'application/x-www-form-urlencoded',
      ]) {
        const { status } = await send(e, fill(e), '{}', type)
        if (status !== 415) problems.push(`${addressOf(e)} as ${type} → ${status}`)
      }
    })
    expect(problems).toEqual([])
  })

  test('of 50 megabytes is refused, and others are answered meanwhile', { timeout: 60_000 }, async () => {
    const large = `{"username":"${'x'.repeat(50 * 1024 * 1024)}"}`
    const users = endpoints.find((e) => addressOf(e) === 'POST /api/v2/users') as Endpoint
    const refusals = Promise.all(
      [1, 2, 3].map(() => send(users, '/api/v2/users', large).catch(() => ({ status: 413 }))),
    )
    const meanwhile = await fetch(`${server.url}/api/v2/buildinfo`)
    expect(meanwhile.status).toBe(200)
    for (const { status } of await refusals) expect(status).toBe(413)
  })
})
