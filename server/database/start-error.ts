// Why PostgreSQL could not be made to serve, in words for the person who started us.

import { statfsSync } from 'node:fs'

export class StartError extends Error {
  override readonly name: string = 'StartError'
  /** The last lines that PostgreSQL wrote, oldest first. */
  readonly lastLines: readonly string[]

  constructor(message: string, options: { lastLines?: readonly string[]; cause?: unknown } = {}) {
    super([message, ...(options.lastLines ?? [])].join('\n  '), { cause: options.cause })
    this.lastLines = options.lastLines ?? []
  }
}

/** Another live coderd supervises the cluster. */
export class ClusterInUseError extends StartError {
  override readonly name = 'ClusterInUseError'
}

const tailLines = 12

// Less than this and PostgreSQL cannot even write its lock file and a WAL segment's first pages.
const fullBelowBytes = 1024 * 1024

/**
 * @param happened what failed, as a sentence without its end.
 * @param output what PostgreSQL or initdb wrote; may be empty when the log's own disk is full.
 */
export function explainFailure(happened: string, output: string, folder: string): StartError {
  const lines = output.split('\n').filter((line) => line.trim() !== '')
  const reason = lines
    .findLast((line) => /\b(FATAL|PANIC|error):/.test(line))
    ?.replace(/^.*?\b(FATAL|PANIC|error):\s*/, '')
  const diskFull = freeBytes(folder) < fullBelowBytes || /no space left/i.test(output)
  const advice = diskFull ? ` The disk of ${folder} is full: free some space and start again.` : ''
  return new StartError(`${happened}${reason ? `: ${reason}` : ''}.${advice}`, { lastLines: lines.slice(-tailLines) })
}

function freeBytes(folder: string): number {
  const { bavail, bsize } = statfsSync(folder)
  return bavail * bsize
}
