// Data folder of a deployment. Never the folder of the official client.

import { homedir } from 'node:os'
import { join, resolve } from 'node:path'

/** @param configured CODER_CONFIG_DIR or its flag; empty means the default of the platform. */
export function resolveDataDir(configured: string | undefined, env: NodeJS.ProcessEnv = process.env): string {
  return configured ? resolve(configured.replace(/^~(?=\/|$)/, homedir())) : defaultDataDir(env)
}

function defaultDataDir(env: NodeJS.ProcessEnv): string {
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Application Support', 'coder-local')
  if (process.platform === 'win32') return join(env.LOCALAPPDATA ?? join(homedir(), 'AppData', 'Local'), 'coder-local')
  return join(env.XDG_DATA_HOME || join(homedir(), '.local', 'share'), 'coder-local')
}
