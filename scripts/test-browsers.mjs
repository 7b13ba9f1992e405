// Locations and start arguments of Chromium and Electron for the tests. test.mjs reports missing ones, and specs skip
// with the same reason.

import { existsSync, readdirSync } from 'node:fs'
import { homedir } from 'node:os'
import path from 'node:path'

// System packages take precedence over Playwright's download, and the headless program over the complete browser, which
// takes a tenth more processor time.
const systemChromium = [
  '/usr/bin/chromium-headless-shell',
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
]

/** Chromium's sandbox does not work for root, and tests must not access the internet. */
export const chromiumArguments = [
  ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-quic',
  '--no-first-run',
]

// Outside the checkout, so that all clones on a machine share it.
export const testCache = path.join(homedir(), '.cache/coder-local-ci')

/** The download folder of test-chromium.mjs. */
export const testChromiumFolder = path.join(testCache, 'chromium-153')

/** @returns {string | undefined} the executable of Chromium, if installed */
export function findChromium() {
  const downloaded = path.join(testChromiumFolder, 'chromium')
  return [...systemChromium, ...playwrightChromium(), downloaded].find((file) => existsSync(file))
}

function playwrightChromium() {
  const folder = process.env.PLAYWRIGHT_BROWSERS_PATH ?? path.join(homedir(), '.cache/ms-playwright')
  if (!existsSync(folder)) return []
  const versions = readdirSync(folder).filter((name) => name.startsWith('chromium-'))
  return versions.flatMap((version) => [
    path.join(folder, version, 'chrome-linux64', 'chrome'),
    path.join(folder, version, 'chrome-linux', 'chrome'),
  ])
}

/** The download folder of test-electron.mjs. */
export const testElectronFolder = path.join(testCache, 'electron-25.1.1')

/** @returns {string | undefined} a folder with an executable named `electron`, if installed */
export function findTestElectron() {
  const folder = process.env.CODER_LOCAL_TEST_ELECTRON ?? testElectronFolder
  return existsSync(path.join(folder, 'electron')) ? folder : undefined
}
