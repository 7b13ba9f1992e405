// Puts the agent into the data folder, once per version: workspaces of this computer outlive coderd and its upgrades,
// so what they run must not change or vanish under them. `<data>/agent/<version>-<content>/` holds a Node, the agent,
// the command line and, in `bin/`, the `coder` command that such workspaces find on their PATH.

import { createHash, type Hash } from 'node:crypto'
import { constants } from 'node:fs'
import {
  chmod,
  copyFile,
  cp,
  link,
  mkdir,
  readdir,
  readFile,
  readlink,
  rename,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { shellQuoted } from '../../lib/shell-quoted.ts'
import { version } from '../../lib/version.ts'

/** Folders of the built agent, with `main.js`, and of the built command line, with `coder.js`. */
export interface AgentBundles {
  readonly agent: string
  readonly cli: string
}

const built: AgentBundles = {
  agent: fileURLToPath(new URL('../../dist/agent/', import.meta.url)),
  cli: fileURLToPath(new URL('../../dist/cli/', import.meta.url)),
}
// In a bundle these name the bundled programs.
const agentEntry = fileURLToPath(new URL('../../agent/main.ts', import.meta.url))
const cliEntry = fileURLToPath(new URL('../../cli/main.ts', import.meta.url))
const isCheckout = import.meta.url.endsWith('.ts')

const isWindows = process.platform === 'win32'
const nodeName = isWindows ? 'node.exe' : 'node'

/** @param bundles null in a checkout, which runs its sources, so that what one has just changed is what runs.
 *  @returns the folder that holds `coder`. */
export async function installAgent(
  dataDir: string,
  bundles: AgentBundles | null = isCheckout ? null : built,
): Promise<string> {
  if (bundles === null) return await installSource(dataDir)
  const versions = join(dataDir, 'agent')
  const name = `${version}-${await contentHash(bundles)}`
  const dir = join(versions, name)
  if (!(await isComplete(dir))) await install(bundles, dir)
  await nameCurrent(versions, name)
  await removeUnused(versions, name)
  return join(dir, 'bin')
}

// Read by holders of terminals, which live on through upgrades and start the newest services.
const currentName = 'current'

async function nameCurrent(versions: string, name: string): Promise<void> {
  const unfinished = join(versions, `${currentName}.unfinished-${process.pid}`)
  await writeFile(unfinished, `${name}\n`)
  await rename(unfinished, join(versions, currentName))
}

/** Takes earlier versions away that no process runs any more. Only Linux tells which program a process runs; elsewhere
 *  they stay. */
async function removeUnused(versions: string, current: string): Promise<void> {
  const earlier = (await readdir(versions)).filter((name) => name !== current && name !== currentName)
  if (earlier.length === 0 || process.platform !== 'linux') return
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  // Processes of other users tell nothing, and ours are what counts.
  const programs = await Promise.all(pids.map((pid) => readlink(`/proc/${pid}/exe`).catch(() => '')))
  const unused = earlier.filter((name) => !programs.some((program) => program.startsWith(join(versions, name, '/'))))
  await Promise.all(unused.map((name) => rm(join(versions, name), { recursive: true, force: true })))
}

async function install(bundles: AgentBundles, dir: string): Promise<void> {
  const unfinished = `${dir}.unfinished-${process.pid}`
  await rm(unfinished, { recursive: true, force: true })
  await mkdir(join(unfinished, 'bin'), { recursive: true })
  await Promise.all([
    placeNode(join(unfinished, nodeName)),
    cp(bundles.agent, join(unfinished, 'agent'), { recursive: true, dereference: true }),
    cp(bundles.cli, join(unfinished, 'cli'), { recursive: true, filter: (file) => !file.endsWith('.map') }),
    // Says that the .js files below are ES modules.
    writeFile(join(unfinished, 'package.json'), JSON.stringify({ name: 'coder-agent', version, type: 'module' })),
    writeLauncher(join(unfinished, 'bin'), {
      node: `../${nodeName}`,
      agent: '../agent/main.js',
      cli: '../cli/coder.js',
    }),
  ])
  // Left by a copy that was damaged, or by another coderd that was faster.
  await rm(dir, { recursive: true, force: true })
  await rename(unfinished, dir)
}

/** The same file under a second name where the file system can; 120 MB of copy where not. */
async function placeNode(target: string): Promise<void> {
  try {
    await link(process.execPath, target)
  } catch {
    await copyFile(process.execPath, target, constants.COPYFILE_FICLONE)
    await chmod(target, 0o755)
  }
}

/** Everything is there and Node has its size: enough, since the folder appears whole or not at all. */
async function isComplete(dir: string): Promise<boolean> {
  const sizeOf = (path: string) =>
    stat(path).then(
      ({ size }) => size,
      () => -1,
    )
  const [node, ours, launcher, agent, cli] = await Promise.all([
    sizeOf(join(dir, nodeName)),
    sizeOf(process.execPath),
    sizeOf(join(dir, 'bin', isWindows ? 'coder.cmd' : 'coder')),
    sizeOf(join(dir, 'agent', 'main.js')),
    sizeOf(join(dir, 'cli', 'coder.js')),
  ])
  return node === ours && launcher > 0 && agent > 0 && cli > 0
}

/** Of the programs' own files, and of which Node goes with them. */
async function contentHash({ agent, cli }: AgentBundles): Promise<string> {
  const hash = createHash('sha256').update(process.version)
  await hashFolder(hash, agent)
  await hashFolder(hash, cli)
  return hash.digest('hex').slice(0, 12)
}

async function hashFolder(hash: Hash, folder: string): Promise<void> {
  const entries = await readdir(folder, { withFileTypes: true })
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) await hashFolder(hash, path)
    // Maps are for reading stack traces and change nothing.
    else if (!entry.name.endsWith('.map')) hash.update(entry.name).update(await readFile(path))
  }
}

async function installSource(dataDir: string): Promise<string> {
  const bin = join(dataDir, 'agent', 'source', 'bin')
  await mkdir(bin, { recursive: true })
  await rm(join(dataDir, 'agent', currentName), { force: true })
  await writeLauncher(bin, { node: process.execPath, agent: agentEntry, cli: cliEntry })
  return bin
}

/** @param program paths, absolute or relative to the launcher's folder. */
async function writeLauncher(bin: string, program: { node: string; agent: string; cli: string }): Promise<void> {
  if (isWindows) {
    const path = (to: string) => (/^[a-zA-Z]:/.test(to) ? to : `%~dp0${to.replaceAll('/', '\\')}`)
    await writeFile(
      join(bin, 'coder.cmd'),
      [
        '@set "CODER_LOCAL_DATA_DIR=%~dp0..\\..\\.."',
        `@if "%1"=="agent" ("${path(program.node)}" "${path(program.agent)}" %*) else ("${path(program.node)}" "${path(program.cli)}" %*)`,
        '',
      ].join('\r\n'),
    )
    return
  }
  // No sub-process on the way: this runs whenever an agent starts.
  const path = (to: string) => (to.startsWith('/') ? shellQuoted(to) : `"\${0%/*}/${to}"`)
  // The data folder tells the agent where this deployment answers, should its port have changed.
  const script = `#!/bin/sh
export CODER_LOCAL_DATA_DIR="\${0%/*}/../../.."
case "\${1-}" in
  agent) shift; exec ${path(program.node)} ${path(program.agent)} "$@" ;;
  *) exec ${path(program.node)} ${path(program.cli)} "$@" ;;
esac
`
  const unfinished = join(bin, `.coder-${process.pid}`)
  await writeFile(unfinished, script, { mode: 0o755 })
  await rename(unfinished, join(bin, 'coder'))
}
