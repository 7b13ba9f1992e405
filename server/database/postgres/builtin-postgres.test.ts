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
import pg from 'pg'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
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
  await stopLeftBehind(dataDir)
  rmSync(dataDir, { recursive: true, force: true })
})

async function start(options: Partial<BuiltinPostgresOptions> = {}): Promise<BuiltinPostgres> {
  const postgres = await startBuiltinPostgres({ dataDir, ...options })
  running.push(postgres)
  return postgres
}

/** Starts it once and leaves a stopped cluster behind that holds one row. */
async function makeCluster(options: Partial<BuiltinPostgresOptions> = {}): Promise<void> {
  const postgres = await start(options)
  await keepRow(postgres.url)
  await postgres.stop()
}

describe('a start', () => {
  test('on an empty folder makes a cluster, and the next one finds it with its data', async () => {
    const steps: string[] = []
    const first = await start({ onStep: (step) => steps.push(step) })
    expect(first.origin).toBe('created')
    expect(steps).toEqual(['Creating the database', 'Starting the database'])
    await keepRow(first.url)
    await first.stop()
    expect(readdirSync(dataDir).sort()).toEqual(['logs', 'postgres'])

    const second = await start()
    expect(second.origin).toBe('started')
    expect(await keptRows(second.url)).toBe(1)
  })

  test('gives UTF-8, English messages, fsync, and a private socket as the only door', async () => {
    const postgres = await start()
    const [settings] = await rowsOf(
      postgres.url,
      `select current_setting('server_encoding') as encoding, current_setting('lc_messages') as messages,
         current_setting('fsync') as fsync, current_setting('listen_addresses') as addresses, lower('ÄÉ') as lower`,
    )
    expect(settings).toEqual({ encoding: 'UTF8', messages: 'C', fsync: 'on', addresses: '', lower: 'äé' })
    expect(statSync(socketFolderOf(postgres)).mode & 0o777).toBe(0o700)
  })

  test('works in a long folder with spaces and letters beyond ASCII', async () => {
    const folder = join(dataDir, `Bücher und 数据 ${'x'.repeat(120)}`)
    if (isRoot) execFileSync('chmod', ['711', dataDir])
    await makeCluster({ dataDir: folder })
    const again = await start({ dataDir: folder })
    expect(await keptRows(again.url)).toBe(1)
    expect(Buffer.byteLength(socketFolderOf(again))).toBeLessThan(86)
  })

  test('refuses a cluster that it did not make, and leaves it untouched', async () => {
    const foreign = join(dataDir, 'postgres')
    mkdirSync(foreign)
    writeFileSync(join(foreign, 'PG_VERSION'), '18\n')
    await expect(start()).rejects.toThrow('not a database of Coder Local and was left untouched')
    expect(readdirSync(foreign)).toEqual(['PG_VERSION'])
  })

  test('refuses a cluster of another major version before touching it', async () => {
    await makeCluster()
    writeFileSync(join(dataDir, 'postgres', 'PG_VERSION'), '17\n')
    await expect(start()).rejects.toThrow('made by PostgreSQL 17 and this program brings PostgreSQL 18')
  })

  test('that is given up leaves nothing running and nothing half-made', async () => {
    await makeCluster()
    const given = new AbortController()
    const onStep = () => given.abort()
    await expect(start({ signal: given.signal, onStep })).rejects.toThrow('aborted')
    expect(readPidFile(join(dataDir, 'postgres'))).toBeNull()

    const elsewhere = join(dataDir, 'second')
    await expect(start({ dataDir: elsewhere, signal: given.signal })).rejects.toThrow('aborted')
    expect(readdirSync(elsewhere)).toEqual([])
  })

  test('that fails tells the cause and the last lines of the log', async () => {
    await makeCluster()
    writeFileSync(join(dataDir, 'postgres', 'postgresql.conf'), `work_mem = 'much'\n`)
    const error = await start().catch((error: unknown) => error)
    expect(error).toBeInstanceOf(StartError)
    expect(String(error)).toContain('configuration file')
    expect((error as StartError).lastLines.join('\n')).toContain('work_mem')
  })

  test('mends binaries that an install without scripts left without links and execute bits', async () => {
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
  test('a half-made cluster is swept away and never used', async () => {
    const child = supervise(dataDir)
    await folderAppears(dataDir, (name) => name.startsWith('postgres.unfinished-'))
    await killed(child, 'SIGKILL')
    expect(existsSync(join(dataDir, 'postgres'))).toBe(false)

    const postgres = await start()
    expect(postgres.origin).toBe('created')
    expect(readdirSync(dataDir).sort()).toEqual(['logs', 'postgres'])
  })

  test('PostgreSQL that outlived its killed coderd is adopted, and stopped by the one that adopted it', async () => {
    const child = supervise(dataDir)
    const orphan = await reported(child)
    await keepRow(orphan.url)
    await killed(child, 'SIGKILL')

    const postgres = await start()
    expect(postgres.origin).toBe('adopted')
    expect(postgres.pid).toBe(orphan.pid)
    expect(await keptRows(postgres.url)).toBe(1)
    await postgres.stop()
    expect(isClusterProcess(orphan.pid, join(dataDir, 'postgres'))).toBe(false)
  })

  test('an orphan of another version is stopped and replaced', async () => {
    const child = supervise(dataDir)
    const orphan = await reported(child)
    await killed(child, 'SIGKILL')

    const steps: string[] = []
    const postgres = await start({ postgresDir: renumbered(dataDir, '18.99'), onStep: (step) => steps.push(step) })
    expect(steps[0]).toMatch(/^Stopping PostgreSQL 18\.\d+ for 18\.99$/)
    expect(postgres.pid).not.toBe(orphan.pid)
    expect(isClusterProcess(orphan.pid, join(dataDir, 'postgres'))).toBe(false)
  })

  test('a killed PostgreSQL is back within moments, with its data and at the same address', async () => {
    const events: PostgresEvent[] = []
    const postgres = await start({ onEvent: (event) => events.push(event) })
    const { url } = postgres
    await keepRow(url)
    let lost = 0
    const database = connectDatabase({ url, onConnectionLost: () => void lost++ })
    await database.pool.query('select 1')
    await killServerAndWait(postgres)
    // Until this process has read of the end, a query still goes to the dead connection, and fails.
    await eventually(() => lost > 0)

    expect((await database.pool.query('select * from kept')).rowCount).toBe(1)
    await eventually(() => events.length === 2)
    expect(events).toEqual([{ kind: 'lost' }, { kind: 'back', awayMs: expect.any(Number) }])
    expect(postgres.url).toBe(url)
    await database.close()
  })

  test('a server process that outlives the killed PostgreSQL only delays it', async () => {
    const events: PostgresEvent[] = []
    const postgres = await start({ onEvent: (event) => events.push(event) })
    const busy = new pg.Client({ connectionString: postgres.url })
    busy.on('error', () => undefined)
    await busy.connect()
    const computing = busy.query('select count(*) from generate_series(1, 6000000)').catch(() => undefined)
    await eventually(async () => (await rowsOf(postgres.url, busyQuery)).length === 1)
    await killServerAndWait(postgres)
    await eventually(() => events.length === 2)
    await computing
    expect(await rowsOf(postgres.url, 'select 1 as one')).toEqual([{ one: 1 }])
  })

  test('a killed server process takes the others along, and supervision goes on', async () => {
    const events: PostgresEvent[] = []
    const postgres = await start({ onEvent: (event) => events.push(event) })
    const { pid } = postgres
    const [victim] = await rowsOf(postgres.url, `select pid from pg_stat_activity where backend_type = 'checkpointer'`)
    process.kill(victim?.pid, 'SIGKILL')
    await eventually(() => events.at(-1)?.kind === 'back')
    expect(postgres.pid).toBe(pid)
    expect(await rowsOf(postgres.url, 'select 1 as one')).toEqual([{ one: 1 }])
  })

  test('a pid file whose number belongs to another program by now is no obstacle, and that program is left alone', async () => {
    await makeCluster()
    const cluster = join(dataDir, 'postgres')
    const { uid, gid } = statSync(cluster)
    const innocent = spawn('sleep', ['60'], { uid, gid, cwd: '/' })
    children.push(innocent)
    writeFileSync(
      join(cluster, 'postmaster.pid'),
      `${innocent.pid}\n${cluster}\n1700000000\n5432\n/nowhere\n\n0 0\nready\n`,
    )
    const postgres = await start()
    expect(await keptRows(postgres.url)).toBe(1)
    expect(innocent.exitCode).toBeNull()
  })

  test('everything killed at once is recovered by the next start', async () => {
    const child = supervise(dataDir)
    const { pid, url } = await reported(child)
    await keepRow(url)
    process.kill(pid, 'SIGKILL')
    await killed(child, 'SIGKILL')

    const steps: string[] = []
    const postgres = await start({ onStep: (step) => steps.push(step) })
    expect(steps).toContain('Recovering the database after a crash')
    expect(await keptRows(postgres.url)).toBe(1)
  })
})

test('a PostgreSQL whose data folder was deleted is stopped all the same', async () => {
  const postgres = await start()
  const { pid } = postgres
  rmSync(dataDir, { recursive: true, maxRetries: 10 })
  await postgres.stop()
  // Its parent, this process, may not have asked about it yet.
  await eventually(() => !processExists(pid))
})

describe('two coderds on one data folder', () => {
  test('the second is refused and named the first', async () => {
    await start()
    const error = await startBuiltinPostgres({ dataDir }).catch((error: unknown) => error)
    expect(error).toBeInstanceOf(ClusterInUseError)
    expect(String(error)).toContain(`process ${process.pid}`)
  })

  test('that start at once on an empty folder make one cluster, and one of them has it', async () => {
    const outcomes = await Promise.all([1, 2].map(() => reported(supervise(dataDir)).catch((error: Error) => error)))
    const refused = outcomes.filter((outcome) => outcome instanceof Error)
    expect(refused).toHaveLength(1)
    expect(String(refused[0])).toContain('Another coderd')
    const served = outcomes.find((outcome) => !(outcome instanceof Error)) as Report
    expect(await rowsOf(served.url, 'select 1 as one')).toEqual([{ one: 1 }])
    expect(readdirSync(dataDir).filter((name) => name.includes('unfinished'))).toEqual([])
  })
})

describe.skipIf(!isRoot)('as root (skipped without: needs root for accounts and mounts)', () => {
  test('PostgreSQL runs unprivileged, and only the way to its cluster is opened for it', async () => {
    const postgres = await start()
    expect(statSync(`/proc/${postgres.pid}`).uid).not.toBe(0)
    expect(statSync(dataDir).mode & 0o777).toBe(0o710)
    expect(statSync(join(dataDir, 'postgres')).mode & 0o777).toBe(0o700)
  })

  test('below a closed folder the cluster lies where its account can reach it, and the data folder links to it', async () => {
    const closed = join(dataDir, 'closed')
    mkdirSync(closed, { mode: 0o700 })
    const inside = { dataDir: join(closed, 'data') }
    const copy = copyOfBinaries(closed)
    await makeCluster({ ...inside, postgresDir: copy })
    const cluster = readlinkSync(join(inside.dataDir, 'postgres'))
    expect(dirname(cluster)).toBe('/var/lib/coder-local')
    const again = await start({ ...inside, postgresDir: copy })
    expect(await keptRows(again.url)).toBe(1)
    const program = readlinkSync(`/proc/${again.pid}/exe`)
    expect(program).toMatch(/^\/var\/lib\/coder-local\/postgresql-18\.\d+-\w+\/bin\/postgres$/)
    await again.stop()
    rmSync(cluster, { recursive: true })
    rmSync(dirname(dirname(program)), { recursive: true })
  })

  test('a full disk is named as the cause, and once there is room the same start succeeds', async () => {
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
      expect(await keptRows(postgres.url)).toBe(1)
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

/** A process of its own that supervises PostgreSQL and reports its address. */
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

/** Looks until it is so: for states that nobody announces. The test's own time limit ends it. */
async function eventually(isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isSo())) await new Promise((resolve) => setTimeout(resolve, 5))
}

async function stopLeftBehind(folder: string): Promise<void> {
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

/** The bundled programs in a folder of the test's own, which it may spoil. */
function copyOfBinaries(parent: string): string {
  const source = bundledPostgres()
  execFileSync('cp', ['-a', source, join(parent, 'native')])
  return join(parent, basename(source))
}

/** The bundled programs under another version number. */
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

async function keepRow(url: string): Promise<void> {
  await rowsOf(url, 'create table kept (id int); insert into kept values (1)')
}

async function keptRows(url: string): Promise<number> {
  return (await rowsOf(url, 'select * from kept')).length
}

async function rowsOf(url: string, text: string): Promise<pg.QueryResultRow[]> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query(text)).rows
  } finally {
    await client.end()
  }
}
