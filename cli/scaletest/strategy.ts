// Concurrency and timeout flags of load tests.

import { parseDuration } from '../arguments/durations.ts'
import type { Strategy } from './run-jobs.ts'

export interface StrategyFlags {
  readonly concurrency: number
  readonly timeout: string
  readonly jobTimeout: string
}

export interface CleanupFlags {
  readonly cleanupConcurrency: number
  readonly cleanupTimeout: string
  readonly cleanupJobTimeout: string
}

export const parseStrategy = ({ concurrency, timeout, jobTimeout }: StrategyFlags): Strategy => ({
  concurrency,
  timeoutMs: parseDuration(timeout, '--timeout'),
  jobTimeoutMs: parseDuration(jobTimeout, '--job-timeout'),
})

export const parseCleanupStrategy = (flags: CleanupFlags): Strategy => ({
  concurrency: flags.cleanupConcurrency,
  timeoutMs: parseDuration(flags.cleanupTimeout, '--cleanup-timeout'),
  jobTimeoutMs: parseDuration(flags.cleanupJobTimeout, '--cleanup-job-timeout'),
})
