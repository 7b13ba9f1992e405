// The tests that stand beside their sources: real PostgreSQL, real terminals, real processes, no browser (that is e2e/).

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
    // Each worker drives a database and shells of its own: more of them than cores only makes each other time out.
    maxWorkers: 2,
    // Temporary: a test that passes only at the second attempt is listed at the end of the run and has to be fixed. Removed
    // once repeated runs of the suite need no second attempt.
    retry: process.env.CI ? 1 : 0,
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
})
