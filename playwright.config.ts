// End-to-end tests: the built programs as processes, the dashboard in Chromium, the desktop application in Electron.

import { defineConfig } from '@playwright/test'
import { chromiumArguments, findChromium, findTestElectron } from './scripts/test-browsers.mjs'

// Workers inherit the environment of this process.
process.env.CODER_LOCAL_TEST_ELECTRON ??= findTestElectron()

export default defineConfig({
  testMatch: '**/*.spec.ts',
  outputDir: './test-results/playwright',
  // Each test has its own deployment, so tests can run in parallel.
  fullyParallel: true,
  // Tests of the browser wait half of the time, so two cores have work for three.
  workers: 3,
  timeout: 90_000,
  expect: { timeout: 15_000 },
  forbidOnly: process.env.CI !== undefined,
  reporter: [['list']],
  use: {
    screenshot: 'only-on-failure',
    // Without a UTF-8 locale Chromium cannot write to folders with other than ASCII characters.
    launchOptions: {
      executablePath: findChromium(),
      args: chromiumArguments,
      env: { ...process.env, LC_ALL: 'C.UTF-8' },
    },
  },
  projects: [
    // One worker, because all windows of a display share focus and clipboard. First, so that the others run beside it.
    { name: 'electron', testDir: './e2e/electron', workers: 1 },
    // Without a browser or display.
    { name: 'processes', testDir: './e2e/processes' },
    { name: 'browser', testDir: './e2e/browser' },
  ],
})
