// Playwright reporter: writes the outcome for test.mjs. Playwright's own reporter prints the readable output.

import { summarizeError, writeOutcome } from './outcome.mjs'

/** @typedef {import('@playwright/test/reporter').Reporter} Reporter */

/** @implements {Reporter} */
export default class OutcomeReporter {
  /** @type {import('@playwright/test/reporter').TestCase[]} */
  #tests = []
  /** @type {import('./outcome.mjs').Remark[]} */
  #errorsOutsideTests = []

  /**
   * @param {import('@playwright/test/reporter').FullConfig} _config
   * @param {import('@playwright/test/reporter').Suite} suite
   */
  onBegin(_config, suite) {
    this.#tests = suite.allTests()
  }

  /** @param {import('@playwright/test/reporter').TestError} error */
  onError(error) {
    this.#errorsOutsideTests.push({ name: 'outside of tests', reason: summarizeError(error) })
  }

  onEnd() {
    const withOutcome = (/** @type {string} */ outcome) => this.#tests.filter((test) => test.outcome() === outcome)
    const failed = withOutcome('unexpected')
    writeOutcome({
      passed: withOutcome('expected').length,
      failed: [
        ...failed.map((test) => ({ name: fullName(test), reason: summarizeError(firstError(test)) })),
        ...this.#errorsOutsideTests,
      ],
      skipped: withOutcome('skipped').map((test) => ({
        name: fullName(test),
        reason: test.annotations.find(({ type }) => type === 'skip')?.description ?? 'no reason given',
      })),
    })
  }

  printsToStdio() {
    return false
  }
}

/** @param {import('@playwright/test/reporter').TestCase} test */
function fullName(test) {
  return test.titlePath().filter(Boolean).join(' › ')
}

/** @param {import('@playwright/test/reporter').TestCase} test */
function firstError(test) {
  return test.results.flatMap(({ errors }) => errors)[0]
}
