// What a database says that answers and yet cannot do what it is asked for, until somebody does something about it: what
// happened and what to do, for the person who asked. One that does not answer is connect.ts.

export interface PostgresProblem {
  readonly summary: string
  readonly remedy: string
  /** Nobody who waits for an answer waits long enough. */
  readonly isPersistent?: boolean
}

/** By PostgreSQL's own codes. Nothing of the transaction that met one was kept. */
const problemsByCode: Readonly<Record<string, PostgresProblem>> = {
  '25006': {
    summary: 'The database takes no changes at the moment.',
    remedy:
      'It is read-only. See default_transaction_read_only there, and whether CODER_PG_CONNECTION_URL names a standby.',
  },
  '28000': {
    summary: 'The database does not let the user of CODER_PG_CONNECTION_URL in.',
    remedy:
      'The role must exist there, may have to be given LOGIN, and pg_hba.conf must let it in. Change that, or name another and start Coder Local again.',
    isPersistent: true,
  },
  '28P01': {
    summary: 'The database refuses the password of CODER_PG_CONNECTION_URL.',
    remedy: 'Put the right one there and start Coder Local again, or give the role this one: ALTER ROLE … PASSWORD.',
    isPersistent: true,
  },
  '3D000': {
    summary: 'The database that CODER_PG_CONNECTION_URL names does not exist.',
    remedy: 'Create it there with CREATE DATABASE, or name another and start Coder Local again.',
    isPersistent: true,
  },
  '53000': {
    summary: 'The database has run out of something.',
    remedy: 'Nothing was changed. Its log says of what: often of open files, for which its computer sets a limit.',
  },
  '53100': {
    summary: 'The disk of the database is full.',
    remedy: 'Nothing was changed. Free some space there and try again.',
  },
  '53200': {
    summary: 'The database has no memory left.',
    remedy: 'Nothing was changed. End what else needs memory on its computer, and try again.',
  },
  '53300': {
    summary: 'The database has no connection left.',
    remedy:
      'Programs hold as many as it allows. Close some, raise max_connections there, or lower CODER_PG_CONN_MAX_OPEN.',
  },
  '55000': {
    summary: 'The database takes no connections at the moment.',
    remedy: 'Somebody has closed it, perhaps to restore it: ALLOW_CONNECTIONS of ALTER DATABASE says whether it is.',
  },
  '55P03': {
    summary: 'The database is busy.',
    remedy: 'Somebody holds a lock there for long; pg_locks shows who. Nothing was changed. Try again in a moment.',
  },
  '57014': {
    summary: 'The database took too long.',
    remedy: 'The query was ended, perhaps by the statement_timeout there. Nothing was changed. Try again in a moment.',
  },
}

/** Null for every other error. */
export function describePostgresError(error: unknown): PostgresProblem | null {
  if (!(error instanceof Error) || !('code' in error)) return null
  return problemsByCode[String(error.code)] ?? null
}
