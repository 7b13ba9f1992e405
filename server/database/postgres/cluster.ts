// The cluster folder: finds or creates it, and refuses clusters of other programs. A new cluster is renamed to its
// final path when it is complete, so a partial one is never used. Running it is in postmaster.ts.

import { createHash, randomBytes } from 'node:crypto'
import {
  closeSync,
  existsSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { identifyProcess } from '../../../lib/process-identity.ts'
import { StartError } from '../start-error.ts'
import { writeAccessRules } from './access-rules.ts'
import { type Account, canReach, changeOwner, grantTraversal, ownerAccount, unprivilegedAccount } from './account.ts'
import { type Binaries, prepareBinaries } from './binaries.ts'
import { runInitdb, syncCluster } from './initdb.ts'
import { systemFolder } from './system-folder.ts'

export interface Cluster {
  /** PostgreSQL's data directory: absolute, with symbolic links resolved. */
  readonly folder: string
  readonly account: Account | null
  readonly binaries: Binaries
  /** Null except on Windows, where connections require one. */
  readonly password: string | null
  readonly isNew: boolean
}

export interface OpenClusterOptions {
  readonly dataDir: string
  /** The folder with `bin`, `lib` and `share`. */
  readonly postgresDir: string
  readonly onStep: (step: string) => void
  readonly signal?: AbortSignal
}

/** File in the cluster that identifies it as created by Coder Local. */
const markerName = 'coder-local.json'
interface Marker {
  readonly made_by: 'coder-local'
  readonly postgresql: string
  readonly created_at: string
  readonly password: string | null
}

const unfinishedPrefix = 'postgres.unfinished-'

/** The cluster of a data folder, `<dataDir>/postgres`: a folder, or a link to a folder that its account can reach. */
export async function openCluster(options: OpenClusterOptions): Promise<Cluster> {
  mkdirSync(options.dataDir, { recursive: true, mode: 0o700 })
  removeUnfinishedClusters(options.dataDir)
  const clusterPath = join(options.dataDir, 'postgres')
  const isNew = isAbsentOrEmpty(clusterPath) && (await createCluster(clusterPath, options))
  const folder = resolveClusterPath(clusterPath)
  const marker = readMarker(folder)
  const account = ownerAccount(folder)
  requireReachable(folder, account)
  writeAccessRules(folder, account)
  const binaries = prepareBinaries(options.postgresDir, account)
  requireSameMajor(folder, binaries)
  return { folder, account, binaries, password: marker.password, isNew }
}

/** An existing cluster, without preparing it to run. Null if there is none. */
export function findCluster(dataDir: string): Pick<Cluster, 'folder' | 'password'> | null {
  const clusterPath = join(dataDir, 'postgres')
  if (!existsSync(clusterPath) || isAbsentOrEmpty(clusterPath)) return null
  const folder = resolveClusterPath(clusterPath)
  return { folder, password: readMarker(folder).password }
}

function isAbsentOrEmpty(clusterPath: string): boolean {
  const stat = lstatSync(clusterPath, { throwIfNoEntry: false })
  return !stat || (stat.isDirectory() && readdirSync(clusterPath).length === 0)
}

function resolveClusterPath(clusterPath: string): string {
  try {
    return realpathSync(clusterPath)
  } catch (error) {
    throw new StartError(
      `${clusterPath} is a link to a folder that does not exist. Restore the folder, or remove the link to start with an empty database.`,
      { cause: error },
    )
  }
}

function readMarker(folder: string): Marker {
  const path = join(folder, markerName)
  if (existsSync(path)) return JSON.parse(readFileSync(path, 'utf8')) as Marker
  throw new StartError(
    `${folder} is not a database of Coder Local and was left untouched. ` +
      'Choose another data folder with CODER_CONFIG_DIR, or move the folder.',
  )
}

function requireReachable(folder: string, account: Account | null): void {
  if (canReach(folder, account)) return
  throw new StartError(
    `The owner ${account?.name} of the database in ${folder} cannot enter one of its parent folders. ` +
      'Allow it with chmod o+x, or start coderd as that user.',
  )
}

function requireSameMajor(folder: string, binaries: Binaries): void {
  const major = Number(readFileSync(join(folder, 'PG_VERSION'), 'utf8'))
  if (major === binaries.major) return
  throw new StartError(
    `The database in ${folder} was created by PostgreSQL ${major}, which this version of Coder Local cannot read: it contains ` +
      `PostgreSQL ${binaries.version}. Nothing was changed. Start the version of Coder Local that last used the database.`,
  )
}

/** @returns false if another process created a cluster at the same time. */
async function createCluster(clusterPath: string, options: OpenClusterOptions): Promise<boolean> {
  options.onStep('Creating the database')
  const account = unprivilegedAccount()
  const parent = chooseParent(options.dataDir, account)
  const unfinished = join(parent, `${unfinishedPrefix}${creatorId(process.pid)}-${randomBytes(4).toString('hex')}`)
  mkdirSync(unfinished, { mode: 0o700 })
  try {
    changeOwner(unfinished, account)
    await initializeCluster(unfinished, account, options)
    return parent === options.dataDir
      ? installByRename(clusterPath, unfinished)
      : installByLink(clusterPath, unfinished)
  } finally {
    rmSync(unfinished, { recursive: true, force: true })
  }
}

/** The data folder if the account can enter it, otherwise the system folder. */
function chooseParent(dataDir: string, account: Account | null): string {
  if (!account) return dataDir
  grantTraversal(dataDir, account)
  if (canReach(dataDir, account)) return dataDir
  const parent = systemFolder()
  removeUnfinishedClusters(parent)
  return parent
}

async function initializeCluster(folder: string, account: Account | null, options: OpenClusterOptions): Promise<void> {
  const binaries = prepareBinaries(options.postgresDir, account)
  const password = process.platform === 'win32' ? randomBytes(24).toString('base64url') : null
  const passwordFile = password === null ? undefined : `${folder}.password`
  try {
    if (passwordFile && password) writeFileSync(passwordFile, password, { mode: 0o600 })
    await runInitdb({ binaries, folder, account, passwordFile, signal: options.signal })
  } finally {
    if (passwordFile) rmSync(passwordFile, { force: true })
  }
  const marker: Marker = {
    made_by: 'coder-local',
    postgresql: binaries.version,
    created_at: new Date().toISOString(),
    password,
  }
  writeFileSync(join(folder, markerName), `${JSON.stringify(marker)}\n`, { mode: 0o600 })
  changeOwner(join(folder, markerName), account)
  await syncCluster({ binaries, folder, account, signal: options.signal })
}

function installByRename(clusterPath: string, unfinished: string): boolean {
  try {
    renameSync(unfinished, clusterPath)
  } catch (error) {
    if (isAbsentOrEmpty(clusterPath)) throw error
    return false
  }
  syncFolder(join(clusterPath, '..'))
  return true
}

function installByLink(clusterPath: string, unfinished: string): boolean {
  const cluster = join(unfinished, '..', `cluster-${randomBytes(6).toString('hex')}`)
  renameSync(unfinished, cluster)
  try {
    if (existsSync(clusterPath)) rmdirSync(clusterPath)
    symlinkSync(cluster, clusterPath)
  } catch (error) {
    rmSync(cluster, { recursive: true, force: true })
    if (isAbsentOrEmpty(clusterPath)) throw error
    return false
  }
  syncFolder(join(clusterPath, '..'))
  return true
}

/** Makes a rename durable. Windows cannot open folders and does not need it. */
function syncFolder(folder: string): void {
  if (process.platform === 'win32') return
  const handle = openSync(folder, 'r')
  fsyncSync(handle)
  closeSync(handle)
}

/** Removes partial clusters whose creator has exited. */
function removeUnfinishedClusters(parent: string): void {
  for (const name of readdirSync(parent)) {
    const [creator, pid] = /^postgres\.unfinished-((\d+)-[0-9a-f]+)-/.exec(name)?.slice(1) ?? []
    // An initdb whose parent was killed may still be writing.
    if (creator && creator !== creatorId(Number(pid))) {
      rmSync(join(parent, name), { recursive: true, force: true, maxRetries: 10 })
    }
  }
}

/** The PID, and a fingerprint that distinguishes a later process with the same PID. */
function creatorId(pid: number): string {
  const identity = identifyProcess(pid)
  if (!identity) return ''
  const fingerprint = createHash('sha256').update(`${identity.startedAt} ${identity.bootId}`).digest('hex').slice(0, 12)
  return `${pid}-${fingerprint}`
}
