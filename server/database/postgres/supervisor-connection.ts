// The supervisor's own connection: proves that the PostgreSQL behind an endpoint works on our cluster, and holds the
// lock by which others see that the cluster is supervised.

import { realpathSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { advisoryLocks } from '../advisory-locks.ts'
import { ClusterInUseError, StartError } from '../start-error.ts'
import { superuser } from './initdb.ts'
import type { Endpoint } from './postmaster.ts'

export interface SupervisorConnection {
  /** Of the server, such as `18.4`. */
  readonly version: string
  /** Resolves when the server is gone, or threw us out. */
  readonly ended: Promise<void>
  close(): Promise<void>
  /** @throws ClusterInUseError when another coderd has the lock. */
  takeLock(dataDir: string): Promise<void>
}

const supervisorName = 'coderd supervisor'

// The connection of a coderd that was killed ends when its socket does: at once, unless the computer is very busy.
const lockTimeoutMs = 1_000
const retryMs = 20

export function connectionUrl({ socketFolder, port }: Endpoint, password: string | null): string {
  if (socketFolder === '') return `postgresql://${superuser}:${password}@127.0.0.1:${port}/postgres`
  return `postgresql://${superuser}@localhost:${port}/postgres?host=${encodeURIComponent(socketFolder)}`
}

/** @throws StartError when the server works on another cluster; the socket's own error when none answers. */
export async function connectToCluster(url: string, cluster: string): Promise<SupervisorConnection> {
  const client = new pg.Client({ connectionString: url, application_name: `${supervisorName} ${process.pid}` })
  const ended = new Promise<void>((resolve) => client.once('end', resolve))
  // That it ended is what matters, and `ended` tells it.
  client.on('error', () => undefined)
  await client.connect()
  const { rows } = await client.query<{ folder: string; version: string }>(
    `select current_setting('data_directory') as folder, current_setting('server_version') as version`,
  )
  const { folder = '', version = '' } = rows[0] ?? {}
  if (realpathSync(folder) !== cluster) {
    await client.end()
    throw new StartError(`A PostgreSQL on ${folder} answers where that of ${cluster} was expected. Stop it first.`)
  }
  return { version, ended, close: () => client.end(), takeLock: (dataDir) => takeLock(client, dataDir) }
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
    `Another coderd (process ${holder}) runs on ${dataDir}. ` +
      'Use that one, stop it, or choose another data folder with CODER_CONFIG_DIR.',
  )
}

async function findLockHolder(client: pg.Client): Promise<string> {
  const { rows } = await client.query<{ name: string }>(
    `select application_name as name from pg_stat_activity join pg_locks using (pid)
     where locktype = 'advisory' and granted and objid = ${advisoryLocks.supervisor}`,
  )
  return rows[0]?.name.slice(supervisorName.length + 1) ?? 'unknown'
}
