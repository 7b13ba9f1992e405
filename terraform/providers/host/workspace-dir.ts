// Where the provider keeps what belongs to one workspace.

import { join } from 'node:path'
import type { HostContext } from './context.ts'

// The id becomes a part of a path, so nothing else than an id may stand there.
const idPattern = /^[\w-]+$/

export function workspaceDir({ dataDir, workspaceId }: HostContext): string {
  if (!idPattern.test(workspaceId)) throw new Error(`${JSON.stringify(workspaceId)} is no workspace id`)
  return join(dataDir, 'workspaces', workspaceId)
}
