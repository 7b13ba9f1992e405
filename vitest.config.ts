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
    // Each worker runs its own database and shells; more workers than cores cause timeouts.
    maxWorkers: 2,
    // Temporary: a test that passes only at the second attempt is listed at the end of the run and has to be fixed. Removed
    // once repeated runs of the suite need no second attempt.
    retry: process.env.CI ? 1 : 0,
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
})
