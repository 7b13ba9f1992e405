// Starts the PostgreSQL that all test files of a run share, and stops it after the last one (vitest's globalSetup). Ends
// first what runs that were killed have left. What the tests put into the system's folder for temporary files goes with
// the run.

import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { markOf, sweepAbandonedProcesses, testRunVariable } from './abandoned.ts'
import { sharedPostgresVariable, startTestPostgres } from './postgres.ts'

/** @returns the teardown. */
export default async function globalSetup(): Promise<() => Promise<void>> {
  sweepAbandonedProcesses()
  process.env[testRunVariable] = markOf(process.pid)
  const postgres = await startTestPostgres()
  process.env[sharedPostgresVariable] = postgres.adminUrl
  // A short name: sockets lie below it, whose paths may have some hundred characters.
  const temporary = mkdtempSync(join(tmpdir(), 'cl-'))
  chmodSync(temporary, 0o1777) // as the system's own: PostgreSQL runs as another user
  process.env.TMPDIR = temporary
  return async () => {
    await postgres.stop()
    rmSync(temporary, { recursive: true, force: true })
  }
}
