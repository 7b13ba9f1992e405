// What the work on a job has at hand.

import type { HostContext } from '../../terraform/providers/host/provider.ts'
import type { ServerContext } from '../context.ts'
import type { AcquiredJob } from './acquire-job.ts'
import type { Engine } from './engine.ts'
import type { JobLog } from './job-logs.ts'

export interface JobRun {
  readonly context: ServerContext
  readonly engine: Engine
  readonly job: AcquiredJob
  readonly log: JobLog
  /** Aborted when the job is canceled, was ended by somebody else, or coderd stops. */
  readonly signal: AbortSignal
  /** Whether somebody asked for an early end, as opposed to coderd stopping. */
  isCanceled(): boolean
  hostFacts(workspaceId: string): Promise<HostContext>
}
