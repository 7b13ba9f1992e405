// Serves the log of a job as JSON, as text, and as a WebSocket with one line per frame that closes when the job ends.

import type { FastifyReply } from 'fastify'
import type { WebSocket } from 'ws'
import type { FollowLogsQuery, LogsQuery, ProvisionerJobLog } from '../../api/organizations/provisioner-jobs.ts'
import type { BaseContext } from '../base-context.ts'
import type { Db } from '../database/connect.ts'
import { jobChanged } from './job-channels.ts'
import { toJobLog } from './to-job.ts'

/** Reads the stored lines with IDs between `after` and `before`, both exclusive. */
export async function readJobLogs(db: Db, jobId: string, { after, before }: LogsQuery): Promise<ProvisionerJobLog[]> {
  const lines = await db
    .selectFrom('provisioner_job_logs')
    .selectAll()
    .where('job_id', '=', jobId)
    .$if(after !== undefined, (query) => query.where('id', '>', after ?? 0))
    .$if(before !== undefined, (query) => query.where('id', '<', before ?? 0))
    .orderBy('id')
    .execute()
  return lines.map(toJobLog)
}

/** Sends lines as plain text (`?format=text`). */
export function sendJobLogsAsText(reply: FastifyReply, lines: readonly ProvisionerJobLog[]): void {
  reply.type('text/plain; charset=utf-8').send(lines.map(toText).join(''))
}

const toText = ({ created_at, log_level, stage, output }: ProvisionerJobLog) =>
  `${created_at} [${log_level}] [${stage}] ${output}\n`

// New lines are announced by NOTIFY; polling covers a lost notification.
const pollMs = 5_000

// Unsent bytes above which sending pauses until the client has read; a whole log is at most 1 MiB.
const maxBufferedBytes = 1024 * 1024

/** Sends the stored lines and follows the log until the job ends or the client disconnects. */
export async function followJobLogs(
  { db, channels, log }: Pick<BaseContext, 'db' | 'channels' | 'log'>,
  jobId: string,
  { after = 0, format }: FollowLogsQuery,
  socket: WebSocket,
): Promise<void> {
  let lastId = after
  let isSending = false
  let isPending = false

  async function send(): Promise<void> {
    // Read before the lines: a completed job has stored all of its lines.
    const isComplete = await isCompleted(db, jobId)
    for (const line of await readJobLogs(db, jobId, { after: lastId })) {
      if (socket.readyState !== socket.OPEN) return
      socket.send(format === 'text' ? toText(line) : JSON.stringify(line))
      lastId = line.id
      if (socket.bufferedAmount > maxBufferedBytes) break
    }
    if (isComplete && socket.bufferedAmount <= maxBufferedBytes) socket.close(1000)
  }

  /** Runs one query at a time; notifications during a query trigger one more. */
  async function sendNew(): Promise<void> {
    isPending = true
    if (isSending) return
    isSending = true
    try {
      while (isPending && socket.readyState === socket.OPEN) {
        isPending = false
        await send()
      }
    } catch (err) {
      log.warn({ err, jobId }, 'could not follow the job log')
      socket.close(1011, 'Could not read the log. Reconnect to follow it again.')
    } finally {
      isSending = false
    }
  }

  // The socket can close before listening has started.
  const listening = channels.listen(jobChanged(jobId), () => void sendNew())
  const timer = setInterval(() => void sendNew(), pollMs)
  socket.on('close', () => {
    clearInterval(timer)
    listening.then((stop) => stop()).catch((err: unknown) => log.warn({ err }, 'unlisten failed'))
  })
  await listening
  await sendNew()
}

async function isCompleted(db: Db, jobId: string): Promise<boolean> {
  const job = await db.selectFrom('provisioner_jobs').select('completed_at').where('id', '=', jobId).executeTakeFirst()
  return job === undefined || job.completed_at !== null
}
