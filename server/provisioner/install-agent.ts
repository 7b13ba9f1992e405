// Installs the agent into the data folder, once per version: local workspaces outlive coderd and its upgrades,
// so their programs must not change or disappear. `<data>/agent/<version>-<content>/` contains Node.js, the agent,
// the CLI and, in `bin/`, the `coder` command on the PATH of such workspaces.

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

/** Folders of the agent bundle, with `main.js`, and of the CLI bundle, with `coder.js`. */
export interface AgentBundles {
  readonly agent: string
  readonly cli: string
}

const builtBundles: AgentBundles = {
  agent: fileURLToPath(new URL('../../dist/agent/', import.meta.url)),
  cli: fileURLToPath(new URL('../../dist/cli/', import.meta.url)),
}
// In a bundle these resolve to the bundled programs.
const agentEntry = fileURLToPath(new URL('../../agent/main.ts', import.meta.url))
const cliEntry = fileURLToPath(new URL('../../cli/main.ts', import.meta.url))
const isCheckout = import.meta.url.endsWith('.ts')

const isWindows = process.platform === 'win32'
const nodeName = isWindows ? 'node.exe' : 'node'

/** @param bundles null in a source checkout, which runs the sources directly
 *  @returns the folder that contains `coder` */
export async function installAgent(
  dataDir: string,
  bundles: AgentBundles | null = isCheckout ? null : builtBundles,
): Promise<string> {
  if (bundles === null) return await installSource(dataDir)
  const versions = join(dataDir, 'agent')
  const name = `${version}-${await contentHash(bundles)}`
  const dir = join(versions, name)
  if (!(await isComplete(dir))) await install(bundles, dir)
  await writeCurrentVersion(versions, name)
  await removeUnused(versions, name)
  return join(dir, 'bin')
}

// Terminal holders, which survive upgrades, read this file to start the latest services.
const currentName = 'current'

async function writeCurrentVersion(versions: string, name: string): Promise<void> {
  const unfinished = join(versions, `${currentName}.unfinished-${process.pid}`)
  await writeFile(unfinished, `${name}\n`)
  await rename(unfinished, join(versions, currentName))
}

/** Removes earlier versions that no process runs. Only Linux exposes the executable of a process; other systems keep
 *  all versions. */
async function removeUnused(versions: string, current: string): Promise<void> {
  const earlier = (await readdir(versions)).filter((name) => name !== current && name !== currentName)
  if (earlier.length === 0 || process.platform !== 'linux') return
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  // Processes of other users are unreadable and irrelevant.
  const programs = await Promise.all(pids.map((pid) => readlink(`/proc/${pid}/exe`).catch(() => '')))
  const unused = earlier.filter((name) => !programs.some((program) => program.startsWith(join(versions, name, '/'))))
  await Promise.all(unused.map((name) => rm(join(versions, name), { recursive: true, force: true })))
}

async function install(bundles: AgentBundles, dir: string): Promise<void> {
  const unfinished = `${dir}.unfinished-${process.pid}`
  await rm(unfinished, { recursive: true, force: true })
  await mkdir(join(unfinished, 'bin'), { recursive: true })
  await Promise.all([
    installNode(join(unfinished, nodeName)),
    cp(bundles.agent, join(unfinished, 'agent'), { recursive: true, dereference: true }),
    cp(bundles.cli, join(unfinished, 'cli'), { recursive: true, filter: (file) => !file.endsWith('.map') }),
    // Marks the .js files as ES modules.
    writeFile(join(unfinished, 'package.json'), JSON.stringify({ name: 'coder-agent', version, type: 'module' })),
    writeLauncher(join(unfinished, 'bin'), {
      node: `../${nodeName}`,
      agent: '../agent/main.js',
      cli: '../cli/coder.js',
    }),
  ])
  // A damaged copy, or one that a concurrent coderd created.
  await rm(dir, { recursive: true, force: true })
  await rename(unfinished, dir)
}

/** Creates a hard link if the file system supports it; otherwise copies 120 MB. */
async function installNode(target: string): Promise<void> {
  try {
    await link(process.execPath, target)
  } catch {
    await copyFile(process.execPath, target, constants.COPYFILE_FICLONE)
    await chmod(target, 0o755)
  }
}

/** Checks that all files exist and Node.js has its size, which suffices because the folder is renamed into place. */
async function isComplete(dir: string): Promise<boolean> {
  const sizeOf = (path: string) =>
    stat(path).then(
      ({ size }) => size,
      () => -1,
    )
  const [nodeSize, ownNodeSize, launcher, agent, cli] = await Promise.all([
    sizeOf(join(dir, nodeName)),
    sizeOf(process.execPath),
    sizeOf(join(dir, 'bin', isWindows ? 'coder.cmd' : 'coder')),
    sizeOf(join(dir, 'agent', 'main.js')),
    sizeOf(join(dir, 'cli', 'coder.js')),
  ])
  return nodeSize === ownNodeSize && launcher > 0 && agent > 0 && cli > 0
}

/** Hashes the program files and the Node.js version. */
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
    // Source maps do not affect execution.
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

/** @param program paths, absolute or relative to the launcher's folder */
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
  // Avoids subprocesses, because the launcher runs at each agent start.
  const path = (to: string) => (to.startsWith('/') ? shellQuoted(to) : `"\${0%/*}/${to}"`)
  // The agent reads the deployment's current address from the data folder, in case its port has changed.
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
