// Prints the log of a running provisioner job: each stage with its result and duration, and its output lines. The log
// stream closes when the job finishes; the job is then fetched for its status.

import WebSocket from 'ws'
import type { ProvisionerJob, ProvisionerJobLog } from '../../api/organizations/provisioner-jobs.ts'
import type { Connection } from '../connection/connect.ts'
import { CommandError } from '../output/errors.ts'
import { formatDuration } from '../output/formats.ts'
import { note } from '../output/print.ts'

export interface JobLogSource {
  /** URL of the log stream, with its query. */
  readonly url: string
  readonly connection: Pick<Connection, 'token' | 'headers'>
  /** Fetches the current state of the job. */
  job(): Promise<ProvisionerJob>
}

// After a lost connection (coderd restarted), the stream resumes after the last received line.
const reconnectAfterMs = 500
const maxReconnects = 60

/** A failed job. */
export class JobFailure extends CommandError {
  readonly job: ProvisionerJob

  constructor(title: string, job: ProvisionerJob) {
    super(`${title} failed.`, { detail: job.error })
    this.name = 'JobFailure'
    this.job = job
  }
}

/** @returns the finished job. @throws JobFailure when it failed, CommandError when it was canceled */
export async function followJob(source: JobLogSource, title: string): Promise<ProvisionerJob> {
  const show = createStagePrinter()
  let after = 0
  for (let attempt = 0; ; attempt += 1) {
    after = await readLog(source, after, show).catch(() => after)
    const job = await source.job().catch((error: unknown) => {
      if (attempt >= maxReconnects) throw error
      return null
    })
    if (job && hasFinished(job)) return finish(job, title, show)
    await new Promise((resolve) => setTimeout(resolve, reconnectAfterMs))
  }
}

const hasFinished = ({ status }: ProvisionerJob) =>
  status === 'succeeded' || status === 'failed' || status === 'canceled'

function finish(job: ProvisionerJob, title: string, show: StagePrinter): ProvisionerJob {
  show.end(job)
  if (job.status === 'succeeded') return job
  if (job.status === 'canceled') throw new CommandError(`${title} was canceled.`)
  throw new JobFailure(title, job)
}

/** Resolves with the id of the last line when the server closes the stream. */
function readLog({ url, connection }: JobLogSource, after: number, show: StagePrinter): Promise<number> {
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

export interface StagePrinter {
  line(line: ProvisionerJobLog): void
  end(job: ProvisionerJob): void
}

/** Prints `⧗ Planning` when a stage starts and `✔ Planning [23ms]` when it finishes. */
export function createStagePrinter(write: (text: string) => void = note): StagePrinter {
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
