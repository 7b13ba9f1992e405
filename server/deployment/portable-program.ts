// The coder command for other machines: a self-extracting file with Node.js, the agent and the command line, which
// unpacks on first use. Built from the files installed for workspaces on this computer, so it runs on this platform
// only.

import { createHash } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import { isAgentInstalled, packAgent } from '../../lib/agent-archive.ts'

export interface PortableProgram {
  readonly path: string
  readonly bytes: number
  /** Hexadecimal. */
  readonly sha1: string
}

const goNames: Readonly<Record<string, string>> = { darwin: 'darwin', linux: 'linux', x64: 'amd64', arm64: 'arm64' }

/** Coder's file name: `coder-linux-amd64`. Null on platforms that cannot run it, such as Windows. */
export function portableName(platform: string = process.platform, arch: string = process.arch): string | null {
  const [os, processor] = [goNames[platform], goNames[arch]]
  return os && processor ? `coder-${os}-${processor}` : null
}

/** Builds the file unless it exists.
 *  @param installed folder of the installed agent (provisioner/install-agent.ts); its name identifies its content
 *  @returns null when nothing is installed, as in a checkout that was not built */
export async function makePortableProgram(installed: string, dataDir: string): Promise<PortableProgram | null> {
  if (!(await isAgentInstalled(installed))) return null
  const downloads = join(dataDir, 'downloads')
  const path = join(downloads, basename(installed))
  await mkdir(downloads, { recursive: true })
  if (!(await stat(path).catch(() => null))) await write(installed, path)
  for (const other of await readdir(downloads))
    if (other !== basename(installed)) await rm(join(downloads, other), { force: true })
  const hash = createHash('sha1')
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer)
  return { path, bytes: (await stat(path)).size, sha1: hash.digest('hex') }
}

async function write(installed: string, path: string): Promise<void> {
  const unfinished = `${path}.unfinished-${process.pid}`
  await writeFile(unfinished, unpacker(basename(installed)))
  // Most of the file is Node.js; a higher level saves little and takes much longer.
  await pipeline(packAgent(installed), createGzip({ level: 4 }), createWriteStream(unfinished, { flags: 'a' }))
  await rename(unfinished, path)
}

/** Header of the file, which contains its own length. */
function unpacker(name: string): string {
  const text = (offset: string) => `#!/bin/sh
# The coder command of a Coder Local deployment. Unpacks itself into a cache folder the first time, and runs from there.
set -eu
cache="\${XDG_CACHE_HOME:-\${HOME:-/nonexistent}/.cache}/coder-local"
mkdir -p "$cache" 2>/dev/null || cache=$(mktemp -d)
program="$cache/${name}"
if [ ! -x "$program/bin/coder" ]; then
  unpacked=$(mktemp -d "$cache/unpacking-XXXXXX")
  tail -c +${offset} "$0" | tar -xzf - -C "$unpacked"
  [ -x "$program/bin/coder" ] || mv "$unpacked" "$program"
  rm -rf "$unpacked"
fi
exec "$program/bin/coder" "$@"
`
  const digits = 6
  const dataOffset = Buffer.byteLength(text('0'.repeat(digits))) + 1
  return text(String(dataOffset).padStart(digits, '0'))
}
