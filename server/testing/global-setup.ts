// Prepares a test run (vitest's globalSetup): kills orphans of killed runs, starts the PostgreSQL that all test files
// share, and redirects temporary files to a folder that is deleted after the run.

import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createRunId, killOrphanProcesses, testRunVariable } from './orphan-processes.ts'
import { sharedPostgresVariable, startTestPostgres } from './postgres.ts'

/** @returns the teardown. */
export default async function globalSetup(): Promise<() => Promise<void>> {
  killOrphanProcesses()
  process.env[testRunVariable] = createRunId(process.pid)
  const postgres = await startTestPostgres()
  process.env[sharedPostgresVariable] = postgres.adminUrl
  // A short name, because the folder contains sockets, and a socket path is limited to about 100 characters.
  const temporary = mkdtempSync(join(tmpdir(), 'cl-'))
  chmodSync(temporary, 0o1777) // the mode of /tmp, because PostgreSQL may run as another user
  process.env.TMPDIR = temporary
  // Tests run agents, relays, engines and commands from the TypeScript sources; stripping the types of the same files in
  // each process would take half of their start.
  process.env.NODE_COMPILE_CACHE = join(import.meta.dirname, '../../node_modules/.cache/compiled')
  return async () => {
    await postgres.stop()
    rmSync(temporary, { recursive: true, force: true })
  }
}
