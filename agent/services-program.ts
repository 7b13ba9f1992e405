// Which services a holder starts: those of the newest agent that coderd has put into the data folder, since a holder lives
// on through upgrades; its own where nothing newer is known.

import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export interface ServicesProgram {
  readonly file: string
  /** The Node that goes with it. */
  readonly node: string
}

const own: ServicesProgram = {
  file: fileURLToPath(new URL('./services/main.ts', import.meta.url)),
  node: process.execPath,
}

/** @param dataDir of the deployment, where it is on this computer */
export function findServices(dataDir: string | undefined): ServicesProgram {
  const name = dataDir && readCurrent(join(dataDir, 'agent', 'current'))
  if (!dataDir || !name) return own
  const folder = join(dataDir, 'agent', name)
  const newest = { file: join(folder, 'agent', 'services.js'), node: join(folder, 'node') }
  return existsSync(newest.file) && existsSync(newest.node) ? newest : own
}

/** Name of a folder; empty where nothing of that kind is said. */
function readCurrent(path: string): string {
  try {
    return /^[\w.+-]+$/.exec(readFileSync(path, 'utf8').trim())?.[0] ?? ''
  } catch {
    return ''
  }
}
