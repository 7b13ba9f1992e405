// What a test run came to, as one shape for both runners; test.mjs adds them up.

import { readFileSync, writeFileSync } from 'node:fs'

/**
 * @typedef {{ name: string, reason: string }} Remark  a test, or what failed outside of one, and what is said of it
 */

/**
 * @typedef {object} Outcome
 * @property {number} passed
 * @property {Remark[]} failed
 * @property {Remark[]} flaky  counted in `passed`: passed at the second attempt, with the first error
 * @property {Remark[]} skipped
 */

// Names the file for the reporter that runs inside the runner's process.
export const outcomeVariable = 'CODER_LOCAL_TEST_OUTCOME'

// biome-ignore lint/suspicious/noControlCharactersInRegex: it is what colours begin with
const colours = /\x1b\[[0-9;]*m/g

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
 * What an error says without its stack and colours, in at most twelve lines.
 * @param {{ message?: string } | undefined} error
 */
export function inShort(error) {
  const lines = (error?.message ?? 'no reason given').replaceAll(colours, '').split('\n')
  return lines.length > 12 ? [...lines.slice(0, 12), '…'].join('\n') : lines.join('\n')
}
