// Reads the connection log. Entries are written by server/audit/connection-log.ts.

import type { FastifyInstance } from 'fastify'
import { sql } from 'kysely'
import type { User } from '../../../api/account/users.ts'
import { type ConnectionLog, ConnectionType, listConnectionLogs } from '../../../api/deployment/connection-log.ts'
import { type Log, readLogPage } from '../../audit/log-page.ts'
import {
  dayMs,
  idKey,
  organizationsNamed,
  type SearchKeys,
  timeKey,
  usersNamed,
  usersWithEmail,
  wordKey,
} from '../../audit/log-search.ts'
import type { ServerContext } from '../../context.ts'
import type { Db } from '../../database/connect.ts'
import type { Row } from '../../database/schema.ts'
import { serve } from '../../http/serve.ts'
import { authorize } from '../../policy/policy.ts'
import { usersById } from '../../users/to-user.ts'
import { minimalOrganizations } from '../organizations/organizations.ts'

export function registerConnectionLogRoutes(app: FastifyInstance, context: ServerContext): void {
  const { db } = context

  serve(app, listConnectionLogs, async (request) => {
    authorize(request, 'list', { resource: 'connection_log' })
    const { rows, count } = await readLogPage(db, connectionLog, request)
    return { connection_logs: await toConnectionLogs(db, rows), count }
  })
}

const searchKeys = (viewerId: string): SearchKeys => ({
  organization: (name) => sql<boolean>`log.organization_id in ${organizationsNamed(name)}`,
  workspace_owner: (name) => sql<boolean>`log.workspace_owner_id in ${usersNamed(name, viewerId)}`,
  workspace_owner_email: (email) => sql<boolean>`log.workspace_owner_id in ${usersWithEmail(email)}`,
  type: wordKey('type', ConnectionType.enum, (word) => sql`log.type = ${word}`),
  username: (name) => sql<boolean>`log.user_id in ${usersNamed(name, viewerId)}`,
  user_email: (email) => sql<boolean>`log.user_id in ${usersWithEmail(email)}`,
  connected_after: timeKey('connected_after', (time) => sql`log.connect_time >= ${time}`),
  connected_before: timeKey('connected_before', (time) => sql`log.connect_time < ${time}`, dayMs),
  workspace_id: idKey('workspace_id', (id) => sql`log.workspace_id = ${id}`),
  connection_id: idKey('connection_id', (id) => sql`log.connection_id = ${id}`),
  status: wordKey('status', ['ongoing', 'completed'], (word) => {
    const isOngoing = sql<boolean>`(log.connection_id is not null and log.disconnect_time is null)`
    return word === 'ongoing' ? isOngoing : sql`not ${isOngoing}`
  }),
})

const connectionLog: Log<'connection_logs'> = {
  table: 'connection_logs',
  resource: 'connection_log',
  time: 'connect_time',
  noun: 'connection',
  searchKeys,
  bareKey: 'workspace_owner',
}

async function toConnectionLogs(db: Db, rows: readonly Row<'connection_logs'>[]): Promise<ConnectionLog[]> {
  const [users, organizations] = await Promise.all([
    usersById(
      db,
      rows.flatMap(({ user_id, workspace_owner_id }) => [user_id, workspace_owner_id]),
    ),
    minimalOrganizations(
      db,
      rows.map(({ organization_id }) => organization_id),
    ),
  ])
  return rows.map((row) => ({
    id: row.id,
    connect_time: row.connect_time.toISOString(),
    organization: organizations.get(row.organization_id) ?? unknownOrganization(row.organization_id),
    workspace_owner_id: row.workspace_owner_id,
    workspace_owner_username: users.get(row.workspace_owner_id)?.username ?? '',
    workspace_id: row.workspace_id,
    workspace_name: row.workspace_name,
    agent_name: row.agent_name,
    ...(row.ip && { ip: row.ip }),
    type: row.type,
    ...(row.connection_id ? { ssh_info: toSshInfo(row, row.connection_id) } : { web_info: toWebInfo(row, users) }),
  }))
}

const unknownOrganization = (id: string) => ({ id, name: '', display_name: '', icon: '' })

/** Close codes of a terminal's WebSocket when its page is closed or left. */
const usualCloseCodes: readonly number[] = [1000, 1001, 1005]

/** Converts the close code to an exit code, which Coder's pages show: any value but 0 is a failure. */
function toSshInfo(row: Row<'connection_logs'>, connectionId: string) {
  const failed = row.code !== null && !usualCloseCodes.includes(row.code)
  const reason = row.disconnect_reason || (failed ? `closed with ${row.code}` : '')
  return {
    connection_id: connectionId,
    ...(row.disconnect_time && { disconnect_time: row.disconnect_time.toISOString() }),
    ...(reason && { disconnect_reason: reason }),
    ...(row.code !== null && { exit_code: failed ? 1 : 0 }),
  }
}

function toWebInfo(row: Row<'connection_logs'>, users: ReadonlyMap<string, User>) {
  return {
    user_agent: row.user_agent,
    user: users.get(row.user_id ?? '') ?? null,
    slug_or_port: row.slug_or_port ?? '',
    status_code: row.code ?? 0,
  }
}
