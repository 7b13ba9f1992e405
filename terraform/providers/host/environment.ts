// The environment of processes that templates start: the user's, without the variables of this program and its runtime, and
// with `coder` first in PATH.

import { delimiter } from 'node:path'
import type { HostContext } from './context.ts'

// Variables of this server and its agents, of npm, of Node.js and of Electron: each would change the behavior of the user's
// programs.
const ownVariables = /^(?:CODER_.*|npm_.*|NODE_OPTIONS|ELECTRON_.*)$/i

export function processEnvironment(
  { environment, agentBinDir }: HostContext,
  added: Readonly<Record<string, string>>,
): Record<string, string> {
  const result: Record<string, string> = {}
  for (const [name, value] of Object.entries(environment)) {
    if (value !== undefined && !ownVariables.test(name)) result[name] = value
  }
  Object.assign(result, added)
  result.PATH = [agentBinDir, result.PATH].filter((part) => part).join(delimiter)
  return result
}
