// The operating system account that runs PostgreSQL. PostgreSQL refuses to run as root: a root coderd runs it under an
// unprivileged account, which needs access to the binaries and the cluster. Otherwise it runs as the user of coderd.

import { chmodSync, chownSync, readFileSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { StartError } from '../start-error.ts'

export interface Account {
  readonly name: string
  readonly uid: number
  readonly gid: number
}

/** Overrides the account; it must exist. */
const accountVariable = 'CODER_LOCAL_PG_USER'

/** The first that exists: an account that only Coder Local uses, and one that exists on every system. */
const defaultAccounts = ['coder-local', 'nobody']

/** The account for a new cluster; null if PostgreSQL can run as the current user. */
export function unprivilegedAccount(): Account | null {
  if (process.getuid?.() !== 0) return null
  const chosen = process.env[accountVariable]
  const names = chosen ? [chosen] : defaultAccounts
  const accounts = readAccounts().filter(({ uid }) => uid > 0)
  const [account] = names.flatMap((name) => accounts.find((candidate) => candidate.name === name) ?? [])
  if (account) return account
  throw new StartError(
    `PostgreSQL cannot run as root, and the unprivileged account "${names.at(-1)}" does not exist. ` +
      `Create an account and set ${accountVariable} to its name, or start coderd as another user.`,
  )
}

/** The account that runs an existing cluster: its owner. Null if that is the current user. */
export function ownerAccount(folder: string): Account | null {
  const { uid, gid } = statSync(folder)
  const self = process.getuid?.()
  if (self === undefined || self === uid) return null
  if (self === 0) return readAccounts().find((account) => account.uid === uid) ?? { name: `uid ${uid}`, uid, gid }
  throw new StartError(
    `The database in ${folder} belongs to another user (uid ${uid}). ` +
      'Start coderd as that user, or choose another data folder with CODER_CONFIG_DIR.',
  )
}

function readAccounts(): Account[] {
  const lines = readFileSync('/etc/passwd', 'utf8').split('\n')
  return lines.map((line) => {
    const [name = '', , uid, gid] = line.split(':')
    return { name, uid: Number(uid), gid: Number(gid) }
  })
}

/** Whether the account can enter a folder, by the execute bits of the folder and its ancestors. */
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

/** Lets the account traverse a private folder of the current user, without listing or writing it. */
export function grantTraversal(folder: string, account: Account): void {
  const { uid, mode } = statSync(folder)
  if (canEnter(folder, account) || uid !== process.getuid?.() || (mode & 0o077) !== 0) return
  chownSync(folder, -1, account.gid)
  chmodSync(folder, (mode & 0o7700) | 0o010)
}

/** Options of spawn: the user to run as, and a working folder that it can enter. */
export function spawnIdentity(account: Account | null): { uid?: number; gid?: number; cwd?: string } {
  return account ? { uid: account.uid, gid: account.gid, cwd: '/' } : {}
}

export function changeOwner(path: string, account: Account | null): void {
  if (account) chownSync(path, account.uid, account.gid)
}
