// Errors of starting PostgreSQL, with messages for the user.

import { statfsSync } from 'node:fs'

export class StartError extends Error {
  override readonly name: string = 'StartError'
  /** The last lines of PostgreSQL's log, oldest first. */
  readonly lastLines: readonly string[]

  constructor(message: string, options: { lastLines?: readonly string[]; cause?: unknown } = {}) {
    super([message, ...(options.lastLines ?? [])].join('\n  '), { cause: options.cause })
    this.lastLines = options.lastLines ?? []
  }
}

/** Another running coderd supervises the cluster. */
export class ClusterInUseError extends StartError {
  override readonly name = 'ClusterInUseError'
}

const tailLines = 12

// PostgreSQL needs about this much for its lock file and the first pages of a WAL segment.
const fullBelowBytes = 1024 * 1024

/**
 * @param summary the failure, without a trailing period.
 * @param output of PostgreSQL or initdb; may be empty if the disk of the log is full.
 */
export function explainFailure(summary: string, output: string, folder: string): StartError {
  const lines = output.split('\n').filter((line) => line.trim() !== '')
  const reason = lines
    .findLast((line) => /\b(FATAL|PANIC|error):/.test(line))
    ?.replace(/^.*?\b(FATAL|PANIC|error):\s*/, '')
  const diskFull = freeBytes(folder) < fullBelowBytes || /no space left/i.test(output)
  const advice = diskFull ? ` The disk of ${folder} is full: free disk space and start again.` : ''
  return new StartError(`${summary}${reason ? `: ${reason}` : ''}.${advice}`, { lastLines: lines.slice(-tailLines) })
}

function freeBytes(folder: string): number {
  const { bavail, bsize } = statfsSync(folder)
  return bavail * bsize
}
