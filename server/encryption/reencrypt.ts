// Encrypts the stored secrets that are plain or encrypted with an earlier key: after an upgrade and after a rotation.

import { sql } from 'kysely'
import type { Db, Tx } from '../database/connect.ts'
import type { Binding, Encryption } from './encryption.ts'

export interface EncryptedColumn {
  readonly table: string
  readonly column: string
  /** The columns of the binding. */
  readonly boundTo: readonly string[]
  /** Text columns contain base64. */
  readonly type: 'text' | 'bytea'
  /** What remains of a value whose key is lost. A Git SSH key is created again on its next use. */
  readonly whenLost: 'nothing' | 'default' | 'no row'
  /** Restricts the rows that contain a secret. */
  readonly condition?: string
}

/** Every column that is encrypted; its key is in the column `<column>_key_id`. */
export const encryptedColumns: readonly EncryptedColumn[] = [
  {
    table: 'git_ssh_keys',
    column: 'private_key',
    boundTo: ['user_id'],
    type: 'text',
    whenLost: 'no row',
  },
  {
    table: 'workspace_builds',
    column: 'provisioner_state',
    boundTo: ['workspace_id'],
    type: 'bytea',
    whenLost: 'nothing',
  },
  {
    table: 'template_version_variables',
    column: 'value',
    boundTo: ['template_version_id', 'name'],
    type: 'text',
    whenLost: 'default',
    condition: 'sensitive',
  },
  {
    table: 'workspace_agents',
    column: 'auth_token',
    boundTo: ['id'],
    type: 'text',
    whenLost: 'nothing',
  },
]

// Small enough that the rows of a batch are locked for milliseconds only, large enough that few scans find all of them.
const batchSize = 100

/** Encrypts with the active key, in batches, while coderd runs. Values of missing keys are unchanged.
 *  @returns the number of changed values */
export async function reencrypt(db: Db, encryption: Encryption, signal?: AbortSignal): Promise<number> {
  let total = 0
  for (const column of encryptedColumns) {
    for (let changed = batchSize; changed === batchSize && !signal?.aborted; total += changed)
      changed = await db.transaction().execute((tx) => reencryptBatch(tx, encryption, column))
  }
  return total
}

interface StoredSecret {
  /** The location of the row, which does not change while the row is locked. */
  readonly location: string
  readonly bindingIds: readonly string[]
  readonly value: string | Buffer
  readonly key_id: string | null
}

async function reencryptBatch(tx: Tx, encryption: Encryption, column: EncryptedColumn): Promise<number> {
  const value = sql.ref(column.column)
  const keyId = sql.ref(`${column.column}_key_id`)
  const earlierKeys = encryption.keyIds.filter((id) => id !== encryption.activeKeyId)
  const { rows } = await sql<StoredSecret>`
    select ctid::text as location, array[${sql.join(column.boundTo.map((name) => sql`${sql.ref(name)}::text`))}] as "bindingIds",
      ${value} as value, ${keyId} as key_id
    from ${sql.table(column.table)}
    where ${value} is not null and (${keyId} is null or ${keyId} = any(${earlierKeys}))
      and ${column.condition ? sql.ref(column.condition) : sql.lit(true)}
    limit ${sql.lit(batchSize)} for update skip locked`.execute(tx)
  for (const row of rows) {
    const encrypted = encryption.encrypt(readValue(encryption, column, row), bindingOf(column, row))
    await sql`
      update ${sql.table(column.table)} set ${keyId} = ${encrypted.keyId},
        ${value} = ${column.type === 'text' ? encrypted.data.toString('base64') : encrypted.data}
      where ctid = ${row.location}::tid`.execute(tx)
  }
  return rows.length
}

const bindingOf = ({ table, column }: EncryptedColumn, { bindingIds }: StoredSecret): Binding =>
  `${table}.${column}/${bindingIds.join('/')}`

function readValue(encryption: Encryption, column: EncryptedColumn, row: StoredSecret): string | Buffer {
  if (row.key_id === null) return row.value
  const data = typeof row.value === 'string' ? Buffer.from(row.value, 'base64') : row.value
  return encryption.decrypt({ keyId: row.key_id, data }, bindingOf(column, row), '')
}
