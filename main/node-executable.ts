// The Node.js executable that runs coderd.

import { existsSync } from 'node:fs'
import { join } from 'node:path'

/**
 * `npm start` passes the path of its own Node.js in CODER_LOCAL_NODE. A package contains one and ignores the variable.
 * @param programsFolder the folder with dist/ and node_modules/
 * @throws if the file is missing
 */
export function findNode(programsFolder: string, isPackaged: boolean): string {
  const named = process.env.CODER_LOCAL_NODE
  if (named && !isPackaged) return named
  const isWindows = process.platform === 'win32'
  const folder = `node-${isWindows ? 'win' : process.platform}-${process.arch}`
  const node = join(programsFolder, 'node_modules', folder, 'bin', isWindows ? 'node.exe' : 'node')
  if (!existsSync(node)) throw new Error(`${node} is missing. Start with \`npm start\`, or reinstall Coder Local.`)
  return node
}
