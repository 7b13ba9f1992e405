// Whom PostgreSQL runs as. It refuses to run as root, so a coderd that is root hands it to an unprivileged account,
// which then needs a way to the binaries and to the cluster. Everybody else runs it as themselves.

import { chmodSync, chownSync, readFileSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { StartError } from '../start-error.ts'

export interface Account {
  readonly name: string
  readonly uid: number
  readonly gid: number
}

/** Names the account by hand; it must exist. */
const accountVariable = 'CODER_LOCAL_PG_USER'

// Everywhere present and without rights. Whoever shares it with other services names an account of its own.
const defaultAccount = 'nobody'

/** The account for a new cluster; null when PostgreSQL can run as ourselves. */
export function unprivilegedAccount(): Account | null {
  if (process.getuid?.() !== 0) return null
  const name = process.env[accountVariable] || defaultAccount
  const account = readAccounts().find((candidate) => candidate.name === name)
  if (account && account.uid > 0) return account
  throw new StartError(
    `PostgreSQL does not run as root, and there is no unprivileged account "${name}" for it. ` +
      `Create one and name it in ${accountVariable}, or start coderd as another user.`,
  )
}

/** The account that runs an existing cluster: its owner, because nobody else can read it. */
export function ownerAccount(folder: string): Account | null {
  const { uid, gid } = statSync(folder)
  const self = process.getuid?.()
  if (self === undefined || self === uid) return null
  if (self === 0) return readAccounts().find((account) => account.uid === uid) ?? { name: `uid ${uid}`, uid, gid }
  throw new StartError(
    `The database in ${folder} belongs to another user (uid ${uid}). ` +
      'Start coderd as that user, or give it another data folder with CODER_CONFIG_DIR.',
  )
}

function readAccounts(): Account[] {
  const lines = readFileSync('/etc/passwd', 'utf8').split('\n')
  return lines.map((line) => {
    const [name = '', , uid, gid] = line.split(':')
    return { name, uid: Number(uid), gid: Number(gid) }
  })
}

/** Whether the account may walk to a folder and into it, by the permission bits of all folders on the way. */
export function canReach(folder: string, account: Account | null): boolean {
  if (!account) return true
  const parent = dirname(folder)
  return canEnter(folder, account) && (parent === folder || canReach(parent, account))
}

function canEnter(folder: string, account: Account): boolean {
  const { uid, gid, mode } = statSync(folder)
  const bit = uid === account.uid ? 0o100 : gid === account.gid ? 0o010 : 0o001
  return (mode & bit) !== 0
}

/** Lets the account walk through a folder of ours that nobody else may enter: through it, not list or write it. */
export function grantTraversal(folder: string, account: Account): void {
  const { uid, mode } = statSync(folder)
  if (canEnter(folder, account) || uid !== process.getuid?.() || (mode & 0o077) !== 0) return
  chownSync(folder, -1, account.gid)
  chmodSync(folder, (mode & 0o7700) | 0o010)
}

/** For spawn: the ids to run as, and a working folder that everybody can enter. */
export function spawnIdentity(account: Account | null): { uid?: number; gid?: number; cwd?: string } {
  return account ? { uid: account.uid, gid: account.gid, cwd: '/' } : {}
}

/** Gives a file or folder to the account. */
export function changeOwner(path: string, account: Account | null): void {
  if (account) chownSync(path, account.uid, account.gid)
}
