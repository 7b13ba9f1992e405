// Unit and integration tests beside their sources, with real PostgreSQL, terminals and processes. Browser tests: e2e/.

import { existsSync } from 'node:fs'
import { defineConfig } from 'vitest/config'

const databaseSetup = './server/testing/global-setup.ts'

export default defineConfig({
  test: {
    environment: 'node',
    include: ['**/*.test.{ts,tsx}'],
    exclude: ['**/node_modules/**', 'dist/**', 'out/**', 'e2e/**'],
    globalSetup: existsSync(databaseSetup) ? [databaseSetup] : [],
    pool: 'forks',
    // The test files of a worker share its modules; loading them for each file took a fifth of the processor time.
    isolate: false,
    // Each worker runs its own database and shells; more workers than cores cause timeouts.
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
})
