// Paths of the programs that the shell starts: dist/ in a checkout, the resources folder in a package. coderd always runs
// on the project's own Node.js, never on Electron's.

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { app } from 'electron'
import { coderdNodeFlags } from '../lib/node-flags.ts'
import { findNode } from './node-executable.ts'

const checkout = fileURLToPath(new URL('..', new URL('../dist/', import.meta.url)))

/** The folder with dist/ and node_modules/. */
const programsFolder = () => (app.isPackaged ? process.resourcesPath : checkout)

/** The command that runs coderd in the foreground. @throws if a file is missing */
export function coderdCommand(): [string, ...string[]] {
  const program = join(programsFolder(), 'dist', 'cli', 'coder.js')
  if (!existsSync(program))
    throw new Error(`${program} is missing. Build it with \`npm run build\`, or reinstall Coder Local.`)
  return [findNode(programsFolder(), app.isPackaged), ...coderdNodeFlags, program, 'server']
}

/** The shell's environment without Electron's variables. */
export function coderdEnvironment(): NodeJS.ProcessEnv {
  const isOurs = (name: string) =>
    !name.startsWith('ELECTRON_') && !name.startsWith('CHROME_') && name !== 'CODER_LOCAL_NODE'
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => isOurs(name)))
}
