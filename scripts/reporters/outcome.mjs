// What a test run came to, as one shape for both runners; test.mjs adds them up.

import { readFileSync, writeFileSync } from 'node:fs'

/**
 * @typedef {object} Outcome
 * @property {number} passed
 * @property {number} failed
 * @property {{ name: string, reason: string }[]} skipped
 */

// Names the file for the reporter that runs inside the runner's process.
export const outcomeVariable = 'CODER_LOCAL_TEST_OUTCOME'

/** @param {Outcome} outcome */
export function writeOutcome(outcome) {
  const file = process.env[outcomeVariable]
  if (file) writeFileSync(file, JSON.stringify(outcome))
}

/**
 * @param {string} file
 * @returns {Outcome}
 */
export function readOutcome(file) {
  return JSON.parse(readFileSync(file, 'utf8'))
}
