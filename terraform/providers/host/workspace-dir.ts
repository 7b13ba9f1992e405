// The folder of a workspace, with its logs, process records, terminals and script data.

import { existsSync, readdirSync, rmdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { HostContext } from './context.ts'

// The id becomes a path component, so nothing else is accepted.
const idPattern = /^[\w-]+$/

export function workspaceDir({ dataDir, workspaceId }: HostContext): string {
  if (!idPattern.test(workspaceId)) throw new Error(`${JSON.stringify(workspaceId)} is not a workspace id`)
  return join(dataDir, 'workspaces', workspaceId)
}

/** Removes the logs, process records, terminals and script data of a deleted workspace, and the folders if they are then
 *  empty. Other files stay. */
export function removeWorkspaceFiles(context: HostContext): void {
  const dir = workspaceDir(context)
  removeFiles(join(dir, 'processes'), '.json')
  for (const name of ['terminals', 'scripts']) rmSync(join(dir, name), { recursive: true, force: true })
  removeFiles(dir, '.log')
}

function removeFiles(dir: string, ending: string): void {
  if (!existsSync(dir)) return // nothing was ever started
  const [ours, others] = [new Set<string>(), new Set<string>()]
  for (const name of readdirSync(dir)) (name.endsWith(ending) ? ours : others).add(name)
  for (const name of ours) rmSync(join(dir, name), { force: true })
  if (others.size === 0) rmdirSync(dir)
}
