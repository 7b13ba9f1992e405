// Metrics of queries, transactions and connections, with Coder's names. Connections are instrumented on first use.

import type { Pool, PoolClient } from 'pg'
import { Counter, Gauge, Histogram, type Registry } from 'prom-client'

const buckets = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

/** Route of the current request. */
export interface AnsweredRequest {
  readonly method: string
  readonly path: string
}

/** @param findRequest returns the request of a query. If given, queries are counted per request and kind. */
export function watchDatabase(
  register: Registry,
  pool: Pool,
  findRequest: (() => AnsweredRequest | undefined) | null,
): void {
  showConnections(register, pool)
  const counts = [countTransactions(register), countPublished(register)]
  if (findRequest) counts.push(countQueries(register, findRequest))
  const watched = new WeakSet<PoolClient>()
  pool.on('acquire', (client) => {
    if (watched.has(client)) return
    watched.add(client)
    const ofClient = counts.map((count) => count())
    watchQueries(client, (query) => {
      const ends = ofClient.map((begin) => begin(query))
      return (isDone) => {
        for (const end of ends) end(isDone)
      }
    })
  })
}

interface WatchedQuery {
  readonly text: string
  readonly name: string | undefined
  readonly values: readonly unknown[]
}

/** Called for each query; the returned function is called with its result. */
type Begin = (query: WatchedQuery) => (isDone: boolean) => void

/** Creates an observer for each connection. */
type Count = () => Begin

function countTransactions(register: Registry): Count {
  const registers = [register]
  const transactions = new Histogram({
    name: 'coderd_db_tx_duration_seconds',
    help: 'How long transactions took.',
    labelNames: ['success', 'tx_id'],
    buckets,
    registers,
  })
  const executions = new Counter({
    name: 'coderd_db_tx_executions_count',
    help: 'Transactions that ended. None is tried again.',
    labelNames: ['success', 'retries', 'tx_id'],
    registers,
  })
  return () => {
    let began = 0
    return ({ text }) => {
      const word = text.slice(0, 8).toLowerCase()
      return () => {
        if (word.startsWith('begin')) began = performance.now()
        if (word !== 'commit' && word !== 'rollback') return
        const success = String(word === 'commit')
        transactions.observe({ success, tx_id: 'unlabeled' }, (performance.now() - began) / 1000)
        executions.inc({ success, retries: '0', tx_id: 'unlabeled' })
      }
    }
  }
}

/** Queries that send notifications. */
function countPublished(register: Registry): Count {
  const registers = [register]
  const publishes = new Counter({
    name: 'coder_pubsub_publishes_total',
    help: 'Notifications that were sent.',
    labelNames: ['success'],
    registers,
  })
  const bytes = new Counter({ name: 'coder_pubsub_published_bytes_total', help: 'Bytes that were sent.', registers })
  return () =>
    ({ text, values }) =>
    (isDone) => {
      if (!text.startsWith('select pg_notify(')) return
      publishes.inc({ success: String(isDone) })
      if (isDone) bytes.inc(Buffer.byteLength(String(values[1] ?? '')))
    }
}

function countQueries(register: Registry, findRequest: () => AnsweredRequest | undefined): Count {
  const registers = [register]
  const latencies = new Histogram({
    name: 'coderd_db_query_latencies_seconds',
    help: 'How long queries took, by their name or what they do to which table.',
    labelNames: ['query'],
    buckets,
    registers,
  })
  const counts = new Counter({
    name: 'coderd_db_query_counts_total',
    help: 'Queries, by the request that they were asked for.',
    labelNames: ['method', 'query', 'route'],
    registers,
  })
  return () =>
    ({ text, name }) => {
      const startedAt = performance.now()
      const { method = '', path: route = '' } = findRequest() ?? {}
      return () => {
        if (/^(begin|commit|rollback)/i.test(text)) return
        const query = name ?? kindOf(text)
        latencies.observe({ query }, (performance.now() - startedAt) / 1000)
        counts.inc({ method, query, route })
      }
    }
}

/** With the names of Coder's driver. */
function showConnections(register: Registry, pool: Pool): void {
  const figures = {
    go_sql_max_open_connections: ['Connections that there may be.', () => pool.options.max],
    go_sql_open_connections: ['Connections that there are.', () => pool.totalCount],
    go_sql_in_use_connections: ['Connections that are in use.', () => pool.totalCount - pool.idleCount],
    go_sql_idle_connections: ['Connections that nobody uses.', () => pool.idleCount],
  } as const
  for (const [name, [help, read]] of Object.entries(figures)) {
    new Gauge({
      name,
      help,
      labelNames: ['db_name'],
      registers: [register],
      collect() {
        this.set({ db_name: '' }, read())
      },
    })
  }
}

type Query = (config: unknown, ...rest: unknown[]) => unknown

/** Instruments the queries of a connection. */
function watchQueries(client: PoolClient, begin: Begin): void {
  const query = client.query.bind(client) as Query
  client.query = ((config: unknown, ...rest: unknown[]) => {
    const end = begin(readQuery(config, rest[0]))
    const last = rest.at(-1)
    if (typeof last === 'function') {
      const answered = (error: unknown, ...given: unknown[]) => {
        end(!error)
        last(error, ...given)
      }
      return query(config, ...rest.slice(0, -1), answered)
    }
    const answer = query(config, ...rest)
    if (answer instanceof Promise)
      answer.then(
        () => end(true),
        () => end(false),
      )
    return answer
  }) as PoolClient['query']
}

function readQuery(config: unknown, values: unknown): WatchedQuery {
  const given = Array.isArray(values) ? values : []
  if (typeof config === 'string') return { text: config, name: undefined, values: given }
  const { text = '', name, values: own = given } = config as Partial<WatchedQuery>
  return { text, name, values: own }
}

const kinds = new Map<string, string>()
// Query texts vary with the lengths of their lists.
const maxKinds = 2_000

/** `select users`, `insert workspace_builds`: low cardinality for labels. */
function kindOf(text: string): string {
  const known = kinds.get(text)
  if (known !== undefined) return known
  const verb = /^\s*(\w+)/.exec(text)?.[1]?.toLowerCase() ?? ''
  const table = /\b(?:from|into|update)\s+(?:only\s+)?"?([a-z_]+)"?/i.exec(text)?.[1] ?? ''
  const kind = table ? `${verb} ${table}` : verb
  if (kinds.size < maxKinds) kinds.set(text, kind)
  return kind
}
