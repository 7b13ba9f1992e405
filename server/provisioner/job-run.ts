// Everything that the runner of a job may use.

import type { HostContext } from '../../terraform/providers/host/context.ts'
import type { ServerContext } from '../context.ts'
import type { AcquiredJob } from '../jobs/acquire-job.ts'
import type { Engine } from '../jobs/engine.ts'
import type { JobLog } from '../jobs/job-logs.ts'

export interface JobRun {
  readonly context: ServerContext
  readonly engine: Engine
  readonly job: AcquiredJob
  readonly log: JobLog
  /** Aborted when the job is canceled, was completed elsewhere, or coderd stops. */
  readonly signal: AbortSignal
  /** Why the signal was aborted; null while it is not. */
  abortedBy(): 'cancel' | 'stop' | null
  hostFacts(workspaceId: string): Promise<HostContext>
}
