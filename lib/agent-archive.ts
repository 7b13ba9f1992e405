// Archive of an installed agent for other machines and containers: Node.js, the agent, the command line and, from Linux, the
// C and C++ libraries that Node.js has loaded, for images without them (Alpine, BusyBox).

import { createReadStream } from 'node:fs'
import { access, readdir, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { type Pack, pack } from 'tar-stream'
import { bundledLoader } from './bundled-loader.ts'

/** Whether the folder contains an agent that was built; a source checkout has none. */
export async function isAgentInstalled(installed: string): Promise<boolean> {
  return await access(join(installed, 'agent', 'main.js')).then(
    () => true,
    () => false,
  )
}

/** @param installed folder of the installed agent
 *  @param lastFile an empty file that is added last */
export function packAgent(installed: string, lastFile?: string): Pack {
  const archive = pack()
  addEntries(archive, installed).then(
    () => {
      if (lastFile) archive.entry({ name: lastFile }, '')
      archive.finalize()
    },
    (error: unknown) => archive.destroy(error as Error),
  )
  return archive
}

async function addEntries(archive: Pack, installed: string): Promise<void> {
  addFolder(archive, 'bin')
  archive.entry({ name: 'bin/coder', mode: 0o755 }, launcher)
  archive.entry({ name: 'run-node', mode: 0o755 }, nodeRunner)
  await addLibraries(archive)
  await addFiles(archive, installed)
}

/** All files except the launcher, which is for this computer. */
async function addFiles(archive: Pack, installed: string, folder = ''): Promise<void> {
  for (const entry of await readdir(join(installed, folder), { withFileTypes: true })) {
    const name = folder === '' ? entry.name : `${folder}/${entry.name}`
    if (name === 'bin' || name.endsWith('.map')) continue
    if (!entry.isDirectory()) await addFile(archive, name, join(installed, name))
    else {
      addFolder(archive, name)
      await addFiles(archive, installed, name)
    }
  }
}

/** A build of Node.js that is linked statically or against other C libraries has no loader of this name. */
async function addLibraries(archive: Pack): Promise<void> {
  if (process.platform !== 'linux') return
  const { sharedObjects } = process.report.getReport() as unknown as { readonly sharedObjects: readonly string[] }
  const loader = sharedObjects.find((path) => /\/ld-linux[^/]*$/.test(path))
  if (!loader) return
  addFolder(archive, 'lib')
  const isLibrary = /\/lib(?:c|m|dl|pthread|rt|gcc_s|stdc\+\+)\.so\.\d+$/
  for (const path of sharedObjects.filter((path) => isLibrary.test(path)))
    await addFile(archive, `lib/${basename(path)}`, path)
  // node-pty needs it, which coderd does not load.
  const folder = dirname(sharedObjects.find((path) => basename(path) === 'libc.so.6') ?? loader)
  await addFile(archive, 'lib/libutil.so.1', join(folder, 'libutil.so.1'))
  await addFile(archive, bundledLoader, loader)
}

const addFolder = (archive: Pack, name: string) => archive.entry({ name, mode: 0o755, type: 'directory' })

/** Readable for every user, whatever the permissions in the data folder are. */
async function addFile(archive: Pack, name: string, path: string): Promise<void> {
  const { size, mode } = await stat(path)
  await pipeline(createReadStream(path), archive.entry({ name, mode: mode & 0o111 ? 0o755 : 0o644, size }))
}

// Node.js needs the C library of a usual distribution.
const launcher = `#!/bin/sh
here="\${0%/*}/.."
case "\${1-}" in
  agent) shift; set -- "$here/agent/main.js" "$@" ;;
  *) set -- "$here/cli/coder.js" "$@" ;;
esac
if "$here/node" --version >/dev/null 2>&1; then exec "$here/node" "$@"; fi
exec "$here/run-node" "$@"
`

const nodeRunner = `#!/bin/sh
here="\${0%/*}"
exec "$here/lib/ld.so" --library-path "$here/lib" "$here/node" "$@"
`
