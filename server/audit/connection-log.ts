// Writes the connection log. `logConnected` returns a function that records the end of the connection. Logging is
// best effort: a failure does not affect the connection. routes/deployment/connection-log.ts reads the log.

import { randomUUID } from 'node:crypto'
import type { ConnectionType } from '../../api/deployment/connection-log.ts'
import type { BaseContext } from '../base-context.ts'
import type { Db } from '../database/connect.ts'
import type { NewRow, Row } from '../database/schema.ts'
import { type Actor, plainAddress } from './audit.ts'

type LogContext = Pick<BaseContext, 'db' | 'log'>

interface Connected {
  readonly type: ConnectionType
  readonly workspace: Pick<Row<'workspaces'>, 'id' | 'name' | 'owner_id' | 'organization_id'>
  readonly agentName: string
}

/** Records the start of a connection. @returns records its end, once. */
export function logConnected(
  { db, log }: LogContext,
  actor: Actor,
  connected: Connected,
): (code: number, reason: string) => void {
  const connectionId = randomUUID()
  const logFailure = (err: unknown) => log.warn({ err, connectionId }, 'could not write the connection log')
  const inserted = db
    .insertInto('connection_logs')
    .values({ ...toLogEntry(actor, connected), connection_id: connectionId })
    .execute()
    .catch(logFailure)
  let isEnded = false
  return (code, reason) => {
    if (isEnded) return
    isEnded = true
    inserted.then(() => logEnd(db, connectionId, code, reason)).catch(logFailure)
  }
}

async function logEnd(db: Db, connectionId: string, code: number, reason: string): Promise<void> {
  await db
    .updateTable('connection_logs')
    .set({ disconnect_time: new Date(), code, disconnect_reason: reason })
    .where('connection_id', '=', connectionId)
    .execute()
}

function toLogEntry(actor: Actor, { type, workspace, agentName }: Connected): NewRow<'connection_logs'> {
  return {
    type,
    organization_id: workspace.organization_id,
    workspace_owner_id: workspace.owner_id,
    workspace_id: workspace.id,
    workspace_name: workspace.name,
    agent_name: agentName,
    ip: plainAddress(actor.ip),
    user_agent: (actor.headers['user-agent'] ?? '').slice(0, 512),
    user_id: actor.principal?.userId ?? null,
  }
}

/** Closes entries left open by the previous run of the only coderd. */
export async function closeStaleConnections(db: Db): Promise<void> {
  await db
    .updateTable('connection_logs')
    .set({ disconnect_time: new Date(), disconnect_reason: 'coderd terminated' })
    .where('disconnect_time', 'is', null)
    .where('connection_id', 'is not', null)
    .execute()
}
