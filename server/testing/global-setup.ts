// Starts the PostgreSQL that all test files of a run share, and stops it after the last one (vitest's globalSetup). Ends
// first what runs that were killed have left.

import { markOf, sweepAbandonedProcesses, testRunVariable } from './abandoned.ts'
import { sharedPostgresVariable, startTestPostgres } from './postgres.ts'

/** @returns the teardown. */
export default async function globalSetup(): Promise<() => Promise<void>> {
  sweepAbandonedProcesses()
  process.env[testRunVariable] = markOf(process.pid)
  const postgres = await startTestPostgres()
  process.env[sharedPostgresVariable] = postgres.adminUrl
  return () => postgres.stop()
}
