// Runs initdb: the one place that says what kind of cluster ours is.

import { spawn } from 'node:child_process'
import { explainFailure } from '../start-error.ts'
import { type Account, spawnIdentity } from './account.ts'
import type { Binaries } from './binaries.ts'
import { postgresEnvironment } from './environment.ts'

/** The database role that owns everything. */
export const superuser = 'coder'

// From this version on PostgreSQL brings a UTF-8 locale of its own: letters beyond ASCII fold right on every system.
const firstWithBuiltinLocale = 17

export interface InitdbOptions {
  readonly binaries: Binaries
  /** Empty, and the account's own. */
  readonly folder: string
  readonly account: Account | null
  /** Needed where sockets are not private (Windows): a file with the superuser's password. */
  readonly passwordFile?: string
  readonly signal?: AbortSignal
}

/** Makes a cluster. It is not yet on disk for good: `syncCluster` does that. */
export async function runInitdb(options: InitdbOptions): Promise<void> {
  const locale = ['--encoding=UTF8', '--locale=C', '--lc-messages=C']
  if (options.binaries.major >= firstWithBuiltinLocale)
    locale.push('--locale-provider=builtin', '--builtin-locale=C.UTF-8')
  const access = options.passwordFile
    ? ['--auth=scram-sha-256', `--pwfile=${options.passwordFile}`]
    : ['--auth-local=trust', '--auth-host=reject']
  await initdb(options, ['--no-sync', `--username=${superuser}`, ...locale, ...access])
}

/** Writes all of a new cluster through to the disk. Faster in one go at the end than while initdb makes it. */
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
  // `close` follows `error` too; waiting for it means that nobody writes into the folder any more.
  let failure: Error | undefined
  child.once('error', (error) => (failure = error))
  const status = await new Promise<number | null>((resolve) => child.once('close', resolve))
  if (failure) throw failure
  if (status !== 0) throw explainFailure('PostgreSQL could not create its data folder', output, folder)
}
