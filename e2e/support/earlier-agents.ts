// Installs agents of earlier versions (e2e/earlier-agents) into a data folder, in the same way as coderd installs its own.

import { execFileSync } from 'node:child_process'
import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { installAgent } from '../../server/provisioner/install-agent.ts'

const archives = fileURLToPath(new URL('../earlier-agents/', import.meta.url))
const dist = fileURLToPath(new URL('../../dist/', import.meta.url))

const ending = '.tar.gz'

/** The names of all archives. */
export const earlierAgents = readdirSync(archives)
  .filter((file) => file.endsWith(ending))
  .map((file) => basename(file, ending))

interface InstalledAgent {
  /** The name of its folder in `<dataDir>/agent`. */
  readonly name: string
  /** The absolute path of its `coder` program. */
  readonly coder: string
}

/** Makes an earlier agent the current version of a data folder, and removes versions that no process runs. */
export async function installEarlierAgent(archive: string, dataDir: string): Promise<InstalledAgent> {
  const unpacked = mkdtempSync(join(tmpdir(), 'coder-local-earlier-'))
  try {
    execFileSync('tar', ['-xzf', join(archives, `${archive}${ending}`), '-C', unpacked])
    const agent = join(unpacked, 'agent')
    cpSync(join(dist, 'agent', 'node_modules'), join(agent, 'node_modules'), { recursive: true })
    const bin = await installAgent(dataDir, { agent, cli: join(dist, 'cli') })
    return { name: basename(dirname(bin)), coder: join(bin, 'coder') }
  } finally {
    rmSync(unpacked, { recursive: true })
  }
}
