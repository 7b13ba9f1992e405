// Agent metadata: stores the latest value of each item and streams it to watchers.

import { sql } from 'kysely'
import type { WorkspaceAgentMetadata } from '../../api/agents/agent-measurements.ts'
import { maxMetadataLength } from '../../api/agents/agent-protocol.ts'
import { zeroTime } from '../../api/common.ts'
import type { BaseContext } from '../base-context.ts'
import { notifyChannel } from '../database/channels.ts'
import type { Db } from '../database/connect.ts'

const channelOf = (agentId: string) => `agent_metadata:${agentId}`

export interface MeasuredValue {
  readonly key: string
  readonly value: string
  readonly error: string
  readonly collected_at: string
}

/** Stores values of items that the template defines. @returns the number of stored values */
export async function storeMetadata(db: Db, agentId: string, values: readonly MeasuredValue[]): Promise<number> {
  const newest = new Map(values.map((value) => [value.key, value]))
  if (newest.size === 0) return 0
  return await db.transaction().execute(async (tx) => {
    // Durability is not needed: lost values are collected again.
    await sql`set local synchronous_commit = off`.execute(tx)
    const items = await tx
      .selectFrom('workspace_agent_metadata')
      .select('key')
      .where('workspace_agent_id', '=', agentId)
      .where('key', 'in', [...newest.keys()])
      .execute()
    const rows = items.flatMap(({ key }) => {
      const measured = newest.get(key)
      return measured ? [toRow(agentId, measured)] : []
    })
    if (rows.length === 0) return 0
    await tx
      .insertInto('workspace_agent_metadata_values')
      .values(rows)
      .onConflict((conflict) =>
        conflict.columns(['workspace_agent_id', 'key']).doUpdateSet((eb) => ({
          value: eb.ref('excluded.value'),
          error: eb.ref('excluded.error'),
          collected_at: eb.ref('excluded.collected_at'),
        })),
      )
      .execute()
    await notifyChannel(tx, channelOf(agentId))
    return rows.length
  })
}

function toRow(agentId: string, { key, value, error, collected_at }: MeasuredValue) {
  // PostgreSQL text cannot contain NUL.
  const cut = (text: string) => text.replaceAll('\0', '').slice(0, maxMetadataLength)
  return {
    workspace_agent_id: agentId,
    key,
    value: cut(value),
    error: cut(error),
    collected_at: new Date(collected_at),
  }
}

/** Returns all items in template order, including those without a value. */
async function readMetadata(db: Db, agentId: string, now: Date): Promise<WorkspaceAgentMetadata[]> {
  const rows = await db
    .selectFrom('workspace_agent_metadata as item')
    .leftJoin('workspace_agent_metadata_values as measured', (join) =>
      join.onRef('measured.workspace_agent_id', '=', 'item.workspace_agent_id').onRef('measured.key', '=', 'item.key'),
    )
    .where('item.workspace_agent_id', '=', agentId)
    .orderBy('item.display_order')
    .orderBy('item.key')
    .select([
      'item.key',
      'item.display_name',
      'item.script',
      'item.interval_seconds',
      'item.timeout_seconds',
      'measured.value',
      'measured.error',
      'measured.collected_at',
    ])
    .execute()
  return rows.map((row) => ({
    result: {
      collected_at: row.collected_at?.toISOString() ?? zeroTime,
      age: row.collected_at ? Math.max(0, Math.floor((now.getTime() - row.collected_at.getTime()) / 1000)) : 0,
      value: row.value ?? '',
      error: row.error ?? '',
    },
    description: {
      display_name: row.display_name,
      key: row.key,
      script: row.script,
      interval: row.interval_seconds,
      timeout: row.timeout_seconds,
    },
  }))
}

// Minimum interval between updates after changes.
const minIntervalMs = 1_000
// Maximum interval, because updates include the age of values.
const maxIntervalMs = 5_000

/** Sends all items immediately, after changes, and every few seconds. @returns a function that stops watching */
export function watchMetadata(
  { db, channels, outages, log, clock }: Pick<BaseContext, 'db' | 'channels' | 'outages' | 'log' | 'clock'>,
  agentId: string,
  send: (items: WorkspaceAgentMetadata[]) => void,
): () => void {
  let isStopped = false
  let isChanged = false
  let lastReadAt = 0
  let timer: NodeJS.Timeout | undefined
  let reading: Promise<void> | undefined

  async function read(): Promise<void> {
    isChanged = false
    const items = await readMetadata(db, agentId, clock.now())
    lastReadAt = Date.now()
    if (!isStopped) send(items)
  }

  function startRead(): void {
    reading ??= outages.watch('agent metadata', read()).finally(() => {
      reading = undefined
      scheduleRead()
    })
  }

  function scheduleRead(): void {
    clearTimeout(timer)
    if (isStopped) return
    const delayMs = lastReadAt + (isChanged ? minIntervalMs : maxIntervalMs) - Date.now()
    timer = setTimeout(startRead, Math.max(0, delayMs))
  }

  const listening = channels.listen(channelOf(agentId), () => {
    isChanged = true
    if (!reading) scheduleRead()
  })
  startRead()
  return () => {
    isStopped = true
    clearTimeout(timer)
    listening.then((stop) => stop()).catch((err: unknown) => log.warn({ err, agentId }, 'unlisten failed'))
  }
}
