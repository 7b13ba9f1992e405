// Agents of earlier versions (e2e/earlier-agents), put into the data folder as coderd puts its own there.

import { execFileSync } from 'node:child_process'
import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { installAgent } from '../../server/provisioner/install-agent.ts'

const archives = fileURLToPath(new URL('../earlier-agents/', import.meta.url))
const dist = fileURLToPath(new URL('../../dist/', import.meta.url))

const ending = '.tar.gz'

/** Names of all there are. */
export const earlierAgents = readdirSync(archives)
  .filter((file) => file.endsWith(ending))
  .map((file) => basename(file, ending))

interface InstalledAgent {
  /** Of its folder below `<dataDir>/agent`. */
  readonly name: string
  /** Its `coder`, as an absolute path. */
  readonly coder: string
}

/** Makes an earlier agent the newest one of a data folder, and takes away those that no process runs. */
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
