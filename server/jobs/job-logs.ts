// Writes the log of a running job to the database: the first line immediately, the rest in batches. A notification wakes
// the readers (follow-job-logs.ts).

import type { Pool } from 'pg'
import type { LogLevel, LogSource } from '../../api/organizations/provisioner-jobs.ts'
import { retryWhileUnavailable } from '../database/connect.ts'
import { jobChanged } from './job-channels.ts'

export interface JobLogLine {
  readonly source: LogSource
  readonly level: LogLevel
  readonly stage: string
  readonly output: string
}

export interface JobLog {
  write(line: JobLogLine): void
  /** Resolves when all lines written so far are stored. */
  flush(): Promise<void>
}

// Short enough to appear immediate, long enough to limit the transactions of a verbose build.
const batchMs = 250

/** Coder's limit; a CHECK constraint of the column has the same value. */
export const maxLogBytes = 1024 * 1024

// Longer than the crash recovery of PostgreSQL, so that an outage loses no lines.
const retryMs = 60_000

interface PendingLine extends JobLogLine {
  readonly at: Date
}

/** @param onError called with the error when lines could not be stored and were dropped */
export function openJobLog(pool: Pool, jobId: string, onError: (error: unknown) => void): JobLog {
  let pending: PendingLine[] = []
  let loggedBytes = 0
  let isOverflowing = false
  let isOverflowStored = false
  let lastFlushAt = 0
  let timer: NodeJS.Timeout | undefined
  let flushing = Promise.resolve()

  function schedule(): void {
    timer ??= setTimeout(() => void flush(), Math.max(0, lastFlushAt + batchMs - Date.now()))
  }

  function flush(): Promise<void> {
    clearTimeout(timer)
    timer = undefined
    lastFlushAt = Date.now()
    flushing = flushing.then(store).catch(onError)
    return flushing
  }

  async function store(): Promise<void> {
    const lines = pending
    const overflowed = isOverflowing && !isOverflowStored
    if (lines.length === 0 && !overflowed) return
    pending = []
    isOverflowStored ||= overflowed
    await retryWhileUnavailable(() => insertLines(pool, jobId, lines, overflowed), retryMs)
  }

  return {
    write(line) {
      // PostgreSQL text cannot contain NUL.
      const output = line.output.replaceAll('\0', '')
      loggedBytes += Buffer.byteLength(output)
      if (loggedBytes > maxLogBytes) isOverflowing = true
      if (!isOverflowing) pending.push({ ...line, output, at: new Date() })
      if (!isOverflowing || !isOverflowStored) schedule()
    },
    flush,
  }
}

async function insertLines(
  pool: Pool,
  jobId: string,
  lines: readonly PendingLine[],
  overflowed: boolean,
): Promise<void> {
  await pool.query({
    name: 'insert-job-logs',
    text: `
      with inserted as (
        insert into provisioner_job_logs (job_id, created_at, source, level, stage, output)
        select $1::uuid, * from unnest($2::timestamptz[], $3::text[], $4::text[], $5::text[], $6::text[])
      ), counted as (
        update provisioner_jobs
        set logs_length = least(logs_length + $7::int, ${maxLogBytes}), logs_overflowed = logs_overflowed or $8
        where id = $1::uuid
      )
      select pg_notify($9, '')`,
    values: [
      jobId,
      lines.map(({ at }) => at),
      lines.map(({ source }) => source),
      lines.map(({ level }) => level),
      lines.map(({ stage }) => stage),
      lines.map(({ output }) => output),
      lines.reduce((bytes, { output }) => bytes + Buffer.byteLength(output), 0),
      overflowed,
      jobChanged(jobId),
    ],
  })
}
