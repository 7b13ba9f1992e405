// Which Node the project's programs run on: the one that npm installed beside the other packages, so that a stock
// Node 20 is enough to start. Where no package brings one (Macs), the Node that runs this, if it is new enough.

import { existsSync } from 'node:fs'
import { PlainError } from './progress.mjs'
import { inProject } from './project.mjs'

const neededMajor = 24

/** @returns {string} absolute path of the Node executable to run our programs on */
export function findNode() {
  const installed = installedNode()
  if (existsSync(installed)) return installed
  if (Number(process.versions.node.split('.')[0]) >= neededMajor) return process.execPath
  throw new PlainError(
    `Coder Local runs on Node.js ${neededMajor}; this is ${process.versions.node}, and no package of Node.js ` +
      `${neededMajor} is installed for ${process.platform}-${process.arch}.\n` +
      `Install Node.js ${neededMajor} or newer and start again. On Linux and Windows \`npm ci\` (without --omit=optional) brings it.`,
  )
}

function installedNode() {
  const platform = process.platform === 'win32' ? 'win' : process.platform
  const executable = process.platform === 'win32' ? 'node.exe' : 'node'
  return inProject('node_modules', `node-${platform}-${process.arch}`, 'bin', executable)
}
