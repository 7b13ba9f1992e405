// Runs initdb and defines the encoding, locale and authentication of the cluster.

import { spawn } from 'node:child_process'
import { explainFailure } from '../start-error.ts'
import { type Account, spawnIdentity } from './account.ts'
import type { Binaries } from './binaries.ts'
import { postgresEnvironment } from './environment.ts'

/** The database role of coderd. */
export const superuser = 'coder'

// The builtin UTF-8 locale converts the case of non-ASCII letters correctly on every system.
const firstWithBuiltinLocale = 17

export interface InitdbOptions {
  readonly binaries: Binaries
  /** Empty, and owned by the account. */
  readonly folder: string
  readonly account: Account | null
  /** File with the superuser's password. Required on Windows, where sockets are not private. */
  readonly passwordFile?: string
  readonly signal?: AbortSignal
}

/** Creates a cluster, without syncing it to disk: see `syncCluster`. */
export async function runInitdb(options: InitdbOptions): Promise<void> {
  const locale = ['--encoding=UTF8', '--locale=C', '--lc-messages=C']
  if (options.binaries.major >= firstWithBuiltinLocale)
    locale.push('--locale-provider=builtin', '--builtin-locale=C.UTF-8')
  const access = options.passwordFile
    ? ['--auth=scram-sha-256', `--pwfile=${options.passwordFile}`]
    : ['--auth-local=trust', '--auth-host=reject']
  await initdb(options, ['--no-sync', `--username=${superuser}`, ...locale, ...access])
}

/** Syncs a new cluster to disk; faster as a single step than while initdb creates it. */
export async function syncCluster(options: InitdbOptions): Promise<void> {
  await initdb(options, ['--sync-only'])
}

async function initdb({ binaries, folder, account, signal }: InitdbOptions, args: string[]): Promise<void> {
  const child = spawn(binaries.initdb, ['-D', folder, ...args], {
    ...spawnIdentity(account),
    env: postgresEnvironment(),
    stdio: ['ignore', 'pipe', 'pipe'],
    signal,
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (output += text))
  // `close` also follows `error`. After it, no process writes into the folder.
  let failure: Error | undefined
  child.once('error', (error) => (failure = error))
  const status = await new Promise<number | null>((resolve) => child.once('close', resolve))
  if (failure) throw failure
  if (status !== 0) throw explainFailure('PostgreSQL could not create its data folder', output, folder)
}
