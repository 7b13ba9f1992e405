// Metrics of queries, transactions and connections, with Coder's names. Connections are instrumented on first use.

import type { Pool, PoolClient } from 'pg'
import { Counter, Gauge, Histogram, type Registry } from 'prom-client'

const buckets = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

/** Method and route of the current request. */
export interface RequestLabels {
  readonly method: string
  readonly path: string
}

/** @param findRequest returns the labels of the current request; null disables the metrics per query. */
export function instrumentDatabase(
  register: Registry,
  pool: Pool,
  findRequest: (() => RequestLabels | undefined) | null,
): void {
  registerConnectionGauges(register, pool)
  const observerFactories = [createTransactionObserver(register), createPublishObserver(register)]
  if (findRequest) observerFactories.push(createQueryObserver(register, findRequest))
  const instrumented = new WeakSet<PoolClient>()
  pool.on('acquire', (client) => {
    if (instrumented.has(client)) return
    instrumented.add(client)
    const observers = observerFactories.map((create) => create())
    instrumentQueries(client, (query) => {
      const completions = observers.map((observe) => observe(query))
      return (succeeded) => {
        for (const complete of completions) complete(succeeded)
      }
    })
  })
}

interface ObservedQuery {
  readonly text: string
  readonly name: string | undefined
  readonly values: readonly unknown[]
}

/** Called at the start of each query; the returned function is called at its end. */
type QueryObserver = (query: ObservedQuery) => (succeeded: boolean) => void

/** Creates an observer for a connection. */
type ObserverFactory = () => QueryObserver

function createTransactionObserver(register: Registry): ObserverFactory {
  const registers = [register]
  const transactions = new Histogram({
    name: 'coderd_db_tx_duration_seconds',
    help: 'Duration of transactions in seconds.',
    labelNames: ['success', 'tx_id'],
    buckets,
    registers,
  })
  const executions = new Counter({
    name: 'coderd_db_tx_executions_count',
    help: 'Total number of completed transactions. Transactions are not retried.',
    labelNames: ['success', 'retries', 'tx_id'],
    registers,
  })
  return () => {
    let startedAt = 0
    return ({ text }) => {
      const command = text.slice(0, 8).toLowerCase()
      return () => {
        if (command.startsWith('begin')) startedAt = performance.now()
        if (command !== 'commit' && command !== 'rollback') return
        const success = String(command === 'commit')
        transactions.observe({ success, tx_id: 'unlabeled' }, (performance.now() - startedAt) / 1000)
        executions.inc({ success, retries: '0', tx_id: 'unlabeled' })
      }
    }
  }
}

/** Observes the queries that send notifications. */
function createPublishObserver(register: Registry): ObserverFactory {
  const registers = [register]
  const publishes = new Counter({
    name: 'coder_pubsub_publishes_total',
    help: 'Total number of published notifications.',
    labelNames: ['success'],
    registers,
  })
  const bytes = new Counter({
    name: 'coder_pubsub_published_bytes_total',
    help: 'Total size of published notifications in bytes.',
    registers,
  })
  return () =>
    ({ text, values }) =>
    (succeeded) => {
      if (!text.startsWith('select pg_notify(')) return
      publishes.inc({ success: String(succeeded) })
      if (succeeded) bytes.inc(Buffer.byteLength(String(values[1] ?? '')))
    }
}

function createQueryObserver(register: Registry, findRequest: () => RequestLabels | undefined): ObserverFactory {
  const registers = [register]
  const latencies = new Histogram({
    name: 'coderd_db_query_latencies_seconds',
    help: 'Duration of queries in seconds, by statement name or by operation and table.',
    labelNames: ['query'],
    buckets,
    registers,
  })
  const counts = new Counter({
    name: 'coderd_db_query_counts_total',
    help: 'Total number of queries by HTTP route and query.',
    labelNames: ['method', 'query', 'route'],
    registers,
  })
  return () =>
    ({ text, name }) => {
      const startedAt = performance.now()
      const { method = '', path: route = '' } = findRequest() ?? {}
      return () => {
        if (/^(begin|commit|rollback)/i.test(text)) return
        const query = name ?? toQueryLabel(text)
        latencies.observe({ query }, (performance.now() - startedAt) / 1000)
        counts.inc({ method, query, route })
      }
    }
}

/** Registers gauges of the connection pool, with the names of Coder's driver. */
function registerConnectionGauges(register: Registry, pool: Pool): void {
  const gauges = {
    go_sql_max_open_connections: ['Maximum number of connections of the pool.', () => pool.options.max],
    go_sql_open_connections: ['Number of open connections.', () => pool.totalCount],
    go_sql_in_use_connections: ['Number of connections in use.', () => pool.totalCount - pool.idleCount],
    go_sql_idle_connections: ['Number of idle connections.', () => pool.idleCount],
  } as const
  for (const [name, [help, read]] of Object.entries(gauges)) {
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
function instrumentQueries(client: PoolClient, observe: QueryObserver): void {
  const query = client.query.bind(client) as Query
  client.query = ((config: unknown, ...rest: unknown[]) => {
    const complete = observe(readQuery(config, rest[0]))
    const callback = rest.at(-1)
    if (typeof callback === 'function') {
      const observedCallback = (error: unknown, ...results: unknown[]) => {
        complete(!error)
        callback(error, ...results)
      }
      return query(config, ...rest.slice(0, -1), observedCallback)
    }
    const result = query(config, ...rest)
    if (result instanceof Promise)
      result.then(
        () => complete(true),
        () => complete(false),
      )
    return result
  }) as PoolClient['query']
}

function readQuery(config: unknown, values: unknown): ObservedQuery {
  const args = Array.isArray(values) ? values : []
  if (typeof config === 'string') return { text: config, name: undefined, values: args }
  const query = config as Partial<ObservedQuery>
  return { text: query.text ?? '', name: query.name, values: query.values ?? args }
}

const labelCache = new Map<string, string>()
// Query texts vary with the length of their lists.
const maxCachedLabels = 2_000

/** `select users`, `insert workspace_builds`: low cardinality for labels. */
function toQueryLabel(text: string): string {
  const cached = labelCache.get(text)
  if (cached !== undefined) return cached
  const verb = /^\s*(\w+)/.exec(text)?.[1]?.toLowerCase() ?? ''
  const table = /\b(?:from|into|update)\s+(?:only\s+)?"?([a-z_]+)"?/i.exec(text)?.[1] ?? ''
  const label = table ? `${verb} ${table}` : verb
  if (labelCache.size < maxCachedLabels) labelCache.set(text, label)
  return label
}
