// Vitest reporter: writes the outcome for test.mjs, beside the readable output of Vitest's own reporter.

import { writeOutcome } from './outcome.mjs'

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
    // A file or suite that fails outside its tests (an import, a beforeAll) has errors of its own.
    const brokenModules = modules.filter((module) => module.errors().length > 0)
    const brokenSuites = modules
      .flatMap((module) => [...module.children.allSuites()])
      .filter((suite) => suite.errors().length > 0)
    writeOutcome({
      passed: inState('passed').length,
      failed: inState('failed').length + brokenModules.length + brokenSuites.length + unhandledErrors.length,
      skipped: [...inState('skipped'), ...inState('pending')].map((test) => ({
        name: `${test.module.relativeModuleId} › ${test.fullName}`,
        reason: skipReason(test.result()),
      })),
    })
  }
}

/** @param {import('vitest/node').TestResult} result */
function skipReason(result) {
  return (result.state === 'skipped' && result.note) || 'no reason given'
}
