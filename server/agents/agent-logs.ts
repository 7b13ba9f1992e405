// Agent logs: stores lines up to the limit, reads them, and streams them over a WebSocket.

import type { WebSocket } from 'ws'
import type { PatchLogsRequest, WorkspaceAgentLog, WorkspaceAgentLogSource } from '../../api/agents/agents.ts'
import { ApiError } from '../../api/errors.ts'
import type { FollowLogsQuery, LogsQuery } from '../../api/organizations/provisioner-jobs.ts'
import type { BaseContext } from '../base-context.ts'
import { notifyChannel } from '../database/channels.ts'
import type { Db } from '../database/connect.ts'
import type { AgentPrincipal } from '../policy/agent-principal.ts'
import { isSuperseded } from './superseded-agent.ts'

/** Coder's limit; a CHECK constraint of the column enforces the same value. */
const maxLogBytes = 1024 * 1024

// Bytes that a line counts at least: limits the number of lines, including empty ones, to 32,768 per agent.
const minLineBytes = 32
// Parameters of a statement are limited to 65,535.
const insertedRows = 5_000
// Log sources of an agent: responses contain all of them. Templates define one per script.
const maxLogSources = 256
// Lines per frame of a stream.
const followedLines = 1_000

const channelOf = (agentId: string) => `agent_logs:${agentId}`

/** Stores the lines that fit within the limit.
 *  @throws ApiError 413 if a line does not fit; 400 if the log source is unknown */
export async function insertAgentLogs(
  { db, events }: Pick<BaseContext, 'db' | 'events'>,
  agent: AgentPrincipal,
  { log_source_id, logs }: PatchLogsRequest,
): Promise<void> {
  const isOverflowing = await db.transaction().execute(async (tx) => {
    const source = await tx
      .selectFrom('workspace_agent_log_sources')
      .select('id')
      .where('workspace_agent_id', '=', agent.agentId)
      .where('id', '=', log_source_id)
      .executeTakeFirst()
    if (!source) throw unknownSource()
    const before = await tx
      .selectFrom('workspace_agents')
      .select(['logs_length', 'logs_overflowed'])
      .where('id', '=', agent.agentId)
      .forUpdate()
      .executeTakeFirstOrThrow()
    // PostgreSQL text cannot contain NUL.
    const lines = logs.map((line) => ({ ...line, output: line.output.replaceAll('\0', '') }))
    const { fitting, bytes } = takeLinesThatFit(lines, maxLogBytes - before.logs_length)
    const overflows = before.logs_overflowed || fitting.length < lines.length
    if (fitting.length > 0) {
      const rows = fitting.map(({ created_at, level, output }) => ({
        agent_id: agent.agentId,
        log_source_id,
        created_at: new Date(created_at),
        level,
        output,
      }))
      for (let at = 0; at < rows.length; at += insertedRows) {
        const part = rows.slice(at, at + insertedRows)
        await tx.insertInto('workspace_agent_logs').values(part).execute()
      }
    }
    await tx
      .updateTable('workspace_agents')
      .set({ logs_length: before.logs_length + bytes, logs_overflowed: overflows })
      .where('id', '=', agent.agentId)
      .execute()
    await notifyChannel(tx, channelOf(agent.agentId))
    // Dashboards stream the lines separately: this event reports only the first line and the overflow.
    if (before.logs_length === 0 || overflows !== before.logs_overflowed) {
      await events.publish(tx, { type: 'workspace', workspace_id: agent.workspaceId, reason: 'agent_logs' })
    }
    return overflows
  })
  if (isOverflowing)
    throw new ApiError(413, 'Logs limit exceeded', {
      detail: `The log of an agent is limited to ${maxLogBytes} bytes.`,
    })
}

const unknownSource = () =>
  new ApiError(400, 'Unknown log source.', {
    detail: 'Register it first: POST /api/v2/workspaceagents/me/log-source.',
  })

function takeLinesThatFit<Line extends { readonly output: string }>(
  lines: readonly Line[],
  freeBytes: number,
): { fitting: Line[]; bytes: number } {
  let bytes = 0
  const fitting: Line[] = []
  for (const line of lines) {
    const lineBytes = Math.max(minLineBytes, Buffer.byteLength(line.output))
    if (bytes + lineBytes > freeBytes) break
    bytes += lineBytes
    fitting.push(line)
  }
  return { fitting, bytes }
}

/** Registers a log source or renames it. @throws ApiError 400 above the limit of sources */
export async function storeLogSource(
  db: Db,
  agentId: string,
  source: Pick<WorkspaceAgentLogSource, 'id' | 'display_name' | 'icon'>,
): Promise<WorkspaceAgentLogSource> {
  const { created_at } = await db.transaction().execute(async (tx) => {
    // Serializes concurrent requests of an agent.
    await tx.selectFrom('workspace_agents').select('id').where('id', '=', agentId).forUpdate().execute()
    const { others } = await tx
      .selectFrom('workspace_agent_log_sources')
      .select((eb) => eb.fn.countAll<string>().as('others'))
      .where('workspace_agent_id', '=', agentId)
      .where('id', '!=', source.id)
      .executeTakeFirstOrThrow()
    if (Number(others) >= maxLogSources) throw tooManySources()
    return await tx
      .insertInto('workspace_agent_log_sources')
      .values({ ...source, workspace_agent_id: agentId })
      .onConflict((conflict) =>
        conflict
          .columns(['workspace_agent_id', 'id'])
          .doUpdateSet({ display_name: source.display_name, icon: source.icon }),
      )
      .returning('created_at')
      .executeTakeFirstOrThrow()
  })
  return { workspace_agent_id: agentId, ...source, created_at: created_at.toISOString() }
}

const tooManySources = () =>
  new ApiError(400, 'The agent has too many log sources.', {
    detail: `The limit is ${maxLogSources}. Use an existing source.`,
  })

/** Returns the stored lines: all of the range, which `maxLogBytes` bounds, or the first `limit`. */
export async function readAgentLogs(
  db: Db,
  agentId: string,
  { after, before }: LogsQuery,
  limit?: number,
): Promise<WorkspaceAgentLog[]> {
  const lines = await db
    .selectFrom('workspace_agent_logs')
    .selectAll()
    .where('agent_id', '=', agentId)
    .$if(after !== undefined, (query) => query.where('id', '>', after ?? 0))
    .$if(before !== undefined, (query) => query.where('id', '<', before ?? 0))
    .orderBy('id')
    .$if(limit !== undefined, (query) => query.limit(limit as number))
    .execute()
  return lines.map(({ id, created_at, output, level, log_source_id }) => ({
    id,
    created_at: created_at.toISOString(),
    output,
    level,
    source_id: log_source_id,
  }))
}

// New lines are announced by NOTIFY; polling covers a lost notification.
const pollMs = 5_000

/** Sends stored and new lines, one array per frame, until the client disconnects or the agent is superseded. */
export async function followAgentLogs(
  { db, channels, outages, log }: Pick<BaseContext, 'db' | 'channels' | 'outages' | 'log'>,
  agentId: string,
  { after = 0 }: FollowLogsQuery,
  socket: WebSocket,
): Promise<void> {
  let lastId = after
  let reading: Promise<void> | undefined
  let isReadPending = false

  async function read(): Promise<void> {
    do {
      isReadPending = false
      // Read before the lines: a superseded agent writes no more lines.
      const isComplete = await isSuperseded(db, agentId)
      const lines = await readAgentLogs(db, agentId, { after: lastId }, followedLines)
      if (socket.readyState !== socket.OPEN) return
      if (lines.length > 0) socket.send(JSON.stringify(lines))
      lastId = lines.at(-1)?.id ?? lastId
      if (lines.length === followedLines) isReadPending = true
      else if (isComplete) socket.close(1000)
    } while (isReadPending)
  }

  /** Runs one query at a time; notifications during a query trigger one more. */
  function scheduleRead(): void {
    isReadPending = true
    reading ??= outages.watch('agent logs', read()).finally(() => (reading = undefined))
  }

  // The socket can close before listening has started.
  const listening = channels.listen(channelOf(agentId), scheduleRead)
  const timer = setInterval(scheduleRead, pollMs)
  socket.on('close', () => {
    clearInterval(timer)
    listening.then((stop) => stop()).catch((err: unknown) => log.warn({ err }, 'unlisten failed'))
  })
  await listening
  scheduleRead()
}
