// Where the tests find a Chromium and an Electron, and how they must be started. test.mjs says what is missing;
// specs skip with the same words.

import { existsSync, readdirSync } from 'node:fs'
import { homedir } from 'node:os'
import path from 'node:path'

// Debian's package first; else what Playwright has downloaded.
const systemChromium = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

/** Root may not use Chromium's sandbox, and nothing in a test may call out. */
export const chromiumArguments = [
  ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-quic',
  '--no-first-run',
]

/** @returns {string | undefined} the executable of a Chromium, if there is one */
export function findChromium() {
  return systemChromium.find((file) => existsSync(file)) ?? playwrightChromium()
}

function playwrightChromium() {
  const folder = process.env.PLAYWRIGHT_BROWSERS_PATH ?? path.join(homedir(), '.cache/ms-playwright')
  if (!existsSync(folder)) return undefined
  const versions = readdirSync(folder).filter((name) => name.startsWith('chromium-'))
  return versions
    .map((version) => path.join(folder, version, 'chrome-linux', 'chrome'))
    .find((file) => existsSync(file))
}

// Outside the checkout, so that a fresh clone on the same machine finds them.
export const testCache = path.join(homedir(), '.cache/coder-local-ci')

/** Where test-electron.mjs puts what it fetches. */
export const testElectronFolder = path.join(testCache, 'electron-25.1.1')

/** @returns {string | undefined} a folder with an executable named `electron`, if there is one */
export function findTestElectron() {
  const folder = process.env.CODER_LOCAL_TEST_ELECTRON ?? testElectronFolder
  return existsSync(path.join(folder, 'electron')) ? folder : undefined
}
