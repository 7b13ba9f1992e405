// The log of a running job on its way into the database: the first line at once, so that a page has something to show,
// the rest in batches. Readers are woken by a notification and read the rows; see follow-job-logs.ts.

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
  /** Resolves when everything written so far is stored. */
  flush(): Promise<void>
}

// What a person still takes for "at once", and few enough transactions under a chatty build.
const batchMs = 250

/** Coder's limit; the column has a CHECK of the same size. */
export const maxLogBytes = 1024 * 1024

// Longer than PostgreSQL needs to come back from a crash: lines are worth the wait.
const patienceMs = 60_000

interface PendingLine extends JobLogLine {
  readonly at: Date
}

/** @param onError hears why lines could not be stored; they are dropped then. */
export function openJobLog(pool: Pool, jobId: string, onError: (error: unknown) => void): JobLog {
  let pending: PendingLine[] = []
  let keptBytes = 0
  let isOverflowing = false
  let overflowIsTold = false
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
    const overflowed = isOverflowing && !overflowIsTold
    if (lines.length === 0 && !overflowed) return
    pending = []
    overflowIsTold ||= overflowed
    await retryWhileUnavailable(() => insertLines(pool, jobId, lines, overflowed), patienceMs)
  }

  return {
    write(line) {
      // PostgreSQL has no text with zero bytes in it.
      const output = line.output.replaceAll('\0', '')
      keptBytes += Buffer.byteLength(output)
      if (keptBytes > maxLogBytes) isOverflowing = true
      if (!isOverflowing) pending.push({ ...line, output, at: new Date() })
      if (!isOverflowing || !overflowIsTold) schedule()
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
