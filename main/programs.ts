// Where the programs lie that the shell starts. In a checkout they are beside the shell in dist/; in a package the shell
// is in the archive and they are in the resources. coderd always runs on the project's own Node, never on Electron's.

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { app } from 'electron'

const checkout = fileURLToPath(new URL('..', new URL('../dist/', import.meta.url)))

/** The folder that holds dist/ and node_modules/. */
const programsFolder = () => (app.isPackaged ? process.resourcesPath : checkout)

/** What runs coderd in the foreground. @throws when a part is missing. */
export function coderdCommand(): [string, ...string[]] {
  const program = join(programsFolder(), 'dist', 'cli', 'coder.js')
  if (!existsSync(program))
    throw new Error(`${program} is missing. Build it with \`npm run build\`, or install Coder Local again.`)
  return [findNode(), program, 'server']
}

/** `npm start` names the Node that it runs on itself; a package has one inside. */
function findNode(): string {
  const named = process.env.CODER_LOCAL_NODE
  if (named) return named
  const isWindows = process.platform === 'win32'
  const folder = `node-${isWindows ? 'win' : process.platform}-${process.arch}`
  const node = join(programsFolder(), 'node_modules', folder, 'bin', isWindows ? 'node.exe' : 'node')
  if (!existsSync(node)) throw new Error(`${node} is missing. Start with \`npm start\`, or install Coder Local again.`)
  return node
}

/** coderd's environment: ours, without what is meant for Electron. */
export function coderdEnvironment(): NodeJS.ProcessEnv {
  const isOurs = (name: string) =>
    !name.startsWith('ELECTRON_') && !name.startsWith('CHROME_') && name !== 'CODER_LOCAL_NODE'
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => isOurs(name)))
}
