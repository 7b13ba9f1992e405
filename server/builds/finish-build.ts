// Finishes a build: stores its outcome as rows in one transaction with the end of the job. Also stores the intermediate
// state of a running build.

import type { FastifyBaseLogger } from 'fastify'
import type { WorkspaceTransition } from '../../api/workspaces/builds.ts'
import type { Clock } from '../clock.ts'
import { type Db, retryWhileUnavailable, type Tx } from '../database/connect.ts'
import type { Encryption } from '../encryption/encryption.ts'
import type { Events } from '../events.ts'
import type { JobEnd } from '../jobs/end-job.ts'
import type { BuildOutcome, EngineTiming } from '../jobs/engine.ts'
import type { Relay } from '../relay/relay.ts'
import { deadlinesOf } from '../schedule/deadline.ts'
import { loadScheduleRules } from '../schedule/load-rules.ts'
import { nextStart } from '../schedule/next-start.ts'
import { encryptState } from './build-state.ts'
import { completeJob } from './complete-job.ts'
import { insertResources } from './insert-resources.ts'

export interface RunningBuild {
  readonly jobId: string
  readonly buildId: string
  readonly workspaceId: string
  readonly versionId: string
  readonly transition: WorkspaceTransition
}

interface FinishContext {
  readonly db: Db
  readonly encryption: Encryption
  readonly events: Events
  readonly connections: Relay
  readonly log: Pick<FastifyBaseLogger, 'info'>
  readonly clock: Clock
}

// An outcome cannot be computed again, so storing it is retried while the database restarts.
const retryMs = 60_000

/** Stores the outcome of a build and completes its job.
 *  @returns false if the job was already completed: then only the state was stored */
export async function finishBuild(
  context: FinishContext,
  build: RunningBuild,
  outcome: BuildOutcome,
  timings: readonly EngineTiming[],
  end: JobEnd,
): Promise<boolean> {
  const isFinished = await retryWhileUnavailable(
    () => context.db.transaction().execute((tx) => storeOutcome(tx, context, build, outcome, timings, end)),
    retryMs,
  )
  if (isFinished && !outcome.failure) await dropEarlierAgents(context, build)
  return isFinished
}

async function storeOutcome(
  tx: Tx,
  { encryption, events, clock }: FinishContext,
  build: RunningBuild,
  outcome: BuildOutcome,
  timings: readonly EngineTiming[],
  end: JobEnd,
): Promise<boolean> {
  await storeState(tx, encryption, build, outcome.state)
  if (!(await completeJob(tx, events, build.jobId, end))) return false
  await insertTimings(tx, build.jobId, timings)
  if (outcome.hasReadOutside) await markExecutesHere(tx, build.versionId)
  if (outcome.failure) return true
  await insertResources(tx, encryption, build.jobId, build.transition, outcome.resources)
  await tx
    .updateTable('workspace_builds')
    .set({
      updated_at: new Date(),
      daily_cost: outcome.resources.reduce((sum, { dailyCost }) => sum + dailyCost, 0),
    })
    .where('id', '=', build.buildId)
    .execute()
  await setSchedule(tx, build, clock.now())
  if (build.transition === 'delete') await markDeleted(tx, events, build.workspaceId)
  return true
}

/** The import did not find the files outside the template: the path or its condition depends on parameters. */
async function markExecutesHere(tx: Tx, versionId: string): Promise<void> {
  await tx.updateTable('template_versions').set({ executes_here: true }).where('id', '=', versionId).execute()
}

/** Sets the deadline of a started build and the next autostart. */
async function setSchedule(tx: Tx, { workspaceId, buildId, transition }: RunningBuild, now: Date): Promise<void> {
  const rules = await loadScheduleRules(tx, workspaceId)
  if (transition === 'start') {
    const { deadline, maxDeadline } = deadlinesOf(rules, now)
    await tx
      .updateTable('workspace_builds')
      .set({ deadline, max_deadline: maxDeadline })
      .where('id', '=', buildId)
      .execute()
  }
  await tx
    .updateTable('workspaces')
    .set({
      next_start_at: nextStart(rules.autostart, now),
      ...(transition === 'start' && { last_used_at: now }),
    })
    .where('id', '=', workspaceId)
    .execute()
}

/** Stores the Terraform state, also during a build, so that a crash leaves a record of the created resources. */
export async function storeState(
  db: Db,
  encryption: Encryption,
  { buildId, workspaceId }: Pick<RunningBuild, 'buildId' | 'workspaceId'>,
  state: string | null,
): Promise<void> {
  await db
    .updateTable('workspace_builds')
    .set(encryptState(encryption, workspaceId, state))
    .where('id', '=', buildId)
    .execute()
}

async function markDeleted(tx: Tx, events: Events, workspaceId: string): Promise<void> {
  await tx
    .updateTable('workspaces')
    .set({ deleted: true, updated_at: new Date() })
    .where('id', '=', workspaceId)
    .execute()
  await events.publish(tx, { type: 'workspace', workspace_id: workspaceId, reason: 'deleted' })
}

export async function insertTimings(tx: Tx, jobId: string, timings: readonly EngineTiming[]): Promise<void> {
  if (timings.length === 0) return
  await tx
    .insertInto('provisioner_job_timings')
    .values(
      timings.map(({ stage, source, action, resource, startedAt, endedAt }) => ({
        job_id: jobId,
        stage,
        source,
        action,
        resource,
        started_at: new Date(startedAt),
        ended_at: new Date(endedAt),
      })),
    )
    .execute()
}

// Running agents belong to the previous build, or to a build before some failed ones.
const maxEarlierBuilds = 10

/** Disconnects agents of earlier builds. Agents that keep their token reconnect as agents of the new build. */
async function dropEarlierAgents({ db, connections, log }: FinishContext, build: RunningBuild): Promise<void> {
  const earlier = db
    .selectFrom('workspace_builds')
    .select('job_id')
    .where('workspace_id', '=', build.workspaceId)
    .where('job_id', '!=', build.jobId)
    .orderBy('build_number', 'desc')
    .limit(maxEarlierBuilds)
  const agents = await db
    .selectFrom('workspace_agents')
    .innerJoin('workspace_resources', 'workspace_resources.id', 'workspace_agents.resource_id')
    .select('workspace_agents.id')
    .where('workspace_resources.job_id', 'in', earlier)
    .execute()
  for (const { id } of agents) {
    if (!connections.isConnected(id)) continue
    log.info({ agentId: id, build: build.buildId }, 'disconnecting an agent that a newer build superseded')
    connections.drop(id)
  }
}
