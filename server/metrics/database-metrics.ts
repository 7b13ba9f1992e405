// Queries and transactions, as Coder counts them. Each connection is watched from when it is first used.

import type { Pool, PoolClient } from 'pg'
import { Counter, Histogram, type Registry } from 'prom-client'

const buckets = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

/** @param hasQueries also counts each query by its kind, a series each */
export function watchDatabase(register: Registry, pool: Pool, hasQueries: boolean): void {
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
  const latencies = hasQueries ? queryLatencies(register) : null
  const watched = new WeakSet<PoolClient>()
  pool.on('acquire', (client) => {
    if (watched.has(client)) return
    watched.add(client)
    let began = 0
    watchQueries(client, (text, name, seconds) => {
      const word = text.slice(0, 8).toLowerCase()
      if (word.startsWith('begin')) began = performance.now()
      else if (word === 'commit' || word === 'rollback') {
        const success = String(word === 'commit')
        transactions.observe({ success, tx_id: 'unlabeled' }, (performance.now() - began) / 1000)
        executions.inc({ success, retries: '0', tx_id: 'unlabeled' })
      } else latencies?.observe({ query: name ?? kindOf(text) }, seconds)
    })
  })
}

const queryLatencies = (register: Registry) =>
  new Histogram({
    name: 'coderd_db_query_latencies_seconds',
    help: 'How long queries took, by their name or what they do to which table.',
    labelNames: ['query'],
    buckets,
    registers: [register],
  })

type Told = (text: string, name: string | undefined, seconds: number) => void
type Query = (config: unknown, ...rest: unknown[]) => unknown

/** Tells each query of a connection when it has been answered, well or not. */
function watchQueries(client: PoolClient, tell: Told): void {
  const query = client.query.bind(client) as Query
  client.query = ((config: unknown, ...rest: unknown[]) => {
    const startedAt = performance.now()
    const { text, name } = typeof config === 'string' ? { text: config, name: undefined } : (config as NamedQuery)
    const end = () => tell(text ?? '', name, (performance.now() - startedAt) / 1000)
    const last = rest.at(-1)
    if (typeof last === 'function') {
      const answered = (...given: unknown[]) => {
        end()
        last(...given)
      }
      return query(config, ...rest.slice(0, -1), answered)
    }
    const answer = query(config, ...rest)
    if (answer instanceof Promise) answer.then(end, end)
    return answer
  }) as PoolClient['query']
}

interface NamedQuery {
  readonly text?: string
  readonly name?: string
}

const kinds = new Map<string, string>()
// Queries have as many texts as their lists have lengths.
const maxKinds = 2_000

/** `select users`, `insert workspace_builds`: few enough to be series. */
function kindOf(text: string): string {
  const known = kinds.get(text)
  if (known !== undefined) return known
  const verb = /^\s*(\w+)/.exec(text)?.[1]?.toLowerCase() ?? ''
  const table = /\b(?:from|into|update)\s+(?:only\s+)?"?([a-z_]+)"?/i.exec(text)?.[1] ?? ''
  const kind = table ? `${verb} ${table}` : verb
  if (kinds.size < maxKinds) kinds.set(text, kind)
  return kind
}
