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
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
})
