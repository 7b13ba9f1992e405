// Says what goes on: one line a stage, `Building … 0.9 s`. Knows nothing of what the stages do.

import { performance } from 'node:perf_hooks'

/** @param {number} ms */
export const seconds = (ms) => `${(ms / 1000).toFixed(1)} s`

/**
 * Runs one stage and completes its line with the time it took, or with `failed`.
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

/** An error whose message is all that a person needs: it is printed without a stack. */
export class PlainError extends Error {}

/**
 * Runs a script's main function; a failure ends the process with status 1.
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
