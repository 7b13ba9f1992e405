// The steps of a build that went by faster than a watcher was told: clients wait for each of them. A build that waited,
// was taken and ended within a few milliseconds is shown as waiting and as running too, as it was by then.

import type { ProvisionerJob } from '../../api/organizations/provisioner-jobs.ts'
import type { WorkspaceStatus } from '../../api/workspaces/builds.ts'
import type { Workspace } from '../../api/workspaces/workspaces.ts'

/** How far the newest build was when it was last told. */
export interface SeenBuild {
  readonly id: string
  readonly step: number
}

const steps = { pending: 0, running: 1, over: 2 } as const

const stepOf = ({ status }: ProvisionerJob): number =>
  status === 'pending' ? steps.pending : status === 'running' || status === 'canceling' ? steps.running : steps.over

/** @param seen undefined where nothing was told yet: then what is now is all there is to tell.
 *  @returns what to tell, the present last. */
export function stepsTo(seen: SeenBuild | undefined, text: Buffer): { seen: SeenBuild; texts: Buffer[] } {
  const workspace = JSON.parse(text.toString()) as Workspace
  const { id, job } = workspace.latest_build
  const now: SeenBuild = { id, step: stepOf(job) }
  if (!seen) return { seen: now, texts: [text] }
  const next = seen.id === id ? seen.step + 1 : steps.pending
  // A build that was canceled while it waited was never taken.
  const missed = [steps.pending, steps.running].filter(
    (step) => step >= next && step < now.step && (step === steps.pending || job.started_at !== undefined),
  )
  return { seen: now, texts: [...missed.map((step) => earlier(workspace, step)), text] }
}

const underWay = { start: 'starting', stop: 'stopping', delete: 'deleting' } as const

/** The workspace as it was while its newest build was at that step. */
function earlier(workspace: Workspace, step: number): Buffer {
  const { latest_build: build } = workspace
  const { completed_at: _completed, canceled_at: _canceled, error: _error, error_code: _code, ...taken } = build.job
  const { started_at: _started, worker_id: _id, worker_name: _name, ...waiting } = taken
  const isPending = step === steps.pending
  const status: WorkspaceStatus = isPending ? 'pending' : underWay[build.transition]
  const job: ProvisionerJob = isPending ? { ...waiting, status: 'pending' } : { ...taken, status: 'running' }
  const latest_build = { ...build, status, job, resources: [], deadline: null, max_deadline: null }
  return Buffer.from(JSON.stringify({ ...workspace, latest_build, health: { healthy: true, failing_agents: [] } }))
}
