// Command history: stored for the workspace owner, who can search and delete it.

import { sql } from 'kysely'
import { defaultTerminalPreferences, type ReportedCommand, type StoredCommand } from '../../api/agents/terminals.ts'
import { hasControlCharacters } from '../../lib/control-characters.ts'
import type { Db } from '../database/connect.ts'
import type { AgentPrincipal } from '../policy/agent-principal.ts'
import { readPreferences } from './preferences.ts'

/** Stores commands if the owner and workspace settings allow it; existing entries do not change. */
export async function storeCommands(
  db: Db,
  agent: AgentPrincipal,
  reported: readonly ReportedCommand[],
): Promise<void> {
  const recorded = reported.filter((command) => !isSecret(command) && isPlainText(command))
  const { history_days } = await readPreferences(db, agent.ownerId)
  if (recorded.length === 0 || history_days === 0 || (await isHistoryDisabled(db, agent.workspaceId))) return
  await db
    .insertInto('terminal_commands')
    .values(
      recorded.map((command) => ({
        ...command,
        started_at: new Date(command.started_at),
        user_id: agent.ownerId,
        workspace_id: agent.workspaceId,
        agent_name: agent.name,
      })),
    )
    .onConflict((conflict) => conflict.doNothing())
    .execute()
}

async function isHistoryDisabled(db: Db, workspaceId: string): Promise<boolean> {
  const { terminal_kept_lines } = await db
    .selectFrom('workspaces')
    .select('terminal_kept_lines')
    .where('id', '=', workspaceId)
    .executeTakeFirstOrThrow()
  return terminal_kept_lines === 0
}

/** Commands with a leading space are not recorded, as in shells. */
const isSecret = ({ command }: ReportedCommand) => /^\s/.test(command)

/** Commands are inserted into other workspaces' terminals, where control characters act as keys. */
const isPlainText = ({ command, cwd }: ReportedCommand) => !hasControlCharacters(command) && !hasControlCharacters(cwd)

export interface CommandSearch {
  readonly q?: string | undefined
  readonly workspace?: string | undefined
  readonly limit: number
  readonly before?: Cursor | undefined
}

/** Pagination cursor: the next page has older commands. */
interface Cursor {
  readonly startedAt: Date
  readonly id: string
}

const uuid = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}'

/** @returns undefined for an invalid cursor */
export function parseCursor(text: string): Cursor | undefined {
  const [, ms, id] = new RegExp(`^(\\d{1,15})_(${uuid})$`, 'i').exec(text) ?? []
  const startedAt = new Date(Number(ms))
  return id && !Number.isNaN(startedAt.getTime()) ? { startedAt, id } : undefined
}

// A page has fewer commands than its limit if they are long.
const maxPageBytes = 4 * 1024 * 1024

export async function findCommands(
  db: Db,
  userId: string,
  { q = '', workspace, limit, before }: CommandSearch,
): Promise<{ commands: StoredCommand[]; next: string | null }> {
  const words = q.split(/\s+/).filter(Boolean).map(containing)
  const page = db
    .selectFrom('terminal_commands as command')
    .innerJoin('workspaces as workspace', 'workspace.id', 'command.workspace_id')
    .selectAll('command')
    .select('workspace.name as workspace_name')
    .where('command.user_id', '=', userId)
    .$if(workspace !== undefined, (query) => query.where('command.workspace_id', '=', workspace as string))
    .$if(before !== undefined, (query) =>
      query.where(
        sql<boolean>`(command.started_at, command.id) < (${before?.startedAt}::timestamptz, ${before?.id}::uuid)`,
      ),
    )
    .where((eb) =>
      eb.and(words.map((word) => eb.or([eb('command.command', 'ilike', word), eb('command.cwd', 'ilike', word)]))),
    )
    .orderBy('command.started_at', 'desc')
    .orderBy('command.id', 'desc')
    .limit(limit + 1)
    .as('page')
  const sized = db
    .selectFrom(page)
    .selectAll()
    .select(
      sql<string>`sum(octet_length(command)) over (order by started_at desc, id desc) - octet_length(command)`.as(
        'bytes_before',
      ),
    )
    .as('sized')
  const rows = await db
    .selectFrom(sized)
    .selectAll()
    .where('bytes_before', '<', String(maxPageBytes))
    .orderBy('started_at', 'desc')
    .orderBy('id', 'desc')
    .execute()
  const shown = rows.slice(0, limit)
  const commands = shown.map(({ user_id: _, bytes_before: __, started_at, ...row }) => ({
    ...row,
    started_at: started_at.toISOString(),
  }))
  const last = shown.at(-1)
  const isCut = last !== undefined && Number(last.bytes_before) + Buffer.byteLength(last.command) >= maxPageBytes
  return { commands, next: last && (rows.length > limit || isCut) ? `${last.started_at.getTime()}_${last.id}` : null }
}

const containing = (word: string) => `%${word.replace(/[\\%_]/g, '\\$&')}%`

/** @returns the number of removed commands */
export async function removeCommands(
  db: Db,
  userId: string,
  { id, workspace }: { readonly id?: string | undefined; readonly workspace?: string | undefined },
): Promise<number> {
  const { numDeletedRows } = await db
    .deleteFrom('terminal_commands')
    .where('user_id', '=', userId)
    .$if(id !== undefined, (query) => query.where('id', '=', id as string))
    .$if(workspace !== undefined, (query) => query.where('workspace_id', '=', workspace as string))
    .executeTakeFirstOrThrow()
  return Number(numDeletedRows)
}

// Years of use. Limits programs that fake shell integration sequences in their output.
const maxCommands = 100_000
const maxCommandBytes = 64 * 1024 * 1024

/** Removes commands beyond the owner's retention period and the oldest ones above the limits.
 *  @param limit maximum number of commands per owner. @param maxBytes of their command lines */
export async function purgeCommands(db: Db, now: Date, limit = maxCommands, maxBytes = maxCommandBytes): Promise<void> {
  await sql`
    delete from terminal_commands command using users
      left join terminal_preferences chosen on chosen.user_id = users.id
    where users.id = command.user_id
      and command.started_at < ${now}::timestamptz - make_interval(
        days => coalesce((chosen.preferences ->> 'history_days')::integer, ${defaultTerminalPreferences.history_days})
      )`.execute(db)
  await sql`
    delete from terminal_commands where id in (
      select id from (
        select id, row_number() over newest as position, sum(octet_length(command)) over newest as bytes
        from terminal_commands window newest as (partition by user_id order by started_at desc, id desc)
      ) as ranked where position > ${limit} or bytes > ${maxBytes}
    )`.execute(db)
}
