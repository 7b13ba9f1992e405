// Locates the services program: the newest agent that coderd has installed in the data folder, because a holder
// survives upgrades; otherwise the holder's own.

import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { bundledLoader } from '../lib/bundled-loader.ts'

export interface ServicesProgram {
  readonly file: string
  /** Its Node.js executable. */
  readonly node: string
}

const own: ServicesProgram = {
  file: fileURLToPath(new URL('./services/main.ts', import.meta.url)),
  node: ownNode(),
}

/** The executable is the loader if Node.js runs with the libraries of the archive (lib/agent-archive.ts). */
function ownNode(): string {
  const { execPath } = process
  return execPath.endsWith(`/${bundledLoader}`) ? join(execPath, '../../run-node') : execPath
}

/** @param dataDir of the deployment, if it is on this computer */
export function findServices(dataDir: string | undefined): ServicesProgram {
  const name = dataDir && readCurrent(join(dataDir, 'agent', 'current'))
  if (!dataDir || !name) return own
  const folder = join(dataDir, 'agent', name)
  const newest = { file: join(folder, 'agent', 'services.js'), node: join(folder, 'node') }
  return existsSync(newest.file) && existsSync(newest.node) ? newest : own
}

/** Name of a folder; empty when unknown. */
function readCurrent(path: string): string {
  try {
    return /^[\w.+-]+$/.exec(readFileSync(path, 'utf8').trim())?.[0] ?? ''
  } catch {
    return ''
  }
}
