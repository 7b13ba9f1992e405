// The folder of the data and logs of an agent's scripts. Private: in a shared temporary folder, other users could read
// them, occupy their predictable names or replace programs that scripts install.

import { chmodSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Manifest } from '../manifest.ts'

const idPattern = /^[0-9A-Za-z][0-9A-Za-z_-]{0,127}$/

/** Opens the folder in the data folder of a deployment on this computer, which deletes it with the workspace; otherwise
 *  in the user's state folder. Removes what scripts of earlier builds left. If that fails, creates a folder with a
 *  random name. */
export function openScriptFolder(
  dataDir: string | undefined,
  env: NodeJS.ProcessEnv,
  { workspace_id, agent_name, scripts }: Pick<Manifest, 'workspace_id' | 'agent_name' | 'scripts'>,
): string {
  try {
    if (![workspace_id, agent_name].every((name) => idPattern.test(name))) throw new Error('invalid name')
    const stateDir = env.XDG_STATE_HOME || join(homedir(), '.local', 'state')
    const folder = dataDir
      ? join(dataDir, 'workspaces', workspace_id, 'scripts', agent_name)
      : join(stateDir, 'coder-local', 'scripts', workspace_id, agent_name)
    makePrivate(folder)
    removeStale(folder, new Set(scripts.map(({ id }) => id)))
    return folder
  } catch {
    return mkdtempSync(join(tmpdir(), 'coder-scripts-'))
  }
}

/** @throws Error if the folder belongs to another user or is a link */
function makePrivate(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const stat = lstatSync(folder)
  const uid = process.getuid?.() ?? stat.uid
  if (!stat.isDirectory() || stat.uid !== uid) throw new Error(`${folder} belongs to another user`)
  chmodSync(folder, 0o700)
}

/** Entries are named by script, whose IDs change with each build. */
function removeStale(folder: string, ids: ReadonlySet<string>): void {
  for (const name of readdirSync(folder)) {
    if (name !== binFolder && !ids.has(name.replace(/\.log$/, '')))
      rmSync(join(folder, name), { recursive: true, force: true })
  }
}

/** Programs that scripts install for other scripts. */
export const binFolder = 'bin'
