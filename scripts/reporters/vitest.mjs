// Vitest reporter: writes the outcome for test.mjs. Vitest's own reporter prints the readable output.

import path from 'node:path'
import { summarizeError, writeOutcome } from './outcome.mjs'

/** @typedef {import('vitest/node').Reporter} Reporter */

/** @implements {Reporter} */
export default class OutcomeReporter {
  /**
   * @param {readonly import('vitest/node').TestModule[]} modules
   * @param {readonly unknown[]} unhandledErrors
   */
  onTestRunEnd(modules, unhandledErrors) {
    const tests = modules.flatMap((module) => [...module.children.allTests()])
    const inState = (/** @type {string} */ state) => tests.filter((test) => test.result().state === state)
    // A failure outside tests (an import, a beforeAll) is an error of its file or suite.
    const brokenModules = modules.filter((module) => module.errors().length > 0)
    const brokenSuites = modules
      .flatMap((module) => [...module.children.allSuites()])
      .filter((suite) => suite.errors().length > 0)
    writeOutcome({
      passed: inState('passed').length,
      failed: [
        ...inState('failed').map((test) => ({
          name: fullName(test),
          reason: summarizeError(test.result().errors?.[0]),
        })),
        ...brokenModules.map((module) => ({
          name: module.relativeModuleId,
          reason: summarizeError(module.errors()[0]),
        })),
        ...brokenSuites.map((suite) => ({ name: fullName(suite), reason: summarizeError(suite.errors()[0]) })),
        ...unhandledErrors.map(outsideOfTests),
      ],
      skipped: [...inState('skipped'), ...inState('pending')].map((test) => ({
        name: fullName(test),
        reason: skipReason(test),
      })),
    })
  }
}

/**
 * @param {unknown} error  with the file, and the test if one was running, both added by Vitest
 * @returns {import('./outcome.mjs').Remark}
 */
function outsideOfTests(error) {
  const {
    VITEST_TEST_PATH: file,
    VITEST_TEST_NAME: test,
    message,
  } = /** @type {{ VITEST_TEST_PATH?: string, VITEST_TEST_NAME?: string, message?: string }} */ (error)
  const where = file && path.relative(process.cwd(), file)
  return { name: ['outside of tests', where, test].filter(Boolean).join(' › '), reason: summarizeError({ message }) }
}

/** @param {import('vitest/node').TestCase | import('vitest/node').TestSuite} task */
function fullName(task) {
  return `${task.module.relativeModuleId} › ${task.fullName}`
}

/** @param {import('vitest/node').TestCase} test */
function skipReason(test) {
  const result = test.result()
  // Set by `requires` of lib/testing/requirements.ts.
  const { skipReason: reason } = /** @type {{ skipReason?: string }} */ (test.meta())
  return reason ?? ((result.state === 'skipped' && result.note) || 'no reason given')
}
