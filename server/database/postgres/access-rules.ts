// Who may connect to a PostgreSQL that runs under another account than coderd. Other programs may use that account, usually
// `nobody`, and can enter its socket folder; so PostgreSQL asks the system for the user of each connection.

import { closeSync, fchownSync, openSync, renameSync, rmSync, writeSync } from 'node:fs'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { explainFailure } from '../start-error.ts'
import type { Account } from './account.ts'
import { superuser } from './initdb.ts'

const userMap = 'coderd'

/** Replaces the rules of the cluster before each start: earlier versions trusted every connection.
 *  @throws StartError if the files cannot be written, for example because the disk is full */
export function writeAccessRules(folder: string, account: Account | null): void {
  if (!account) return
  try {
    replaceFile(join(folder, 'pg_hba.conf'), `local all ${superuser} peer map=${userMap}\n`, account)
    replaceFile(join(folder, 'pg_ident.conf'), `${userMap} "${userInfo().username}" ${superuser}\n`, account)
  } catch (error) {
    throw explainFailure('Could not write the access rules of PostgreSQL', `error: ${(error as Error).message}`, folder)
  }
}

/** The account owns the folder, so a link in it must not be followed. */
function replaceFile(path: string, text: string, { uid, gid }: Account): void {
  const draft = `${path}.${process.pid}`
  const fd = openSync(draft, 'wx', 0o600)
  try {
    writeSync(fd, text)
    fchownSync(fd, uid, gid)
    renameSync(draft, path)
  } catch (error) {
    rmSync(draft, { force: true })
    throw error
  } finally {
    closeSync(fd)
  }
}
