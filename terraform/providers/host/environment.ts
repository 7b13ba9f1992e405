// The environment of processes that templates start: the person's own, without what belongs to this program and its
// runtime, and with `coder` found first.

import { delimiter } from 'node:path'
import type { HostContext } from './context.ts'

// Settings of this server and its agents, of npm when it started us, of Node and of the desktop shell: each would
// change how the person's own programs behave.
const notThePersons = /^(?:CODER_.*|npm_.*|NODE_OPTIONS|ELECTRON_.*)$/i

export function processEnvironment(
  { environment, agentBinDir }: HostContext,
  added: Readonly<Record<string, string>>,
): Record<string, string> {
  const result: Record<string, string> = {}
  for (const [name, value] of Object.entries(environment)) {
    if (value !== undefined && !notThePersons.test(name)) result[name] = value
  }
  Object.assign(result, added)
  result.PATH = [agentBinDir, result.PATH].filter((part) => part).join(delimiter)
  return result
}
