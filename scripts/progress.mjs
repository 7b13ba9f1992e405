// Prints the progress of a script, one line per stage: `Building … 0.9 s`.

import { performance } from 'node:perf_hooks'

/** @param {number} ms */
export const seconds = (ms) => `${(ms / 1000).toFixed(1)} s`

/**
 * Runs one stage and prints its duration, or that it failed.
 * @template T
 * @param {string} title
 * @param {() => Promise<T>} run
 * @returns {Promise<T>}
 */
export async function stage(title, run) {
  process.stdout.write(`${title} … `)
  const startedAt = performance.now()
  let outcome = 'failed after '
  try {
    const result = await run()
    outcome = ''
    return result
  } finally {
    process.stdout.write(`${outcome}${seconds(performance.now() - startedAt)}\n`)
  }
}

/** An error whose message is printed without a stack trace. */
export class PlainError extends Error {}

/**
 * Runs a script's main function; the process exits with status 1 if it fails.
 * @param {() => Promise<void>} main
 */
export async function runScript(main) {
  try {
    await main()
  } catch (error) {
    process.exitCode = 1
    console.error(error instanceof PlainError ? `\n${error.message}` : error)
  }
}
