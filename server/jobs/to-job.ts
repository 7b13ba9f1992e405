// Converts job rows to the API form, including the queue position.

import { zeroUuid } from '../../api/common.ts'
import type {
  MatchedProvisioners,
  ProvisionerJob,
  ProvisionerJobLog,
} from '../../api/organizations/provisioner-jobs.ts'
import type { Db } from '../database/connect.ts'
import type { Row } from '../database/schema.ts'

export type JobRow = Row<'provisioner_jobs'>

/** Data shared by all jobs of a response: the queue and the daemons. Read once per response. */
export interface JobContext {
  /** IDs of the pending jobs in queue order. */
  readonly queue: readonly string[]
  readonly daemons: readonly Daemon[]
}

type Daemon = Pick<Row<'provisioner_daemons'>, 'id' | 'name' | 'tags' | 'last_seen_at'>

/** Reads the daemons, and the queue if a job is pending. */
export async function readJobContext(db: Db, jobs: readonly JobRow[]): Promise<JobContext> {
  const isAnyPending = jobs.some(({ job_status }) => job_status === 'pending')
  const [daemons, queue] = await Promise.all([readDaemons(db), isAnyPending ? readQueue(db) : []])
  return { queue, daemons }
}

async function readDaemons(db: Db): Promise<Daemon[]> {
  return await db.selectFrom('provisioner_daemons').select(['id', 'name', 'tags', 'last_seen_at']).execute()
}

async function readQueue(db: Db): Promise<string[]> {
  const waiting = await db
    .selectFrom('provisioner_jobs')
    .select('id')
    .where('started_at', 'is', null)
    .where('completed_at', 'is', null)
    .orderBy('created_at')
    .orderBy('id')
    .execute()
  return waiting.map(({ id }) => id)
}

export function toJob(job: JobRow, { queue, daemons }: JobContext): ProvisionerJob {
  const workerName = job.worker_id === null ? undefined : daemons.find(({ id }) => id === job.worker_id)?.name
  const position = queue.indexOf(job.id) + 1
  return {
    id: job.id,
    created_at: job.created_at.toISOString(),
    ...(job.started_at && { started_at: job.started_at.toISOString() }),
    ...(job.completed_at && { completed_at: job.completed_at.toISOString() }),
    ...(job.canceled_at && { canceled_at: job.canceled_at.toISOString() }),
    ...(job.error && { error: job.error }),
    ...(job.error_code && { error_code: job.error_code }),
    status: job.job_status,
    ...(job.worker_id && { worker_id: job.worker_id }),
    ...(workerName && { worker_name: workerName }),
    file_id: job.file_id,
    tags: job.tags,
    queue_position: position,
    queue_size: position > 0 ? queue.length : 0,
    organization_id: job.organization_id,
    initiator_id: job.initiator_id,
    input: toInput(job.input),
    type: job.type,
    metadata: {
      template_version_name: '',
      template_id: zeroUuid,
      template_name: '',
      template_display_name: '',
      template_icon: '',
    },
    logs_overflowed: job.logs_overflowed,
  }
}

/** Includes only the IDs: other fields of an input may contain secrets. */
function toInput(input: Record<string, unknown>): ProvisionerJob['input'] {
  const { template_version_id: versionId, workspace_build_id: buildId } = input
  return {
    ...(typeof versionId === 'string' && { template_version_id: versionId }),
    ...(typeof buildId === 'string' && { workspace_build_id: buildId }),
  }
}

// Coder's limit: three times the interval of a daemon's heartbeat.
export const daemonStaleMs = 90_000

/** Counts the daemons that have all of these tags and can therefore acquire the job. */
export async function matchProvisioners(db: Db, tags: Readonly<Record<string, string>>): Promise<MatchedProvisioners> {
  return matchDaemons(await readDaemons(db), tags)
}

export function matchDaemons(
  daemons: readonly Daemon[],
  requiredTags: Readonly<Record<string, string>>,
): MatchedProvisioners {
  const matching = daemons.filter(({ tags }) =>
    Object.entries(requiredTags).every(([name, value]) => tags[name] === value),
  )
  const lastSeenTimes = matching.flatMap(({ last_seen_at }) => last_seen_at ?? [])
  const latest = lastSeenTimes.reduce<Date | null>((newest, at) => (newest && newest > at ? newest : at), null)
  return {
    count: matching.length,
    available: lastSeenTimes.filter((at) => Date.now() - at.getTime() < daemonStaleMs).length,
    most_recently_seen: latest?.toISOString() ?? null,
  }
}

/** @throws NoResultError if the job does not exist */
export async function loadJob(db: Db, id: string): Promise<ProvisionerJob> {
  const job = await db.selectFrom('provisioner_jobs').selectAll().where('id', '=', id).executeTakeFirstOrThrow()
  return toJob(job, await readJobContext(db, [job]))
}

export function toJobLog(line: Omit<Row<'provisioner_job_logs'>, 'job_id'>): ProvisionerJobLog {
  return {
    id: line.id,
    created_at: line.created_at.toISOString(),
    log_source: line.source,
    log_level: line.level,
    stage: line.stage,
    output: line.output,
  }
}
