import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  watch,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { setImmediate } from 'node:timers/promises'
import pg from 'pg'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { requires } from '../../../lib/testing/requirements.ts'
import { connectDatabase } from '../connect.ts'
import { bundledPostgres } from './binaries.ts'
import {
  type BuiltinPostgres,
  type BuiltinPostgresOptions,
  ClusterInUseError,
  type PostgresEvent,
  StartError,
  startBuiltinPostgres,
} from './builtin-postgres.ts'
import { isClusterProcess, processExists, readPidFile } from './pid-file.ts'

const isRoot = process.getuid?.() === 0

let dataDir: string
let running: BuiltinPostgres[] = []
let children: ChildProcess[] = []

beforeEach(() => {
  dataDir = mkdtempSync(join(realpathSync(tmpdir()), 'builtin-postgres-'))
})
afterEach(async () => {
  await Promise.all(running.map((postgres) => postgres.stop()))
  for (const child of children) child.kill('SIGKILL')
  running = []
  children = []
  await stopOrphan(dataDir)
  rmSync(dataDir, { recursive: true, force: true })
})

async function start(options: Partial<BuiltinPostgresOptions> = {}): Promise<BuiltinPostgres> {
  const postgres = await startBuiltinPostgres({ dataDir, ...options })
  running.push(postgres)
  return postgres
}

/** Creates a stopped cluster that contains one row. */
async function makeCluster(options: Partial<BuiltinPostgresOptions> = {}): Promise<void> {
  const postgres = await start(options)
  await insertRow(postgres.url)
  await postgres.stop()
}

describe('a start', () => {
  test('on an empty folder creates a cluster, which the next start uses', async () => {
    const steps: string[] = []
    const first = await start({ onStep: (step) => steps.push(step) })
    expect(first.origin).toBe('created')
    expect(steps).toEqual(['Creating the database', 'Starting the database'])
    await insertRow(first.url)
    await first.stop()
    expect(readdirSync(dataDir).sort()).toEqual(['logs', 'postgres'])

    const second = await start()
    expect(second.origin).toBe('started')
    expect(await countRows(second.url)).toBe(1)
  })

  test('enables UTF-8, English messages and fsync, and listens only on a private socket', async () => {
    const postgres = await start()
    const [settings] = await queryRows(
      postgres.url,
      `select current_setting('server_encoding') as encoding, current_setting('lc_messages') as messages,
         current_setting('fsync') as fsync, current_setting('listen_addresses') as addresses, lower('ÄÉ') as lower`,
    )
    expect(settings).toEqual({ encoding: 'UTF8', messages: 'C', fsync: 'on', addresses: '', lower: 'äé' })
    expect(statSync(socketFolderOf(postgres)).mode & 0o777).toBe(0o700)
  })

  test.skipIf(!isRoot)('as root, other programs of the account of PostgreSQL cannot connect', async () => {
    const { url } = await start()
    const { uid } = statSync(join(dataDir, 'postgres'))
    expect(uid).not.toBe(0)
    const client = new pg.Client({ connectionString: url })
    process.seteuid?.(uid)
    const connecting = client.connect()
    // The system records the user of a connection when it is opened.
    await setImmediate()
    process.seteuid?.(0)
    await expect(connecting).rejects.toThrow('Peer authentication failed for user "coder"')
    expect(await queryRows(url, 'select 1 as one')).toEqual([{ one: 1 }])
  })

  test('works in a folder whose path is long and contains spaces and non-ASCII letters', async () => {
    const folder = join(dataDir, `Bücher und 数据 ${'x'.repeat(120)}`)
    if (isRoot) execFileSync('chmod', ['711', dataDir])
    await makeCluster({ dataDir: folder })
    const again = await start({ dataDir: folder })
    expect(await countRows(again.url)).toBe(1)
    expect(Buffer.byteLength(socketFolderOf(again))).toBeLessThan(86)
  })

  test('refuses a cluster of another program and does not change it', async () => {
    const foreign = join(dataDir, 'postgres')
    mkdirSync(foreign)
    writeFileSync(join(foreign, 'PG_VERSION'), '18\n')
    await expect(start()).rejects.toThrow('not a database of Coder Local and was left untouched')
    expect(readdirSync(foreign)).toEqual(['PG_VERSION'])
  })

  test('refuses a cluster of another major version and does not change it', async () => {
    await makeCluster()
    writeFileSync(join(dataDir, 'postgres', 'PG_VERSION'), '17\n')
    await expect(start()).rejects.toThrow('was created by PostgreSQL 17')
  })

  test('that is aborted leaves no process and no partial cluster', async () => {
    await makeCluster()
    const aborting = new AbortController()
    const onStep = () => aborting.abort()
    await expect(start({ signal: aborting.signal, onStep })).rejects.toThrow('aborted')
    expect(readPidFile(join(dataDir, 'postgres'))).toBeNull()

    const elsewhere = join(dataDir, 'second')
    await expect(start({ dataDir: elsewhere, signal: aborting.signal })).rejects.toThrow('aborted')
    expect(readdirSync(elsewhere)).toEqual([])
  })

  test('that fails reports the cause and the last lines of the log', async () => {
    await makeCluster()
    writeFileSync(join(dataDir, 'postgres', 'postgresql.conf'), `work_mem = 'much'\n`)
    const error = await start().catch((error: unknown) => error)
    expect(error).toBeInstanceOf(StartError)
    expect(String(error)).toContain('configuration file')
    expect((error as StartError).lastLines.join('\n')).toContain('work_mem')
  })

  test('restores links and execute bits of binaries that were installed without scripts', async () => {
    const copy = copyOfBinaries(dataDir)
    const links = readdirSync(join(copy, 'lib')).filter((name) => lstatSync(join(copy, 'lib', name)).isSymbolicLink())
    expect(links.length).toBeGreaterThan(0)
    for (const link of links) rmSync(join(copy, 'lib', link))
    execFileSync('chmod', ['-x', join(copy, 'bin', 'postgres'), join(copy, 'bin', 'initdb')])
    if (isRoot) execFileSync('chmod', ['711', dataDir])
    const postgres = await start({ dataDir: join(dataDir, 'data'), postgresDir: copy })
    expect(postgres.origin).toBe('created')
  })
})

describe('after a crash', () => {
  test('a partial cluster is removed and never used', async () => {
    const child = supervise(dataDir)
    await folderAppears(dataDir, (name) => name.startsWith('postgres.unfinished-'))
    await killed(child, 'SIGKILL')
    expect(existsSync(join(dataDir, 'postgres'))).toBe(false)

    const postgres = await start()
    expect(postgres.origin).toBe('created')
    expect(readdirSync(dataDir).sort()).toEqual(['logs', 'postgres'])
  })

  test('a PostgreSQL that survived its killed coderd is adopted and stopped by the next coderd', async () => {
    const child = supervise(dataDir)
    const orphan = await reported(child)
    await insertRow(orphan.url)
    await killed(child, 'SIGKILL')

    const postgres = await start()
    expect(postgres.origin).toBe('adopted')
    expect(postgres.pid).toBe(orphan.pid)
    expect(await countRows(postgres.url)).toBe(1)
    await postgres.stop()
    expect(isClusterProcess(orphan.pid, join(dataDir, 'postgres'))).toBe(false)
  })

  test('an orphan of another version is stopped and replaced', async () => {
    const child = supervise(dataDir)
    const orphan = await reported(child)
    await killed(child, 'SIGKILL')

    const steps: string[] = []
    const postgres = await start({ postgresDir: renumbered(dataDir, '18.99'), onStep: (step) => steps.push(step) })
    expect(steps[0]).toMatch(/^Replacing PostgreSQL 18\.\d+ by 18\.99$/)
    expect(postgres.pid).not.toBe(orphan.pid)
    expect(isClusterProcess(orphan.pid, join(dataDir, 'postgres'))).toBe(false)
  })

  test('a killed PostgreSQL is restarted with its data and the same URL', async () => {
    const events: PostgresEvent[] = []
    const postgres = await start({ onEvent: (event) => events.push(event) })
    const { url } = postgres
    await insertRow(url)
    let lost = 0
    const database = connectDatabase({ url, onConnectionLost: () => void lost++ })
    await database.pool.query('select 1')
    await killServerAndWait(postgres)
    // Until the pool has noticed, a query would use the dead connection and fail.
    await eventually(() => lost > 0)

    expect((await database.pool.query('select * from saved')).rowCount).toBe(1)
    await eventually(() => events.length === 2)
    expect(events).toEqual([{ kind: 'lost' }, { kind: 'recovered', downtimeMs: expect.any(Number) }])
    expect(postgres.url).toBe(url)
    await database.close()
  })

  test('a backend that survives the killed postmaster only delays the restart', async () => {
    const events: PostgresEvent[] = []
    const postgres = await start({ onEvent: (event) => events.push(event) })
    const busy = new pg.Client({ connectionString: postgres.url })
    busy.on('error', () => undefined)
    await busy.connect()
    const computing = busy.query('select count(*) from generate_series(1, 6000000)').catch(() => undefined)
    await eventually(async () => (await queryRows(postgres.url, busyQuery)).length === 1)
    await killServerAndWait(postgres)
    await eventually(() => events.length === 2)
    await computing
    expect(await queryRows(postgres.url, 'select 1 as one')).toEqual([{ one: 1 }])
  })

  test('a killed auxiliary process restarts the server, and supervision continues', async () => {
    const events: PostgresEvent[] = []
    const postgres = await start({ onEvent: (event) => events.push(event) })
    const { pid } = postgres
    const [victim] = await queryRows(
      postgres.url,
      `select pid from pg_stat_activity where backend_type = 'checkpointer'`,
    )
    process.kill(victim?.pid, 'SIGKILL')
    await eventually(() => events.at(-1)?.kind === 'recovered')
    expect(postgres.pid).toBe(pid)
    expect(await queryRows(postgres.url, 'select 1 as one')).toEqual([{ one: 1 }])
  })

  test('a PID file with the PID of another program does not prevent a start or affect that program', async () => {
    await makeCluster()
    const cluster = join(dataDir, 'postgres')
    const { uid, gid } = statSync(cluster)
    const unrelated = spawn('sleep', ['60'], { uid, gid, cwd: '/' })
    children.push(unrelated)
    writeFileSync(
      join(cluster, 'postmaster.pid'),
      `${unrelated.pid}\n${cluster}\n1700000000\n5432\n/nowhere\n\n0 0\nready\n`,
    )
    const postgres = await start()
    expect(await countRows(postgres.url)).toBe(1)
    expect(unrelated.exitCode).toBeNull()
  })

  test('the next start recovers after coderd and PostgreSQL were killed', async () => {
    const child = supervise(dataDir)
    const { pid, url } = await reported(child)
    await insertRow(url)
    process.kill(pid, 'SIGKILL')
    await killed(child, 'SIGKILL')

    const steps: string[] = []
    const postgres = await start({ onStep: (step) => steps.push(step) })
    expect(steps).toContain('Recovering the database after a crash')
    expect(await countRows(postgres.url)).toBe(1)
  })
})

test('a PostgreSQL whose data folder was deleted is stopped', async () => {
  const postgres = await start()
  const { pid } = postgres
  rmSync(dataDir, { recursive: true, maxRetries: 10 })
  await postgres.stop()
  // A zombie until Node.js has reaped it.
  await eventually(() => !processExists(pid))
})

describe('two coderds on one data folder', () => {
  test('the second is refused with the PID of the first', async () => {
    await start()
    const error = await startBuiltinPostgres({ dataDir }).catch((error: unknown) => error)
    expect(error).toBeInstanceOf(ClusterInUseError)
    expect(String(error)).toContain(`process ${process.pid}`)
  })

  test('that start simultaneously on an empty folder create one cluster, which one of them uses', async () => {
    const outcomes = await Promise.all([1, 2].map(() => reported(supervise(dataDir)).catch((error: Error) => error)))
    const refused = outcomes.filter((outcome) => outcome instanceof Error)
    expect(refused).toHaveLength(1)
    expect(String(refused[0])).toContain('Another coderd')
    const served = outcomes.find((outcome) => !(outcome instanceof Error)) as Report
    expect(await queryRows(served.url, 'select 1 as one')).toEqual([{ one: 1 }])
    expect(readdirSync(dataDir).filter((name) => name.includes('unfinished'))).toEqual([])
  })
})

describe('as root', requires('root', 'setpriv', 'mount'), () => {
  test('PostgreSQL runs unprivileged and may only traverse the folders above its cluster', async () => {
    const postgres = await start()
    expect(statSync(`/proc/${postgres.pid}`).uid).not.toBe(0)
    expect(statSync(dataDir).mode & 0o777).toBe(0o710)
    expect(statSync(join(dataDir, 'postgres')).mode & 0o777).toBe(0o700)
  })

  test('a cluster below a private folder is created in the system folder and linked', async () => {
    const closed = join(dataDir, 'closed')
    mkdirSync(closed, { mode: 0o700 })
    const inside = { dataDir: join(closed, 'data') }
    const copy = copyOfBinaries(closed)
    await makeCluster({ ...inside, postgresDir: copy })
    const cluster = readlinkSync(join(inside.dataDir, 'postgres'))
    expect(dirname(cluster)).toBe('/var/lib/coder-local')
    const again = await start({ ...inside, postgresDir: copy })
    expect(await countRows(again.url)).toBe(1)
    const program = readlinkSync(`/proc/${again.pid}/exe`)
    expect(program).toMatch(/^\/var\/lib\/coder-local\/postgresql-18\.\d+-\w+\/bin\/postgres$/)
    await again.stop()
    rmSync(cluster, { recursive: true })
    rmSync(dirname(dirname(program)), { recursive: true })
  })

  test('a full disk is reported as the cause, and the start succeeds after space was freed', async () => {
    const disk = join(dataDir, 'disk')
    mkdirSync(disk)
    execFileSync('chmod', ['711', dataDir])
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=12m,mode=700', 'tmpfs', disk])
    try {
      await expect(start({ dataDir: disk })).rejects.toThrow(/No space left|is full/)
      expect(readdirSync(disk).filter((name) => name.includes('postgres'))).toEqual([])
      execFileSync('mount', ['-o', 'remount,size=80m', disk])
      await makeCluster({ dataDir: disk })

      writeFileUntilFull(join(disk, 'filler'))
      await expect(start({ dataDir: disk })).rejects.toThrow(`The disk of ${join(disk, 'postgres')} is full`)
      rmSync(join(disk, 'filler'))
      const postgres = await start({ dataDir: disk })
      expect(await countRows(postgres.url)).toBe(1)
      await postgres.stop()
    } finally {
      execFileSync('umount', ['-l', disk])
    }
  })
})

const busyQuery = `select pid from pg_stat_activity where state = 'active' and query like '%generate_series(1, 6000000)' and pid <> pg_backend_pid()`

interface Report {
  readonly url: string
  readonly pid: number
}

/** Starts a child process that supervises PostgreSQL and prints its URL and PID. */
function supervise(folder: string): ChildProcess {
  const program = `
    const { startBuiltinPostgres } = await import(${JSON.stringify(new URL('./builtin-postgres.ts', import.meta.url).href)})
    const { url, pid } = await startBuiltinPostgres({ dataDir: process.argv[1] })
    console.log(JSON.stringify({ url, pid }))`
  const child = spawn(process.execPath, ['--input-type=module', '-e', program, folder], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  children.push(child)
  return child
}

async function reported(child: ChildProcess): Promise<Report> {
  if (!child.stdout || !child.stderr) throw new Error('The child has no output to read.')
  let errors = ''
  child.stderr.on('data', (text) => {
    errors += text
  })
  for await (const line of createInterface({ input: child.stdout })) return JSON.parse(line) as Report
  throw new Error(errors)
}

async function killed(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  const gone = new Promise((resolve) => child.once('exit', resolve))
  child.kill(signal)
  await gone
}

async function killServerAndWait(postgres: BuiltinPostgres): Promise<void> {
  const { pid } = postgres
  process.kill(pid, 'SIGKILL')
  await eventually(() => !processExists(pid))
}

function folderAppears(parent: string, wanted: (name: string) => boolean): Promise<void> {
  return new Promise((resolve) => {
    const check = () => {
      if (!readdirSync(parent).some(wanted)) return
      watcher.close()
      resolve()
    }
    const watcher = watch(parent, check)
    check()
  })
}

/** Polls a condition without an event; the test's timeout limits it. */
async function eventually(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 5))
}

async function stopOrphan(folder: string): Promise<void> {
  const cluster = join(folder, 'postgres')
  const holder = readPidFile(cluster)
  if (!holder || !isClusterProcess(holder.pid, cluster)) return
  process.kill(holder.pid, 'SIGQUIT')
  await eventually(() => !isClusterProcess(holder.pid, cluster))
  rmSync(holder.socketFolder, { recursive: true, force: true })
}

function socketFolderOf(postgres: BuiltinPostgres): string {
  return new URL(postgres.url).searchParams.get('host') ?? ''
}

/** A copy of the bundled programs that the test may damage. */
function copyOfBinaries(parent: string): string {
  const source = bundledPostgres()
  execFileSync('cp', ['-a', source, join(parent, 'native')])
  return join(parent, basename(source))
}

/** The bundled programs with another version number. */
function renumbered(parent: string, version: string): string {
  const source = realpathSync(bundledPostgres())
  const folder = join(parent, 'renumbered')
  const description = join('lib', 'pkgconfig', 'libpq.pc')
  mkdirSync(join(folder, dirname(description)), { recursive: true })
  symlinkSync(join(source, 'bin'), join(folder, 'bin'))
  const text = readFileSync(join(source, description), 'utf8')
  writeFileSync(join(folder, description), text.replace(/^Version: .*$/m, `Version: ${version}`))
  return folder
}

function writeFileUntilFull(path: string): void {
  expect(() => writeFileSync(path, Buffer.alloc(200 * 1024 * 1024))).toThrow('ENOSPC')
}

async function insertRow(url: string): Promise<void> {
  await queryRows(url, 'create table saved (id int); insert into saved values (1)')
}

async function countRows(url: string): Promise<number> {
  return (await queryRows(url, 'select * from saved')).length
}

async function queryRows(url: string, text: string): Promise<pg.QueryResultRow[]> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query(text)).rows
  } finally {
    await client.end()
  }
}
