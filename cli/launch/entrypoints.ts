// Entry points of the other bundles that `coder` runs in its own process or starts: coderd, the agent, the desktop
// shell. Each bundle is loaded by URL and only on demand; its types come from its source.

import { fileURLToPath } from 'node:url'
import type * as AgentBundle from '../../agent/main.ts'
import { coderdNodeFlags } from '../../lib/node-flags.ts'
import type * as ConfigBundle from '../../server/config.ts'
import type * as ServerBundle from '../../server/main.ts'
import type * as MaintenanceBundle from '../../server/maintenance.ts'

export type ServerConfig = Awaited<ReturnType<typeof ConfigBundle.loadConfig>>
export type RunningServer = Awaited<ReturnType<typeof ServerBundle.runServer>>
/** The table of coderd's settings, by setting name. */
export type ServerSettings = typeof ConfigBundle.settings

export const loadServerConfig = (): Promise<typeof ConfigBundle> =>
  import(new URL('../../server/config.ts', import.meta.url).href)

export const loadServer = (): Promise<typeof ServerBundle> =>
  import(new URL('../../server/main.ts', import.meta.url).href)

export const loadMaintenance = (): Promise<typeof MaintenanceBundle> =>
  import(new URL('../../server/maintenance.ts', import.meta.url).href)

export const loadAgent = (): Promise<typeof AgentBundle> => import(new URL('../../agent/main.ts', import.meta.url).href)

const ownProgram = fileURLToPath(new URL('../main.ts', import.meta.url))

/** The command that starts this command line with other arguments, on the same Node. */
export function ownCommand(...args: readonly string[]): [string, ...string[]] {
  return [process.execPath, ownProgram, ...args]
}

/** The command that runs coderd in the foreground. */
export const serverCommand = (): [string, ...string[]] => [process.execPath, ...coderdNodeFlags, ownProgram, 'server']

/** The application folder for Electron; its package.json names the built shell in dist/main. */
export const desktopShellFolder = (): string => fileURLToPath(new URL('..', new URL('../../dist/', import.meta.url)))
