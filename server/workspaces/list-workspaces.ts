// Workspace list pages as JSON text. Each workspace's JSON is cached with a stamp of its rows; an unchanged page costs
// two queries and no serialization. PostgreSQL returns the stamps with each page, so cached entries are never stale.

import fastJson from 'fast-json-stringify'
import type { WorkspaceAgent } from '../../api/agents/agents.ts'
import { Workspace } from '../../api/workspaces/workspaces.ts'
import { staleMs } from '../agents/agent-status.ts'
import type { ServerContext } from '../context.ts'
import { createFindAll } from './find-all-workspaces.ts'
import { findWorkspaces, type Viewer, type WorkspacePage } from './find-workspaces.ts'
import { loadWorkspaces } from './load-workspaces.ts'
import type { WorkspaceFilter } from './workspace-search.ts'
import { readStamps } from './workspace-stamps.ts'

type ListContext = Pick<ServerContext, 'db' | 'pool' | 'connections'>

interface CachedWorkspace {
  readonly stamp: string
  readonly text: Buffer
  /** Connection state of each agent when cached. */
  readonly agents: ReadonlyMap<string, boolean>
  /** Expiry of time-dependent fields, in milliseconds since the epoch. */
  readonly until: number
}

// A few pages per user; each entry has a few kilobytes.
const maxCached = 2_000

export interface WorkspaceList {
  /** Finds the workspaces of a page like findWorkspaces, with a fast path for the unfiltered list. */
  find(viewer: Viewer, filter: WorkspaceFilter, page: WorkspacePage): Promise<{ ids: string[]; count: number }>
  /** JSON texts of the workspaces in the order of `ids`. */
  serialize(ids: readonly string[], viewerId: string): Promise<Buffer[]>
}

export function createWorkspaceList(context: ListContext): WorkspaceList {
  const cached = new Map<string, CachedWorkspace>()
  let stringify: ((workspace: Workspace) => string) | undefined

  function isFresh(entry: CachedWorkspace | undefined, stamp: string, now: number): entry is CachedWorkspace {
    if (!entry || entry.stamp !== stamp || entry.until <= now) return false
    for (const [id, wasConnected] of entry.agents)
      if (context.connections.isConnected(id) !== wasConnected) return false
    return true
  }

  function store(key: string, stamp: string, workspace: Workspace): Buffer {
    stringify ??= fastJson(Workspace as unknown as fastJson.Schema)
    const text = Buffer.from(stringify(workspace))
    const agents = workspace.latest_build.resources.flatMap((resource) => resource.agents ?? [])
    cached.delete(key)
    cached.set(key, {
      stamp,
      text,
      agents: new Map(agents.map(({ id }) => [id, context.connections.isConnected(id)])),
      until: unchangedUntil(workspace, Date.now()),
    })
    if (cached.size > maxCached) cached.delete(cached.keys().next().value as string)
    return text
  }

  const findAll = createFindAll(context.pool)

  return {
    find(viewer, filter, page) {
      if (viewer.mayReadAll && !viewer.onlyIds && filter.isEmpty && page.limit > 0) return findAll(viewer.id, page)
      const connected = context.connections.all().map(({ agent }) => agent.agentId)
      return findWorkspaces(context.db, viewer, filter, page, connected)
    },
    async serialize(ids, viewerId) {
      if (ids.length === 0) return []
      const stamps = await readStamps(context.pool, ids)
      const now = Date.now()
      const texts = new Map<string, Buffer>()
      const missing: string[] = []
      // The owner's view differs from that of other users.
      const keyOf = (id: string) => `${id} ${stamps.get(id)?.ownerId === viewerId}`
      for (const id of ids) {
        const stamp = stamps.get(id)
        const entry = cached.get(keyOf(id))
        if (stamp && isFresh(entry, stamp.text, now)) texts.set(id, entry.text)
        else missing.push(id)
      }
      for (const workspace of await loadWorkspaces(context, missing, viewerId)) {
        const stamp = stamps.get(workspace.id)
        if (stamp) texts.set(workspace.id, store(keyOf(workspace.id), stamp.text, workspace))
      }
      return ids.flatMap((id) => texts.get(id) ?? [])
    },
  }
}

/** Maximum staleness of the names of shared users and groups. */
const sharedNamesTtlMs = 5_000

/** The queue position changes without a write to the job's row. */
function unchangedUntil({ latest_build: build, shared_with }: Workspace, now: number): number {
  if (build.job.status === 'pending') return now
  const agents = build.resources.flatMap((resource) => resource.agents ?? [])
  return Math.min(
    shared_with ? now + sharedNamesTtlMs : Number.POSITIVE_INFINITY,
    ...agents.map((agent) => agentUnchangedUntil(agent, now)),
  )
}

// Interval at which the process of a disconnected agent is checked.
const processCheckMs = 1_000

/** Matches the timeouts of `deriveAgentStatus`. */
function agentUnchangedUntil(agent: WorkspaceAgent, now: number): number {
  const { status, created_at, connection_timeout_seconds: timeout, last_connected_at: seen } = agent
  if (status === 'connecting' && timeout > 0) return new Date(created_at).getTime() + timeout * 1000
  if (status === 'connected' && seen) return new Date(seen).getTime() + staleMs
  return status === 'disconnected' ? now + processCheckMs : Number.POSITIVE_INFINITY
}
