// The journeys of e2e/: the same specs in a real browser and in a real Electron, against the real server.

import { defineConfig } from '@playwright/test'
import { chromiumArguments, findChromium, findTestElectron } from './scripts/test-browsers.mjs'

// The specs read it in the workers, which inherit this process's environment.
process.env.CODER_LOCAL_TEST_ELECTRON ??= findTestElectron()

const processes = ['**/survival.spec.ts', '**/starvation.spec.ts', '**/upgrade.spec.ts']

export default defineConfig({
  testDir: './e2e',
  testMatch: '**/*.spec.ts',
  outputDir: './test-results/playwright',
  // One deployment at a time: each test starts a database, a server and shells, and this must hold on two cores.
  workers: 1,
  // Temporary, as in vitest.config.ts.
  retries: process.env.CI ? 1 : 0,
  timeout: 90_000,
  expect: { timeout: 15_000 },
  forbidOnly: process.env.CI !== undefined,
  reporter: [['list']],
  use: {
    trace: 'retain-on-failure',
    screenshot: 'only-on-failure',
    launchOptions: { executablePath: findChromium(), args: chromiumArguments },
  },
  // What needs neither a browser nor a display also runs where there is none.
  projects: [
    { name: 'processes', testMatch: processes },
    { name: 'browser', testIgnore: [...processes, '**/*.electron.spec.ts'] },
    { name: 'electron', testMatch: '**/*.electron.spec.ts' },
  ],
})
