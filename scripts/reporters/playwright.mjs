// Playwright reporter: writes the outcome for test.mjs, beside the readable output of Playwright's own reporter.

import { writeOutcome } from './outcome.mjs'

/** @typedef {import('@playwright/test/reporter').Reporter} Reporter */

/** @implements {Reporter} */
export default class OutcomeReporter {
  /** @type {import('@playwright/test/reporter').TestCase[]} */
  #tests = []
  #errorsOutsideTests = 0

  /**
   * @param {import('@playwright/test/reporter').FullConfig} _config
   * @param {import('@playwright/test/reporter').Suite} suite
   */
  onBegin(_config, suite) {
    this.#tests = suite.allTests()
  }

  onError() {
    this.#errorsOutsideTests += 1
  }

  onEnd() {
    const withOutcome = (/** @type {string} */ outcome) => this.#tests.filter((test) => test.outcome() === outcome)
    writeOutcome({
      passed: withOutcome('expected').length + withOutcome('flaky').length,
      failed: withOutcome('unexpected').length + this.#errorsOutsideTests,
      skipped: withOutcome('skipped').map((test) => ({
        name: test.titlePath().filter(Boolean).join(' › '),
        reason: test.annotations.find(({ type }) => type === 'skip')?.description ?? 'no reason given',
      })),
    })
  }

  printsToStdio() {
    return false
  }
}
