// Where the provider keeps what belongs to one workspace.

import { existsSync, readdirSync, rmdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { HostContext } from './context.ts'

// The id becomes a part of a path, so nothing else than an id may stand there.
const idPattern = /^[\w-]+$/

export function workspaceDir({ dataDir, workspaceId }: HostContext): string {
  if (!idPattern.test(workspaceId)) throw new Error(`${JSON.stringify(workspaceId)} is no workspace id`)
  return join(dataDir, 'workspaces', workspaceId)
}

/** Takes away what processes of a deleted workspace left: their logs and records, by name, the terminals that its agents
 *  keep, and then the folders if nothing else is in them. What anybody else put there stays. */
export function removeWorkspaceFiles(context: HostContext): void {
  const dir = workspaceDir(context)
  removeFiles(join(dir, 'processes'), '.json')
  rmSync(join(dir, 'terminals'), { recursive: true, force: true })
  removeFiles(dir, '.log')
}

function removeFiles(dir: string, ending: string): void {
  if (!existsSync(dir)) return // nothing was ever started
  const [ours, others] = [new Set<string>(), new Set<string>()]
  for (const name of readdirSync(dir)) (name.endsWith(ending) ? ours : others).add(name)
  for (const name of ours) rmSync(join(dir, name), { force: true })
  if (others.size === 0) rmdirSync(dir)
}
