// Property tests of the log search: compares random queries with a simple model, and verifies that malformed queries
// are either answered or refused.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { listAuditLogs } from '../../api/deployment/audit.ts'
import type { NewRow } from '../database/schema.ts'
import { startTestServer, type TestServer } from '../testing/start-test-server.ts'

// Set SEED to repeat a failed run.
const seed = Number(process.env.SEED ?? Date.now() % 1_000_000)

/** Mulberry32, a deterministic pseudorandom generator. */
function generator(from: number): () => number {
  let state = from
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}

const random = generator(seed)
const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T

type Entry = NewRow<'audit_logs'> & { readonly time: Date }

const targets = ['dev', 'Prod', 'with space', "it's", '100%', 'a_b', '']
const types = ['template', 'workspace', 'user'] as const
const actions = ['create', 'write', 'delete'] as const
const reasons = ['initiator', 'autostart', ''] as const
const days = ['2020-01-01', '2020-01-02', '2020-01-03', '2020-01-04']

let server: TestServer
let users: { readonly id: string; readonly username: string; readonly email: string }[]
let entries: Entry[]

beforeAll(async () => {
  server = await startTestServer({ apiRateLimit: '0' })
  for (const name of ['ada', 'Grace']) await server.createUser(name)
  const { db } = server.context
  users = await db.selectFrom('users').select(['id', 'username', 'email']).execute()
  await db.deleteFrom('audit_logs').execute()
  entries = Array.from({ length: 120 }, () => ({
    time: new Date(Date.parse(`${pick(days)}T00:00:00Z`) + Math.floor(random() * 86_400_000)),
    request_id: crypto.randomUUID(),
    resource_type: pick(types),
    resource_id: crypto.randomUUID(),
    resource_target: pick(targets),
    action: pick(actions),
    user_id: pick([...users.map(({ id }) => id), null]),
    status_code: 200,
    additional_fields: JSON.stringify({ build_reason: pick(reasons) }),
  }))
  await db.insertInto('audit_logs').values(entries).execute()
})
afterAll(() => server.close())

interface Term {
  readonly text: string
  holds(entry: Entry): boolean
}

const quoted = (value: string) => (/[\s:]/.test(value) || random() < 0.3 ? `"${value}"` : value)
/** Keys and values are case-insensitive. */
const anyCase = (text: string) => (random() < 0.3 ? text.toUpperCase() : text)
const asText = (value: unknown) => (typeof value === 'string' ? value : '')

/** Generators of terms, each with a different key. */
const terms: readonly (() => Term)[] = [
  () => {
    const type = pick(types)
    return {
      text: anyCase(random() < 0.5 ? type : `resource_type:${type}`),
      holds: (entry) => entry.resource_type === type,
    }
  },
  () => {
    const target = pick(targets.filter((name) => name !== ''))
    return {
      text: `resource_target:${quoted(anyCase(target))}`,
      holds: (entry) => asText(entry.resource_target).toLowerCase() === target.toLowerCase(),
    }
  },
  () => {
    const action = pick(actions)
    return { text: anyCase(`action:${action}`), holds: (entry) => entry.action === action }
  },
  () => {
    const { id, username } = pick(users)
    return { text: `username:${anyCase(username)}`, holds: (entry) => entry.user_id === id }
  },
  () => {
    const { id, email } = pick(users)
    return { text: `email:${quoted(email)}`, holds: (entry) => entry.user_id === id }
  },
  () => {
    const day = pick(days)
    return { text: `date_from:${day}`, holds: ({ time }) => time >= new Date(`${day}T00:00:00Z`) }
  },
  () => {
    const day = pick(days)
    return { text: `date_to:${quoted(day)}`, holds: ({ time }) => time.toISOString().slice(0, 10) <= day }
  },
  () => {
    const { request_id: id } = pick(entries)
    return { text: `request_id:${id}`, holds: (entry) => entry.request_id === id }
  },
  () => {
    const reason = pick(reasons.filter((reason) => reason !== ''))
    return {
      text: `build_reason:${reason}`,
      holds: (entry) => asText(entry.additional_fields).includes(`"${reason}"`),
    }
  },
]

test(`random queries return the entries of the model (seed ${seed})`, async () => {
  for (let round = 0; round < 150; round++) {
    const kinds = new Set(Array.from({ length: 1 + Math.floor(random() * 3) }, () => pick(terms)))
    const selected = [...kinds].map((make) => make())
    const q = selected.map(({ text }) => text).join(pick([' ', '  ', '\t']))
    const expected = entries.filter((entry) => selected.every((term) => term.holds(entry)))
    const found = await server.client.call(listAuditLogs, { query: { q, limit: 1000 } })
    const ids = found.audit_logs.map(({ request_id }) => request_id)
    expect(ids.toSorted(), q).toEqual(expected.map(({ request_id }) => request_id).toSorted())
    expect(found.count, q).toBe(expected.length)
  }
})

test('the pages contain each entry once, newest first', async () => {
  const seen: string[] = []
  for (let offset = 0; ; offset += 7) {
    const { audit_logs: page, count } = await server.client.call(listAuditLogs, { query: { limit: 7, offset } })
    expect(count).toBe(entries.length)
    if (page.length === 0) break
    seen.push(...page.map(({ request_id }) => request_id))
  }
  const newestFirst = entries.toSorted((a, b) => b.time.getTime() - a.time.getTime())
  expect(seen.toSorted()).toEqual(newestFirst.map(({ request_id }) => request_id).toSorted())
  const times = new Map(entries.map(({ request_id, time }) => [request_id, time.getTime()]))
  expect(seen.map((id) => times.get(id))).toEqual(newestFirst.map(({ time }) => time.getTime()))
})

const fragments = [
  ...['resource_type', 'action', 'date_from', 'date_to', 'username', 'email', 'type', 'status', 'connected_after'],
  ...[
    'organization',
    'request_id',
    'resource_id',
    'connection_id',
    'workspace_id',
    '__proto__',
    'constructor',
    'toString',
  ],
  ...[
    ':',
    '::',
    '"',
    '""',
    ' ',
    '\\',
    "'",
    "';--",
    '%',
    '_',
    '$1',
    '(',
    '((((a+)+)+)+',
    '*',
    '?',
    '\u0000',
    '\ud800',
    '💣',
  ],
  ...['me', 'workspace', '2020-01-01', '99999-01-01', '-1', '0', '1e999', 'null', 'x'.repeat(3000)],
]

describe.each(['audit', 'connectionlog'])('a malformed query of %s', (path) => {
  test(`is answered, or refused with the field (seed ${seed})`, async () => {
    for (let round = 0; round < 200; round++) {
      const q = Array.from({ length: 1 + Math.floor(random() * 6) }, () => pick(fragments)).join('')
      const response = await fetch(`${server.url}/api/v2/${path}?limit=1&q=${encodeLoosely(q)}`, {
        headers: { 'coder-session-token': server.token },
      })
      expect([200, 400], `${q} → ${response.status}`).toContain(response.status)
      if (response.status === 400) expect(await response.json(), q).toHaveProperty('validations.0.field')
    }
  })
})

/** Lone surrogates cannot be encoded in a URL; clients replace them. */
function encodeLoosely(text: string): string {
  return encodeURIComponent(text.toWellFormed())
}
