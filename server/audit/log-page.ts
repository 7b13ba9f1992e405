// One page of a log: entries that match a search and are visible to the caller, newest first, with the total count.

import { sql } from 'kysely'
import type { LogQuery } from '../../api/deployment/audit.ts'
import type { Db } from '../database/connect.ts'
import type { Row } from '../database/schema.ts'
import type { Principal } from '../policy/policy.ts'
import { readableEntries, readConditions, type SearchKeys } from './log-search.ts'

type LogTable = 'audit_logs' | 'connection_logs'

/** A searchable log; conditions refer to its table as `log`. */
export interface Log<Table extends LogTable> {
  readonly table: Table
  readonly resource: 'audit_log' | 'connection_log'
  /** Column that entries are ordered by. */
  readonly time: keyof Row<Table> & string
  /** Noun for error messages. */
  readonly noun: string
  readonly searchKeys: (viewerId: string) => SearchKeys
  /** Search key of words without a key. */
  readonly bareKey: string
}

/** Default limit. */
const defaultLimit = 100

/** @throws ApiError 400 naming all errors in the search. */
export async function readLogPage<Table extends LogTable>(
  db: Db,
  { table, resource, time, noun, searchKeys, bareKey }: Log<Table>,
  { principal, query }: { readonly principal: Principal; readonly query: LogQuery },
): Promise<{ readonly rows: readonly Row<Table>[]; readonly count: number }> {
  const { q = '', limit, offset = 0 } = query
  const searchConditions = await readConditions(db, noun, q, searchKeys(principal.userId), bareKey)
  const conditions = sql.join([...searchConditions, readableEntries(principal, resource)], sql` and `)
  const matching = sql`from ${sql.table(table)} as log where ${conditions}`
  const newestFirst = sql`order by ${sql.ref(`log.${time}`)} desc, log.id desc`
  const [counted, page] = await Promise.all([
    sql<{ count: number }>`select count(*) as count ${matching}`.execute(db),
    sql<Row<Table>>`select * ${matching} ${newestFirst} limit ${limit || defaultLimit} offset ${offset}`.execute(db),
  ])
  return { rows: page.rows, count: counted.rows[0]?.count ?? 0 }
}
