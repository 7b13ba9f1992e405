// A deployment as users run it: the built command line in a separate process, with its own data folder and home folder.
// The handle stays usable after its processes are killed, and removes all processes and folders when it is closed.

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
import { coderdNodeFlags } from '../../lib/node-flags.ts'
import { findRunning, type RunFile } from '../../lib/run-file.ts'
import { createTestDatabase } from '../../server/testing/postgres.ts'
import { until } from '../../server/testing/workspace-fixtures.ts'
import { isAlive, killAll, killProcess, markVariable, type Process, processesWith } from './processes.ts'

const coder = fileURLToPath(new URL('../../dist/cli/coder.js', import.meta.url))

export interface DeploymentOptions {
  /** Created if missing and removed at the end; a temporary folder when absent. */
  readonly dataDir?: string
  readonly env?: Readonly<Record<string, string>>
  /** Lets the deployment choose its port, instead of a free port chosen by the test. */
  readonly hasOwnPort?: boolean
  /** Admin URL of a running test PostgreSQL, in which the deployment gets a migrated database, so that it starts four times
   *  as fast. Default: the deployment runs its own PostgreSQL. */
  readonly postgresUrl?: string
  /** `server` runs coderd alone; `desktop --headless` adds a supervisor that restarts it. */
  readonly command?: 'server' | 'desktop --headless'
}

export interface Deployment {
  readonly dataDir: string
  readonly home: string
  /** The environment of its processes. */
  readonly env: Readonly<Record<string, string>>
  /** The run file of the current coderd. @throws Error when none runs. */
  run(): RunFile
  /** The URL from the run file. @throws Error when coderd does not run. */
  readonly url: string
  /** The configured URL, known before coderd runs; empty with `hasOwnPort`. */
  readonly address: string
  /** The output of all its commands so far. */
  output(): string
  /** Starts or restarts it and resolves when it responds. @throws Error with its output when it exits instead. */
  start(env?: Readonly<Record<string, string>>): Promise<void>
  /** Runs a CLI command against it and waits for its exit. */
  coder(...args: string[]): Promise<{ status: number | null; output: string }>
  /** A client that is signed in as the owner, and its session token. */
  signIn(): Promise<{ client: Client; token: string }>
  /** A one-time sign-in link. */
  link(): Promise<string>
  /** Kills coderd alone with SIGKILL. */
  killServer(): Promise<void>
  /** The postmaster's process ID. */
  postgresPid(): number
  processes(): Process[]
  /** Requests a graceful stop and waits for it. */
  stop(): Promise<void>
  /** Kills all processes and removes the folders. */
  close(): Promise<void>
}

/** Starts a deployment and resolves when it responds. */
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

/** Prepares a deployment without starting it. */
export async function prepareDeployment(options: DeploymentOptions = {}): Promise<Deployment> {
  const mark = randomUUID()
  const scratch = mkdtempSync(join(tmpdir(), 'coder-local-e2e-'))
  const dataDir = options.dataDir ?? join(scratch, 'data')
  const home = join(scratch, 'home')
  mkdirSync(home)
  const database = options.postgresUrl ? await createTestDatabase(options.postgresUrl) : undefined
  const address = options.hasOwnPort ? '' : `127.0.0.1:${await findFreePort()}`
  const env = {
    ...baseEnvironment(),
    HOME: home,
    [markVariable]: mark,
    CODER_CONFIG_DIR: dataDir,
    ...(address ? { CODER_HTTP_ADDRESS: address } : {}),
    ...(database ? { CODER_PG_CONNECTION_URL: database.url } : {}),
    ...options.env,
  }
  let output = ''

  function run(args: string[], extra: Readonly<Record<string, string>> = {}): ChildProcess {
    const flags = args[0] === 'server' ? coderdNodeFlags : []
    const child = spawn(process.execPath, [...flags, coder, ...args], {
      env: { ...env, ...extra },
      cwd: home,
      // In a separate process group, so that Ctrl-C in the terminal of the tests does not reach the deployment.
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
    throw new Error(`No coderd runs on ${dataDir}:\n${output}`)
  }
  const localClient = () => createClient({ baseUrl: current().url, headers: { [localSecretHeader]: current().secret } })

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
      await until('coderd to respond', async () => {
        if (child.exitCode !== null || child.signalCode !== null)
          throw new Error(`coder exited with ${child.signalCode ?? child.exitCode}:\n${output}`)
        const found = findRunning(dataDir)
        return found && (await isResponding(found.url))
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
      const { code } = await localClient().call(createLaunchCode)
      const { session_token: token } = await createClient({ baseUrl: url }).call(exchangeLaunchCode, { body: { code } })
      return { client: createClient({ baseUrl: url, token, timeoutMs: 30_000 }), token }
    },
    link: async () => (await localClient().call(createLaunchCode)).url,
    killServer: () => killProcess(current().pid),
    postgresPid() {
      const [first] = readFileSync(join(dataDir, 'postgres', 'postmaster.pid'), 'utf8').split('\n')
      return Number(first)
    },
    processes: () => processesWith(mark),
    async stop() {
      const { pid } = current()
      await localClient().call(stopDeployment)
      await until('coderd to stop', () => !isAlive(pid))
    },
    async close() {
      await killAll(processesWith(mark).map(({ pid }) => pid))
      removeCluster(join(dataDir, 'postgres'))
      await database?.drop()
      for (const folder of [scratch, dataDir]) rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** For root the cluster is in another folder, and the data folder contains a symbolic link to it. */
function removeCluster(path: string): void {
  if (lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink())
    rmSync(readlinkSync(path), { recursive: true, force: true })
}

/** The variables of a user's terminal, without those of the test runner. Terminals run bash, also for users whose login
 *  shell has no shell integration. */
function baseEnvironment(): Record<string, string> {
  const names = ['PATH', 'LANG', 'USER', 'TZ', 'TMPDIR']
  const inherited = names.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : []))
  return { ...Object.fromEntries(inherited), SHELL: '/bin/bash' }
}

async function isResponding(url: string): Promise<boolean> {
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
