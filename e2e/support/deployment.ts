// A deployment as people run it: the built command line in a process of its own, on a data folder and a home folder of
// its own. Survives being killed in any way, and takes everything away that it started.

import { type ChildProcess, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { lstatSync, mkdirSync, mkdtempSync, readFileSync, readlinkSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Client, createClient } from '../../api/client.ts'
import { createLaunchCode, exchangeLaunchCode, localSecretHeader, stopDeployment } from '../../api/local.ts'
import { findRunning, type RunFile } from '../../lib/run-file.ts'
import { createTestDatabase } from '../../server/testing/postgres.ts'
import { until } from '../../server/testing/scenes.ts'
import { isAlive, kill9, killAtOnce, markVariable, type Process, processesWith } from './processes.ts'

const coder = fileURLToPath(new URL('../../dist/cli/coder.js', import.meta.url))

export interface DeploymentOptions {
  /** Made when it is not there, and taken away at the end; a fresh one when left out. */
  readonly dataDir?: string
  readonly env?: Readonly<Record<string, string>>
  /** Listen where the deployment itself picks, instead of on a port that was found free. */
  readonly hasOwnPort?: boolean
  /** `shared`: a migrated database in the PostgreSQL that all tests of the run share, which starts in a quarter of the
   *  time. Absent: its own PostgreSQL. */
  readonly database?: 'shared'
  /** What keeps it running: itself alone, or a second process that starts it again. */
  readonly command?: 'server' | 'desktop --headless'
}

export interface Deployment {
  readonly dataDir: string
  readonly home: string
  /** What its processes are started with. */
  readonly env: Readonly<Record<string, string>>
  /** What proves the coderd of the moment. @throws Error when none runs. */
  run(): RunFile
  /** Where it answers, as it says itself. */
  readonly url: string
  /** Where it was told to listen; empty when it picks by itself. Known before it runs. */
  readonly address: string
  /** All that it has written to its terminal so far. */
  output(): string
  /** Starts it (again) and resolves when it answers. @throws Error with its output when it ends instead. */
  start(env?: Readonly<Record<string, string>>): Promise<void>
  /** Runs a command of the command line against it to its end. */
  coder(...args: string[]): Promise<{ status: number | null; output: string }>
  /** A client that is signed in as the owner, and the key it uses. */
  signIn(): Promise<{ client: Client; token: string }>
  /** A link that signs in once. */
  link(): Promise<string>
  /** coderd alone, with SIGKILL. */
  killServer(): Promise<void>
  /** PostgreSQL's first process. */
  postgresPid(): number
  processes(): Process[]
  /** Asks it to stop in good order and waits until it has. */
  stop(): Promise<void>
  /** Ends everything and removes the folders. */
  close(): Promise<void>
}

/** A deployment that answers. */
export async function startDeployment(options: DeploymentOptions = {}): Promise<Deployment> {
  const deployment = await prepareDeployment(options)
  try {
    await deployment.start()
  } catch (error) {
    await deployment.close()
    throw error
  }
  return deployment
}

/** The same, not started yet. */
export async function prepareDeployment(options: DeploymentOptions = {}): Promise<Deployment> {
  const mark = randomUUID()
  const scratch = mkdtempSync(join(tmpdir(), 'coder-local-e2e-'))
  const dataDir = options.dataDir ?? join(scratch, 'data')
  const home = join(scratch, 'home')
  mkdirSync(home)
  const database = options.database === 'shared' ? await createTestDatabase() : undefined
  const address = options.hasOwnPort ? '' : `127.0.0.1:${await findFreePort()}`
  const env = {
    ...ownEnvironment(),
    HOME: home,
    [markVariable]: mark,
    CODER_CONFIG_DIR: dataDir,
    ...(address ? { CODER_HTTP_ADDRESS: address } : {}),
    ...(database ? { CODER_PG_CONNECTION_URL: database.url } : {}),
    ...options.env,
  }
  let output = ''

  function run(args: string[], extra: Readonly<Record<string, string>> = {}): ChildProcess {
    const child = spawn(process.execPath, [coder, ...args], {
      env: { ...env, ...extra },
      cwd: home,
      // A session of its own: what is killed here is named, and Ctrl-C in the tests' terminal is not its affair.
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        output += text
      })
    }
    return child
  }
  const current = () => {
    const found = findRunning(dataDir)
    if (found) return found
    throw new Error(`no coderd runs on ${dataDir}:\n${output}`)
  }
  const asItsPerson = () => createClient({ baseUrl: current().url, headers: { [localSecretHeader]: current().secret } })

  return {
    dataDir,
    home,
    env,
    run: current,
    get url() {
      return current().url
    },
    address: address && `http://${address}`,
    output: () => output,
    async start(extra) {
      const child = run((options.command ?? 'server').split(' '), extra)
      await until('coderd to answer', async () => {
        if (child.exitCode !== null || child.signalCode !== null)
          throw new Error(`coder ended with ${child.signalCode ?? child.exitCode}:\n${output}`)
        const found = findRunning(dataDir)
        return found && (await answers(found.url))
      })
    },
    async coder(...args) {
      const before = output.length
      const child = run(args)
      const [status] = (await once(child, 'close')) as [number | null]
      return { status, output: output.slice(before) }
    },
    async signIn() {
      const { url } = current()
      const { code } = await asItsPerson().call(createLaunchCode)
      const { session_token: token } = await createClient({ baseUrl: url }).call(exchangeLaunchCode, { body: { code } })
      return { client: createClient({ baseUrl: url, token, timeoutMs: 30_000 }), token }
    },
    link: async () => (await asItsPerson().call(createLaunchCode)).url,
    killServer: () => kill9(current().pid),
    postgresPid() {
      const [first] = readFileSync(join(dataDir, 'postgres', 'postmaster.pid'), 'utf8').split('\n')
      return Number(first)
    },
    processes: () => processesWith(mark),
    async stop() {
      const { pid } = current()
      await asItsPerson().call(stopDeployment)
      await until('coderd to stop', () => !isAlive(pid))
    },
    async close() {
      await killAtOnce(processesWith(mark).map(({ pid }) => pid))
      removeCluster(join(dataDir, 'postgres'))
      await database?.drop()
      for (const folder of [scratch, dataDir]) rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** Under root the cluster lies elsewhere, and the data folder has a link to it. */
function removeCluster(place: string): void {
  if (lstatSync(place, { throwIfNoEntry: false })?.isSymbolicLink())
    rmSync(readlinkSync(place), { recursive: true, force: true })
}

/** What a person's terminal would have, and nothing of the runner's. */
function ownEnvironment(): Record<string, string> {
  const kept = ['PATH', 'LANG', 'USER', 'TZ', 'TMPDIR']
  return Object.fromEntries(kept.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])))
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/healthz`)).ok
  } catch {
    return false
  }
}

async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  await new Promise((resolve) => server.close(resolve))
  return port
}
