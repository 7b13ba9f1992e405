// Selects the Node.js for the project's programs: the one installed as an npm package, so that the user's Node.js 20 is
// enough to run npm. On platforms without such a package (macOS), the running Node.js if it is new enough.

import { existsSync } from 'node:fs'
import { PlainError } from './progress.mjs'
import { inProject } from './project.mjs'

const neededMajor = 24

/** @returns {string} absolute path of the Node executable for the project's programs */
export function findNode() {
  const installed = installedNode()
  if (existsSync(installed)) return installed
  if (Number(process.versions.node.split('.')[0]) >= neededMajor) return process.execPath
  throw new PlainError(
    `Coder Local requires Node.js ${neededMajor}: this is ${process.versions.node}, and no npm package with Node.js ` +
      `${neededMajor} is installed for ${process.platform}-${process.arch}.\n` +
      `Install Node.js ${neededMajor} or newer and try again. On Linux and Windows \`npm ci\` (without --omit=optional) installs it.`,
  )
}

function installedNode() {
  const platform = process.platform === 'win32' ? 'win' : process.platform
  const executable = process.platform === 'win32' ? 'node.exe' : 'node'
  return inProject('node_modules', `node-${platform}-${process.arch}`, 'bin', executable)
}
