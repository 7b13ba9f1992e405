// Puts the agent into the data folder, once per version: workspaces of this computer outlive coderd and its upgrades,
// so what they run must not change or vanish under them. `<data>/agent/<version>-<content>/` holds a Node, the agent
// and, in `bin/`, the `coder` command that such workspaces find on their PATH.

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
import { version } from '../../lib/version.ts'

const bundledAgent = fileURLToPath(new URL('../../dist/agent/', import.meta.url))
// In a bundle this names the bundled agent.
const agentEntry = fileURLToPath(new URL('../../agent/main.ts', import.meta.url))
const isCheckout = import.meta.url.endsWith('.ts')

const isWindows = process.platform === 'win32'
const nodeName = isWindows ? 'node.exe' : 'node'

/** @param bundle the folder of the built agent; null in a checkout, which runs its sources, so that what one has just
 *  changed is what runs.
 *  @returns the folder that holds `coder`. */
export async function installAgent(
  dataDir: string,
  bundle: string | null = isCheckout ? null : bundledAgent,
): Promise<string> {
  if (bundle === null) return await installSource(dataDir)
  const versions = join(dataDir, 'agent')
  const name = `${version}-${await contentHash(bundle)}`
  const dir = join(versions, name)
  if (!(await isComplete(dir))) await install(bundle, dir)
  await removeUnused(versions, name)
  return join(dir, 'bin')
}

/** Takes earlier versions away that no process runs any more. Only Linux tells which program a process runs; elsewhere
 *  they stay. */
async function removeUnused(versions: string, current: string): Promise<void> {
  const earlier = (await readdir(versions)).filter((name) => name !== current)
  if (earlier.length === 0 || process.platform !== 'linux') return
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  // Processes of other users tell nothing, and ours are what counts.
  const programs = await Promise.all(pids.map((pid) => readlink(`/proc/${pid}/exe`).catch(() => '')))
  const unused = earlier.filter((name) => !programs.some((program) => program.startsWith(join(versions, name, '/'))))
  await Promise.all(unused.map((name) => rm(join(versions, name), { recursive: true, force: true })))
}

async function install(bundle: string, dir: string): Promise<void> {
  const unfinished = `${dir}.unfinished-${process.pid}`
  await rm(unfinished, { recursive: true, force: true })
  await mkdir(join(unfinished, 'bin'), { recursive: true })
  await Promise.all([
    placeNode(join(unfinished, nodeName)),
    cp(bundle, join(unfinished, 'agent'), { recursive: true, dereference: true }),
    // Says that the .js files below are ES modules.
    writeFile(join(unfinished, 'package.json'), JSON.stringify({ name: 'coder-agent', version, type: 'module' })),
    writeLauncher(join(unfinished, 'bin'), { node: `../${nodeName}`, entry: '../agent/main.js' }),
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
  const [node, ours, launcher, entry] = await Promise.all([
    sizeOf(join(dir, nodeName)),
    sizeOf(process.execPath),
    sizeOf(join(dir, 'bin', isWindows ? 'coder.cmd' : 'coder')),
    sizeOf(join(dir, 'agent', 'main.js')),
  ])
  return node === ours && launcher > 0 && entry > 0
}

/** Of the agent's own files, and of which Node goes with them. */
async function contentHash(folder: string): Promise<string> {
  const hash = createHash('sha256').update(process.version)
  await hashFolder(hash, folder)
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
  await writeLauncher(bin, { node: process.execPath, entry: agentEntry })
  return bin
}

/** @param program paths, absolute or relative to the launcher's folder. */
async function writeLauncher(bin: string, program: { node: string; entry: string }): Promise<void> {
  if (isWindows) {
    const path = (to: string) => (/^[a-zA-Z]:/.test(to) ? to : `%~dp0${to.replaceAll('/', '\\')}`)
    await writeFile(
      join(bin, 'coder.cmd'),
      `@set "CODER_LOCAL_DATA_DIR=%~dp0..\\..\\.."\r\n@"${path(program.node)}" "${path(program.entry)}" %*\r\n`,
    )
    return
  }
  // No sub-process on the way: this runs whenever an agent starts.
  const path = (to: string) => (to.startsWith('/') ? shellQuoted(to) : `"\${0%/*}/${to}"`)
  // The data folder tells the agent where this deployment answers, should its port have changed.
  const script = `#!/bin/sh
export CODER_LOCAL_DATA_DIR="\${0%/*}/../../.."
case "\${1-}" in
  agent) shift; exec ${path(program.node)} ${path(program.entry)} "$@" ;;
  *) echo "coder: inside of this workspace only \\"coder agent\\" is available." >&2; exit 64 ;;
esac
`
  const unfinished = join(bin, `.coder-${process.pid}`)
  await writeFile(unfinished, script, { mode: 0o755 })
  await rename(unfinished, join(bin, 'coder'))
}

const shellQuoted = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`
