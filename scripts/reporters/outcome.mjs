// The outcome of a test run in one format for Vitest and Playwright. test.mjs combines the outcomes.

import { readFileSync, writeFileSync } from 'node:fs'

/**
 * @typedef {{ name: string, reason: string }} Remark  a test, or a failure outside tests, with its reason
 */

/**
 * @typedef {object} Outcome
 * @property {number} passed
 * @property {Remark[]} failed
 * @property {Remark[]} skipped
 */

// The environment variable with the path of the file to which the reporter writes.
export const outcomeVariable = 'CODER_LOCAL_TEST_OUTCOME'

// biome-ignore lint/suspicious/noControlCharactersInRegex: color sequences start with an escape
const colorSequences = /\x1b\[[0-9;]*m/g

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

/**
 * The message of an error without stack and colors, at most twelve lines.
 * @param {{ message?: string } | undefined} error
 */
export function summarizeError(error) {
  const lines = (error?.message ?? 'no reason given').replaceAll(colorSequences, '').split('\n')
  return lines.length > 12 ? [...lines.slice(0, 12), '…'].join('\n') : lines.join('\n')
}
