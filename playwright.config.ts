// The journeys of e2e/: the same specs in a real browser and in a real Electron, against the real server.

import { defineConfig } from '@playwright/test'
import { chromiumArguments, findChromium } from './scripts/test-browsers.mjs'

export default defineConfig({
  testDir: './e2e',
  testMatch: '**/*.spec.ts',
  outputDir: './test-results/playwright',
  // One deployment at a time: each test starts a database, a server and shells, and this must hold on two cores.
  workers: 1,
  timeout: 90_000,
  expect: { timeout: 15_000 },
  forbidOnly: process.env.CI !== undefined,
  reporter: [['list']],
  use: { trace: 'retain-on-failure', screenshot: 'only-on-failure' },
  projects: [
    {
      name: 'browser',
      use: { browserName: 'chromium', launchOptions: { executablePath: findChromium(), args: chromiumArguments } },
    },
    { name: 'electron' },
  ],
})
