// End-to-end tests: the built programs as processes, the dashboard in Chromium, the desktop application in Electron.

import { defineConfig } from '@playwright/test'
import { chromiumArguments, findChromium, findTestElectron } from './scripts/test-browsers.mjs'

// Workers inherit the environment of this process.
process.env.CODER_LOCAL_TEST_ELECTRON ??= findTestElectron()

const processes = ['**/survival.spec.ts', '**/starvation.spec.ts', '**/upgrade.spec.ts']

export default defineConfig({
  testDir: './e2e',
  testMatch: '**/*.spec.ts',
  outputDir: './test-results/playwright',
  globalSetup: './e2e/support/global-setup.ts',
  // Each test has its own deployment, so any two can run at the same time.
  fullyParallel: true,
  workers: 2,
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
  // The tests in `processes` need neither a browser nor a display.
  projects: [
    { name: 'processes', testMatch: processes },
    { name: 'browser', testIgnore: [...processes, '**/*.electron.spec.ts'] },
    // The windows of one display share its focus and its clipboard.
    { name: 'electron', testMatch: '**/*.electron.spec.ts', workers: 1 },
  ],
})
