// The cluster folder: finds it, makes it when there is none, and refuses what is not ours. A cluster appears in its
// place by one rename when it is whole, so a half-made one is never used. Running it is postmaster.ts.

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
import { type Account, canReach, changeOwner, grantTraversal, ownerAccount, unprivilegedAccount } from './account.ts'
import { type Binaries, prepareBinaries } from './binaries.ts'
import { runInitdb, syncCluster } from './initdb.ts'
import { systemFolder } from './system-folder.ts'

export interface Cluster {
  /** Absolute, without links: what PostgreSQL itself calls its data directory. */
  readonly folder: string
  readonly account: Account | null
  readonly binaries: Binaries
  /** Only where connections need one (Windows). */
  readonly password: string | null
  readonly isNew: boolean
}

export interface OpenClusterOptions {
  readonly dataDir: string
  /** The folder with PostgreSQL's `bin`, `lib` and `share`. */
  readonly postgresDir: string
  readonly onStep: (step: string) => void
  readonly signal?: AbortSignal
}

/** Inside the cluster: says that we made it. */
const markerName = 'coder-local.json'
interface Marker {
  readonly made_by: 'coder-local'
  readonly postgresql: string
  readonly created_at: string
  readonly password: string | null
}

const unfinishedPrefix = 'postgres.unfinished-'

/** The cluster of a data folder, `<dataDir>/postgres`: a folder, or a link to where its account can reach it. */
export async function openCluster(options: OpenClusterOptions): Promise<Cluster> {
  mkdirSync(options.dataDir, { recursive: true, mode: 0o700 })
  removeUnfinishedClusters(options.dataDir)
  const place = join(options.dataDir, 'postgres')
  const isNew = isAbsentOrEmpty(place) && (await createCluster(place, options))
  const folder = resolveClusterPath(place)
  const marker = readMarker(folder)
  const account = ownerAccount(folder)
  requireReachable(folder, account)
  const binaries = prepareBinaries(options.postgresDir, account)
  requireSameMajor(folder, binaries)
  return { folder, account, binaries, password: marker.password, isNew }
}

/** The cluster that is there, without preparing anything to run it. Null when there is none. */
export function findCluster(dataDir: string): Pick<Cluster, 'folder' | 'password'> | null {
  const place = join(dataDir, 'postgres')
  if (!existsSync(place) || isAbsentOrEmpty(place)) return null
  const folder = resolveClusterPath(place)
  return { folder, password: readMarker(folder).password }
}

function isAbsentOrEmpty(place: string): boolean {
  const stat = lstatSync(place, { throwIfNoEntry: false })
  return !stat || (stat.isDirectory() && readdirSync(place).length === 0)
}

function resolveClusterPath(place: string): string {
  try {
    return realpathSync(place)
  } catch (error) {
    throw new StartError(
      `${place} is a link to a folder that is gone. Bring the folder back, or remove the link to start with an empty database.`,
      { cause: error },
    )
  }
}

function readMarker(folder: string): Marker {
  const path = join(folder, markerName)
  if (existsSync(path)) return JSON.parse(readFileSync(path, 'utf8')) as Marker
  throw new StartError(
    `${folder} is not a database of Coder Local and was left untouched. ` +
      'Choose another data folder with CODER_CONFIG_DIR, or move that folder away.',
  )
}

function requireReachable(folder: string, account: Account | null): void {
  if (canReach(folder, account)) return
  throw new StartError(
    `The database in ${folder} cannot be reached by its owner ${account?.name}: a folder above it is closed. ` +
      'Open it with chmod o+x, or start coderd as that user.',
  )
}

function requireSameMajor(folder: string, binaries: Binaries): void {
  const major = Number(readFileSync(join(folder, 'PG_VERSION'), 'utf8'))
  if (major === binaries.major) return
  throw new StartError(
    `The database in ${folder} was made by PostgreSQL ${major} and this program brings PostgreSQL ${binaries.version}, ` +
      'which cannot read it. Nothing was changed. Start the version of Coder Local that last used it.',
  )
}

/** @returns false when somebody else put a cluster into the place meanwhile. */
async function createCluster(place: string, options: OpenClusterOptions): Promise<boolean> {
  options.onStep('Creating the database')
  const account = unprivilegedAccount()
  const parent = chooseParent(options.dataDir, account)
  const unfinished = join(parent, `${unfinishedPrefix}${creatorId(process.pid)}-${randomBytes(4).toString('hex')}`)
  mkdirSync(unfinished, { mode: 0o700 })
  try {
    changeOwner(unfinished, account)
    await initializeCluster(unfinished, account, options)
    return parent === options.dataDir ? installByRename(place, unfinished) : installByLink(place, unfinished)
  } finally {
    rmSync(unfinished, { recursive: true, force: true })
  }
}

/** Beside the rest of the data folder where the account can walk to it, else in the system's folder. */
function chooseParent(dataDir: string, account: Account | null): string {
  if (!account) return dataDir
  grantTraversal(dataDir, account)
  if (canReach(dataDir, account)) return dataDir
  const away = systemFolder()
  removeUnfinishedClusters(away)
  return away
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

function installByRename(place: string, unfinished: string): boolean {
  try {
    renameSync(unfinished, place)
  } catch (error) {
    if (isAbsentOrEmpty(place)) throw error
    return false
  }
  syncFolder(join(place, '..'))
  return true
}

function installByLink(place: string, unfinished: string): boolean {
  const cluster = join(unfinished, '..', `cluster-${randomBytes(6).toString('hex')}`)
  renameSync(unfinished, cluster)
  try {
    if (existsSync(place)) rmdirSync(place)
    symlinkSync(cluster, place)
  } catch (error) {
    rmSync(cluster, { recursive: true, force: true })
    if (isAbsentOrEmpty(place)) throw error
    return false
  }
  syncFolder(join(place, '..'))
  return true
}

/** A rename is only as lasting as the folder it happened in. Windows cannot open folders and does not need it. */
function syncFolder(folder: string): void {
  if (process.platform === 'win32') return
  const handle = openSync(folder, 'r')
  fsyncSync(handle)
  closeSync(handle)
}

/** Removes half-made clusters whose maker is gone. */
function removeUnfinishedClusters(parent: string): void {
  for (const name of readdirSync(parent)) {
    const [creator, pid] = /^postgres\.unfinished-((\d+)-[0-9a-f]+)-/.exec(name)?.slice(1) ?? []
    // With retries: an initdb that outlived its killed parent may still be writing.
    if (creator && creator !== creatorId(Number(pid))) {
      rmSync(join(parent, name), { recursive: true, force: true, maxRetries: 10 })
    }
  }
}

/** The pid, and a fingerprint by which a later process of the same number is told apart. */
function creatorId(pid: number): string {
  const identity = identifyProcess(pid)
  if (!identity) return ''
  const fingerprint = createHash('sha256').update(`${identity.startedAt} ${identity.bootId}`).digest('hex').slice(0, 12)
  return `${pid}-${fingerprint}`
}
