// Explanations of PostgreSQL errors that an administrator can fix, for users. Connection errors are in connect.ts.

export interface PostgresProblem {
  readonly summary: string
  readonly remedy: string
  /** The problem does not pass by itself: a retry is useless. */
  readonly isPersistent?: boolean
}

/** By SQLSTATE. The transaction has been rolled back. */
const problemsByCode: Readonly<Record<string, PostgresProblem>> = {
  '25006': {
    summary: 'The database is read-only.',
    remedy: 'Check default_transaction_read_only, and whether CODER_PG_CONNECTION_URL points to a standby.',
  },
  '28000': {
    summary: 'The database refuses the user of CODER_PG_CONNECTION_URL.',
    remedy:
      'The role must exist, have LOGIN, and be allowed by pg_hba.conf. Fix this or change the URL, then restart Coder Local.',
    isPersistent: true,
  },
  '28P01': {
    summary: 'The database refuses the password of CODER_PG_CONNECTION_URL.',
    remedy:
      'Correct the password and restart Coder Local, or change the password of the role with ALTER ROLE … PASSWORD.',
    isPersistent: true,
  },
  '3D000': {
    summary: 'The database of CODER_PG_CONNECTION_URL does not exist.',
    remedy: 'Create it with CREATE DATABASE, or change the URL and restart Coder Local.',
    isPersistent: true,
  },
  '53000': {
    summary: 'The database has insufficient resources.',
    remedy: 'Nothing was changed. Its log names the resource, often the limit of open files.',
  },
  '53100': {
    summary: 'The disk of the database is full.',
    remedy: 'Nothing was changed. Free disk space and try again.',
  },
  '53200': {
    summary: 'The database is out of memory.',
    remedy: 'Nothing was changed. Stop other programs on its computer and try again.',
  },
  '53300': {
    summary: 'The database has no free connections.',
    remedy: 'Close other connections, raise max_connections, or lower CODER_PG_CONN_MAX_OPEN.',
  },
  '55000': {
    summary: 'The database does not accept connections.',
    remedy: 'Check ALLOW_CONNECTIONS of the database; it may be disabled during a restore.',
  },
  '55P03': {
    summary: 'The database is locked.',
    remedy: 'Nothing was changed. Another session holds a lock, see pg_locks. Try again in a moment.',
  },
  '57014': {
    summary: 'The database query was canceled.',
    remedy: 'Nothing was changed. The query may have exceeded statement_timeout. Try again in a moment.',
  },
}

/** Null for all other errors. */
export function describePostgresError(error: unknown): PostgresProblem | null {
  if (!(error instanceof Error) || !('code' in error)) return null
  return problemsByCode[String(error.code)] ?? null
}
