// Starts the PostgreSQL that all test files of a run share, and stops it after the last one (vitest's globalSetup).

import { sharedPostgresVariable, startTestPostgres } from './postgres.ts'

/** @returns the teardown. */
export default async function globalSetup(): Promise<() => Promise<void>> {
  const postgres = await startTestPostgres()
  process.env[sharedPostgresVariable] = postgres.adminUrl
  return () => postgres.stop()
}
