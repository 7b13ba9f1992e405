// Shows the log of a provisioner job while it runs: each stage with a mark and its duration, its lines below it. The
// log's end is the job's end; how the job ended is asked afterwards.

import WebSocket from 'ws'
import type { ProvisionerJob, ProvisionerJobLog } from '../../api/organizations/provisioner-jobs.ts'
import type { Connection } from '../connection/connect.ts'
import { CommandError } from '../output/errors.ts'
import { formatDuration } from '../output/formats.ts'
import { note } from '../output/print.ts'

export interface JobLogSource {
  /** Of the log endpoint that can be followed, with its query. */
  readonly url: string
  readonly connection: Pick<Connection, 'token' | 'headers'>
  /** Asks for the job as it is now. */
  job(): Promise<ProvisionerJob>
}

// A socket that was cut (coderd restarted) is opened again this often, after the last line that was seen.
const reconnectAfterMs = 500
const maxReconnects = 60

/** A job that failed, with what it was. */
export class JobFailure extends CommandError {
  readonly job: ProvisionerJob

  constructor(what: string, job: ProvisionerJob) {
    super(`${what} failed.`, { detail: job.error })
    this.name = 'JobFailure'
    this.job = job
  }
}

/** @returns the ended job. @throws JobFailure when it failed, CommandError when it was canceled. */
export async function followJob(source: JobLogSource, what: string): Promise<ProvisionerJob> {
  const show = stageLines()
  let after = 0
  for (let attempt = 0; ; attempt += 1) {
    after = await readLog(source, after, show).catch(() => after)
    const job = await source.job().catch((error: unknown) => {
      if (attempt >= maxReconnects) throw error
      return null
    })
    if (job && isOver(job)) return endOf(job, what, show)
    await new Promise((resolve) => setTimeout(resolve, reconnectAfterMs))
  }
}

const isOver = ({ status }: ProvisionerJob) => status === 'succeeded' || status === 'failed' || status === 'canceled'

function endOf(job: ProvisionerJob, what: string, show: StageLines): ProvisionerJob {
  show.end(job)
  if (job.status === 'succeeded') return job
  if (job.status === 'canceled') throw new CommandError(`${what} was canceled.`)
  throw new JobFailure(what, job)
}

/** Resolves with the id of the last line when the server ends the stream. */
function readLog({ url, connection }: JobLogSource, after: number, show: StageLines): Promise<number> {
  const address = new URL(url.replace(/^http/, 'ws'))
  address.searchParams.set('after', String(after))
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(address, {
      headers: { ...connection.headers, 'coder-session-token': connection.token },
    })
    let last = after
    socket.on('message', (data) => {
      const line = JSON.parse(String(data)) as ProvisionerJobLog
      last = line.id
      show.line(line)
    })
    socket.on('close', () => resolve(last))
    socket.on('error', reject)
  })
}

export interface StageLines {
  line(line: ProvisionerJobLog): void
  end(job: ProvisionerJob): void
}

/** The stages of a log, told on stderr: `⧗ Planning` where somebody watches, `✔ Planning [23ms]` when it is over. */
export function stageLines(write: (text: string) => void = note): StageLines {
  let stage = ''
  let startedAt = 0
  let hasErrors = false
  const finish = (mark: string, endedAt: number) => {
    if (stage) write(`${mark} ${stage} [${formatDuration(endedAt - startedAt)}]`)
  }
  return {
    line({ stage: next, output, created_at, log_level }) {
      const at = Date.parse(created_at)
      if (next !== stage) {
        finish(hasErrors ? '✘' : '✔', at)
        stage = next
        startedAt = at
        hasErrors = false
        write(`⧗ ${stage}`)
      }
      hasErrors ||= log_level === 'error'
      if (output && log_level !== 'trace' && log_level !== 'debug') write(indent(output))
    },
    end(job) {
      finish(
        job.status === 'succeeded' && !hasErrors ? '✔' : '✘',
        Date.parse(job.completed_at ?? new Date().toISOString()),
      )
    },
  }
}

const indent = (text: string) => text.replace(/^/gm, '  ')
