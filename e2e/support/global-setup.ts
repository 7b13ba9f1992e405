// Starts the PostgreSQL that tests with `database: 'shared'` use, and stops it after the last test.

import { sharedPostgresVariable, startTestPostgres } from '../../server/testing/postgres.ts'

/** @returns the teardown. */
export default async function globalSetup(): Promise<() => Promise<void>> {
  const postgres = await startTestPostgres()
  process.env[sharedPostgresVariable] = postgres.adminUrl
  return () => postgres.stop()
}
