// Health check of the database: latency, connections, free disk space.

import { statfs } from 'node:fs/promises'
import { sql } from 'kysely'
import type { DatabaseHealth } from '../../api/deployment/health.ts'
import type { ServerContext } from '../context.ts'
import type { Db } from '../database/connect.ts'
import { describePostgresError } from '../database/postgres-errors.ts'
import { messageWithCause } from '../error-message.ts'
import { combineFindings, type Finding, failure, noProblems, warning } from './section.ts'

type Report = Omit<DatabaseHealth, 'dismissed'>

const pingCount = 5
/** Share of connections in use above which a warning is reported. */
const connectionWarningShare = 0.8
const diskWarningBytes = 1024 ** 3

export async function checkDatabase({ db, config }: ServerContext): Promise<Report> {
  const threshold = config.healthCheckThresholdDatabase
  try {
    const latencyMs = await medianPing(db)
    const facts = await readFacts(db)
    const free = config.postgresUrl === '' ? await freeBytes(config.dataDir) : 0
    const finding = combineFindings([
      evaluateLatency(latencyMs, threshold),
      evaluateConnections(facts.connections, facts.max_connections),
      config.postgresUrl === '' ? evaluateDisk(free, config.dataDir) : noProblems,
    ])
    return {
      ...finding,
      healthy: finding.severity !== 'error',
      reachable: true,
      latency: `${latencyMs.toFixed(3)}ms`,
      latency_ms: Math.round(latencyMs),
      threshold_ms: threshold,
      ...facts,
      free_disk_bytes: free,
    }
  } catch (error) {
    return unreachable(error, threshold)
  }
}

export async function measurePing(db: Db): Promise<number> {
  const startedAt = performance.now()
  await sql`select 1`.execute(db)
  return performance.now() - startedAt
}

async function medianPing(db: Db): Promise<number> {
  const times: number[] = []
  for (let n = 0; n < pingCount; n++) times.push(await measurePing(db))
  return times.sort((a, b) => a - b)[Math.floor(pingCount / 2)] ?? 0
}

async function readFacts(db: Db) {
  const { rows } = await sql<{
    version: string
    connections: number
    max_connections: number
    database_bytes: number
  }>`select
      current_setting('server_version') as version,
      (select count(*)::int from pg_stat_activity where backend_type = 'client backend') as connections,
      current_setting('max_connections')::int as max_connections,
      pg_database_size(current_database())::bigint as database_bytes`.execute(db)
  if (!rows[0]) throw new Error('the database returned no statistics')
  return rows[0]
}

async function freeBytes(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder)
  return bavail * bsize
}

function evaluateLatency(ms: number, threshold: number): Finding {
  if (ms <= threshold) return noProblems
  return warning(
    'EDB02',
    `The database responds in ${ms.toFixed(1)} ms, which exceeds the threshold of ${threshold} ms. Check the load of its machine and disk.`,
  )
}

function evaluateConnections(inUse: number, max: number): Finding {
  if (inUse <= max * connectionWarningShare) return noProblems
  return warning(
    'EUNKNOWN',
    `${inUse} of ${max} database connections are in use. Raise max_connections of PostgreSQL, or lower CODER_PG_CONN_MAX_OPEN.`,
  )
}

function evaluateDisk(free: number, folder: string): Finding {
  if (free >= diskWarningBytes) return noProblems
  const message = `Only ${Math.round(free / 1024 ** 2)} MiB are free on the disk of ${folder}. Free disk space: a full disk stops the database.`
  return free === 0 ? failure('EUNKNOWN', message) : warning('EUNKNOWN', message)
}

function unreachable(error: unknown, threshold: number): Report {
  const why = describePostgresError(error)
  const finding = failure(
    'EDB01',
    why
      ? `${why.summary} ${why.remedy}`
      : `The database does not respond: ${messageWithCause(error)}. See postgres.log in the data folder, or the server that CODER_PG_CONNECTION_URL names.`,
  )
  return {
    ...finding,
    healthy: false,
    reachable: false,
    latency: '0s',
    latency_ms: 0,
    threshold_ms: threshold,
    version: '',
    connections: 0,
    max_connections: 0,
    database_bytes: 0,
    free_disk_bytes: 0,
  }
}
