// The supervisor's connection: verifies that the PostgreSQL at an endpoint serves the expected cluster, and holds the
// advisory lock that marks the cluster as supervised.

import { realpathSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { advisoryLocks } from '../advisory-locks.ts'
import { ClusterInUseError, StartError } from '../start-error.ts'
import { superuser } from './initdb.ts'
import type { Endpoint } from './postmaster.ts'

export interface SupervisorConnection {
  /** Server version, such as `18.4`. */
  readonly version: string
  /** Resolves when the connection has closed, because the server stopped or closed it. */
  readonly closed: Promise<void>
  close(): Promise<void>
  /** @throws ClusterInUseError if another coderd holds the lock. */
  takeLock(dataDir: string): Promise<void>
}

const supervisorName = 'coderd supervisor'

// PostgreSQL releases the lock of a killed coderd when its socket closes, which is immediate except under high load.
const lockTimeoutMs = 1_000
const retryMs = 20

export function connectionUrl({ socketFolder, port }: Endpoint, password: string | null): string {
  if (socketFolder === '') return `postgresql://${superuser}:${password}@127.0.0.1:${port}/postgres`
  return `postgresql://${superuser}@localhost:${port}/postgres?host=${encodeURIComponent(socketFolder)}`
}

/** @throws StartError if the server has another cluster; the socket error if no server listens. */
export async function connectToCluster(url: string, cluster: string): Promise<SupervisorConnection> {
  const client = new pg.Client({ connectionString: url, application_name: `${supervisorName} ${process.pid}` })
  const closed = new Promise<void>((resolve) => client.once('end', resolve))
  // `closed` reports it.
  client.on('error', () => undefined)
  await client.connect()
  const { rows } = await client.query<{ folder: string; version: string }>(
    `select current_setting('data_directory') as folder, current_setting('server_version') as version`,
  )
  const { folder = '', version = '' } = rows[0] ?? {}
  if (realpathSync(folder) !== cluster) {
    await client.end()
    throw new StartError(
      `Expected the PostgreSQL of ${cluster}, but found the one of ${folder}. Stop it and try again.`,
    )
  }
  return { version, closed, close: () => client.end(), takeLock: (dataDir) => takeLock(client, dataDir) }
}

async function takeLock(client: pg.Client, dataDir: string): Promise<void> {
  const deadline = performance.now() + lockTimeoutMs
  for (;;) {
    const { rows } = await client.query<{ taken: boolean }>(
      `select pg_try_advisory_lock(${advisoryLocks.supervisor}) as taken`,
    )
    if (rows[0]?.taken) return
    if (performance.now() >= deadline) break
    await sleep(retryMs)
  }
  const holder = await findLockHolder(client)
  await client.end()
  throw new ClusterInUseError(
    `Another coderd (process ${holder}) is using ${dataDir}. ` +
      'Use or stop that one, or choose another data folder with CODER_CONFIG_DIR.',
  )
}

async function findLockHolder(client: pg.Client): Promise<string> {
  const { rows } = await client.query<{ name: string }>(
    `select application_name as name from pg_stat_activity join pg_locks using (pid)
     where locktype = 'advisory' and granted and objid = ${advisoryLocks.supervisor}`,
  )
  return rows[0]?.name.slice(supervisorName.length + 1) ?? 'unknown'
}
