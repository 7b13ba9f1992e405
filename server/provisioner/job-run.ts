// Context of a running job.

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
  /** Aborted if the job is canceled or completed elsewhere, or if coderd stops. */
  readonly signal: AbortSignal
  /** Reason of the abort; null if not aborted. */
  abortedBy(): 'cancel' | 'stop' | null
  /** Input of the `host` provider. */
  hostContext(workspaceId: string): Promise<HostContext>
}
