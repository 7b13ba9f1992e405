// The log of a job as JSON, as text, and as a WebSocket that follows it: one line a frame, closed when the job is over.

import type { FastifyReply } from 'fastify'
import type { WebSocket } from 'ws'
import type { FollowLogsQuery, LogsQuery, ProvisionerJobLog } from '../../api/organizations/provisioner-jobs.ts'
import type { BaseContext } from '../base-context.ts'
import type { Db } from '../database/connect.ts'
import { jobChanged } from './job-channels.ts'
import { toJobLog } from './to-job.ts'

/** The lines so far. */
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

/** For `?format=text`. */
export function sendJobLogsAsText(reply: FastifyReply, lines: readonly ProvisionerJobLog[]): void {
  reply.type('text/plain; charset=utf-8').send(lines.map(toText).join(''))
}

const toText = ({ created_at, log_level, stage, output }: ProvisionerJobLog) =>
  `${created_at} [${log_level}] [${stage}] ${output}\n`

// A job's end and its last lines are told by notifications; this covers one that was lost.
const lookAgainMs = 5_000

// Unsent bytes above which a follower gets no more until it has read: a log is a megabyte at most.
const maxBufferedBytes = 1024 * 1024

/** Sends what there is and what comes, until the job has ended or the follower goes away. */
export async function followJobLogs(
  { db, channels, log }: Pick<BaseContext, 'db' | 'channels' | 'log'>,
  jobId: string,
  { after = 0, format }: FollowLogsQuery,
  socket: WebSocket,
): Promise<void> {
  let lastId = after
  let isSending = false
  let isAskedAgain = false

  async function send(): Promise<void> {
    // The end is read before the lines: a job has written all of them when it ends.
    const isOver = await hasEnded(db, jobId)
    for (const line of await readJobLogs(db, jobId, { after: lastId })) {
      if (socket.readyState !== socket.OPEN) return
      socket.send(format === 'text' ? toText(line) : JSON.stringify(line))
      lastId = line.id
      if (socket.bufferedAmount > maxBufferedBytes) break
    }
    if (isOver && socket.bufferedAmount <= maxBufferedBytes) socket.close(1000)
  }

  /** One reading at a time; notifications that come meanwhile ask for one more. */
  async function look(): Promise<void> {
    isAskedAgain = true
    if (isSending) return
    isSending = true
    try {
      while (isAskedAgain && socket.readyState === socket.OPEN) {
        isAskedAgain = false
        await send()
      }
    } catch (err) {
      log.warn({ err, jobId }, 'the log could not be followed')
      socket.close(1011, 'The log could not be read. Follow it again.')
    } finally {
      isSending = false
    }
  }

  const stopListening = await channels.listen(jobChanged(jobId), () => void look())
  const timer = setInterval(() => void look(), lookAgainMs)
  socket.on('close', () => {
    clearInterval(timer)
    stopListening().catch((err: unknown) => log.warn({ err }, 'unlisten failed'))
  })
  await look()
}

async function hasEnded(db: Db, jobId: string): Promise<boolean> {
  const job = await db.selectFrom('provisioner_jobs').select('completed_at').where('id', '=', jobId).executeTakeFirst()
  return job === undefined || job.completed_at !== null
}
