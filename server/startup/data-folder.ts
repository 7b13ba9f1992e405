// Permissions of the data folder.

import { chmodSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { FastifyBaseLogger } from 'fastify'
import { grantTraversal } from '../database/postgres/account.ts'

const otherUsers = 0o077
// The group of the account that runs PostgreSQL under root may enter the folder.
const groupEnters = 0o010
// Of folders that users share, such as /tmp.
const sticky = 0o1000

/** Denies other users access to a data folder that an earlier version, a restored backup or the user created with wider
 *  permissions: it contains the secrets of coderd, its database and its logs. A folder of another user is unchanged. */
export function restrictDataFolder(dataDir: string, log: Pick<FastifyBaseLogger, 'warn'>): void {
  if (process.platform === 'win32') return
  const { uid, mode } = statSync(dataDir)
  const cluster = statSync(join(dataDir, 'postgres'), { throwIfNoEntry: false })
  const isEnteredByPostgres = cluster !== undefined && cluster.uid !== uid
  const wide = mode & otherUsers & ~(isEnteredByPostgres ? groupEnters : 0)
  if (wide === 0 || uid !== process.getuid?.() || (mode & sticky) !== 0) return
  chmodSync(dataDir, mode & 0o7700)
  if (isEnteredByPostgres) grantTraversal(dataDir, { name: '', uid: cluster.uid, gid: cluster.gid })
  log.warn(
    { dataDir, mode: (mode & 0o777).toString(8) },
    'other users could access the data folder; access was removed',
  )
}
