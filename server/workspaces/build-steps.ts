// Replays build statuses that a watcher missed: clients wait for each of them. If a build was pending, running
// and completed within milliseconds, its earlier statuses are sent first.

import type { ProvisionerJob } from '../../api/organizations/provisioner-jobs.ts'
import type { WorkspaceStatus } from '../../api/workspaces/builds.ts'
import type { Workspace } from '../../api/workspaces/workspaces.ts'

/** Status of the latest build in the last message. */
export interface SentBuild {
  readonly id: string
  readonly step: number
}

const steps = { pending: 0, running: 1, over: 2 } as const

const stepOf = ({ status }: ProvisionerJob): number =>
  status === 'pending' ? steps.pending : status === 'running' || status === 'canceling' ? steps.running : steps.over

/** @param sent undefined before the first message, when only the current state is sent
 *  @returns messages to send, the current state last */
export function replaySteps(sent: SentBuild | undefined, text: Buffer): { sent: SentBuild; texts: Buffer[] } {
  const workspace = JSON.parse(text.toString()) as Workspace
  const { id, job } = workspace.latest_build
  const current: SentBuild = { id, step: stepOf(job) }
  if (!sent) return { sent: current, texts: [text] }
  const next = sent.id === id ? sent.step + 1 : steps.pending
  // A build canceled while pending never ran.
  const missed = [steps.pending, steps.running].filter(
    (step) => step >= next && step < current.step && (step === steps.pending || job.started_at !== undefined),
  )
  return { sent: current, texts: [...missed.map((step) => withEarlierStatus(workspace, step)), text] }
}

const runningStatuses = { start: 'starting', stop: 'stopping', delete: 'deleting' } as const

/** The workspace with an earlier status of its latest build. */
function withEarlierStatus(workspace: Workspace, step: number): Buffer {
  const { latest_build: build } = workspace
  const { completed_at: _completed, canceled_at: _canceled, error: _error, error_code: _code, ...taken } = build.job
  const { started_at: _started, worker_id: _id, worker_name: _name, ...waiting } = taken
  const isPending = step === steps.pending
  const status: WorkspaceStatus = isPending ? 'pending' : runningStatuses[build.transition]
  const job: ProvisionerJob = isPending ? { ...waiting, status: 'pending' } : { ...taken, status: 'running' }
  const latest_build = { ...build, status, job, resources: [], deadline: null, max_deadline: null }
  return Buffer.from(JSON.stringify({ ...workspace, latest_build, health: { healthy: true, failing_agents: [] } }))
}
