// Starts, stops and deletes workspaces by their schedules. A round selects candidates, then locks each workspace and
// decides in a separate transaction, so that concurrent changes are respected. Rounds are idempotent: the next
// round reads the builds of the previous one.

import { sql } from 'kysely'
import { ApiError } from '../../api/errors.ts'
import { startBuildIn } from '../builds/start-build.ts'
import type { ServerContext } from '../context.ts'
import { advisoryLocks } from '../database/advisory-locks.ts'
import { type Db, isConnectionError, isTransientError, type Tx } from '../database/connect.ts'
import { notify } from '../notifications/notify.ts'
import type { PeriodicTask } from '../periodic-task.ts'
import { notifyDormant, setDormant, tellMarkedForDeletion } from '../schedule/dormancy.ts'
import { type ScheduleColumns, scheduleColumns, toAutostartRules } from '../schedule/load-rules.ts'
import { nextStart } from '../schedule/next-start.ts'
import { decide, type ScheduledAction, type ScheduleFacts } from './decide.ts'

export type AutobuildContext = Pick<
  ServerContext,
  'db' | 'events' | 'clock' | 'log' | 'engine' | 'config' | 'accessUrl'
>

const intervalMs = 60_000

export const autobuild = (context: AutobuildContext): PeriodicTask => ({
  name: 'autobuild',
  lock: advisoryLocks.autobuild,
  intervalMs,
  run: (now) => runAutobuild(context, now),
})

/** Runs one round. @throws a transient database error after all other workspaces are processed */
export async function runAutobuild(context: AutobuildContext, now: Date): Promise<void> {
  await fillNextStarts(context.db, now)
  await followTemplates(context.db, now)
  let postponed: unknown
  for (const id of await findCandidates(context.db, now)) {
    try {
      await context.db.transaction().execute((tx) => actOn(tx, context, id, now))
    } catch (error) {
      if (isConnectionError(error)) throw error
      if (isTransientError(error)) postponed = error
      else await giveUp(context, id, now, error)
    }
  }
  // The next round retries the postponed workspaces.
  if (postponed) throw postponed
}

/** Computes the next start of workspaces whose schedule or template schedule has changed. */
async function fillNextStarts(db: Db, now: Date): Promise<void> {
  const unknown = await scheduleColumns(db)
    .where('workspace.deleted', '=', false)
    .where('workspace.autostart_schedule', 'is not', null)
    .where('workspace.next_start_at', 'is', null)
    .where('template.allow_user_autostart', '=', true)
    .where(sql<boolean>`cardinality(template.autostart_requirement_days_of_week) > 0`)
    .execute()
  for (const row of unknown) await setNextStart(db, row.workspace_id, row, now)
}

async function setNextStart(db: Db, workspaceId: string, row: ScheduleColumns, now: Date): Promise<void> {
  await db
    .updateTable('workspaces')
    .set({ next_start_at: nextStart(toAutostartRules(row), now) })
    .where('id', '=', workspaceId)
    .execute()
}

/** Updates the deletion time of dormant workspaces after changes of their template. */
async function followTemplates(db: Db, now: Date): Promise<void> {
  await db.transaction().execute(async (tx) => {
    const { rows } = await sql<{ id: string; was_kept: boolean }>`
      update workspaces workspace set deleting_at = wanted.at
      from (
        select dormant.id, dormant.deleting_at as before, case when template.time_til_dormant_autodelete_ms > 0
          then dormant.dormant_at + template.time_til_dormant_autodelete_ms * interval '1 millisecond' end as at
        from workspaces dormant join templates template on template.id = dormant.template_id
        where dormant.dormant_at is not null and not dormant.deleted
      ) wanted
      where workspace.id = wanted.id and workspace.deleting_at is distinct from wanted.at::timestamptz(3)
      returning workspace.id, wanted.before is null as was_kept`.execute(tx)
    for (const { id, was_kept } of rows) if (was_kept) await tellMarkedForDeletion(tx, id, now)
  })
}

const facts = (db: Db) =>
  scheduleColumns(db)
    .innerJoin('workspace_builds as build', 'build.id', 'workspace.latest_build_id')
    .innerJoin('provisioner_jobs as job', 'job.id', 'build.job_id')
    .select([
      'workspace.owner_id',
      'workspace.next_start_at',
      'workspace.dormant_at',
      'workspace.deleting_at',
      'workspace.last_used_at',
      'workspace.created_at',
      'build.id as build_id',
      'build.transition',
      'build.deadline',
      'job.job_status',
      'job.completed_at',
      'owner.status as owner_status',
      'owner.rbac_roles as owner_roles',
      'template.failure_ttl_ms',
      'template.time_til_dormant_ms',
    ])
    .where('workspace.deleted', '=', false)

type FactRow = Awaited<ReturnType<ReturnType<typeof facts>['executeTakeFirstOrThrow']>>

/** Selects workspaces that may be due; `decide` makes the final decision. */
async function findCandidates(db: Db, now: Date): Promise<string[]> {
  const rows = await facts(db)
    .where('job.completed_at', 'is not', null)
    .where((eb) =>
      eb.or([
        eb('build.deadline', '<=', now),
        eb.and([eb('workspace.next_start_at', '<=', now), eb('build.transition', '=', 'stop')]),
        eb.and([eb('build.transition', '=', 'start'), eb('owner.status', '=', 'suspended')]),
        eb.and([
          eb('job.job_status', '=', 'failed'),
          eb('template.failure_ttl_ms', '>', 0),
          sql<boolean>`job.completed_at + template.failure_ttl_ms * interval '1 millisecond' <= ${now}`,
        ]),
        eb.and([
          eb('workspace.dormant_at', 'is', null),
          eb('template.time_til_dormant_ms', '>', 0),
          sql<boolean>`coalesce(workspace.last_used_at, workspace.created_at)
            + template.time_til_dormant_ms * interval '1 millisecond' <= ${now}`,
        ]),
        eb.and([eb('workspace.dormant_at', 'is not', null), eb('build.transition', '=', 'start')]),
        eb('workspace.deleting_at', '<=', now),
      ]),
    )
    .execute()
  return rows.filter((row) => decide(toFacts(row), now)).map((row) => row.workspace_id)
}

function toFacts(row: FactRow): ScheduleFacts {
  return {
    transition: row.transition,
    jobStatus: row.job_status,
    jobCompletedAt: row.completed_at,
    deadline: row.deadline,
    nextStartAt: row.allow_user_autostart && row.autostart_schedule !== null ? row.next_start_at : null,
    dormantAt: row.dormant_at,
    deletingAt: row.deleting_at,
    lastUsedAt: row.last_used_at ?? row.created_at,
    ownerStatus: row.owner_status,
    failureTtlMs: row.failure_ttl_ms,
    timeTilDormantMs: row.time_til_dormant_ms,
  }
}

async function actOn(tx: Tx, context: AutobuildContext, id: string, now: Date): Promise<void> {
  // A locked workspace is being changed; the next round handles it.
  const locked = await tx
    .selectFrom('workspaces')
    .select('id')
    .where('id', '=', id)
    .forUpdate()
    .skipLocked()
    .executeTakeFirst()
  if (!locked) return
  const row = await facts(tx).where('workspace.id', '=', id).executeTakeFirst()
  const action = row && decide(toFacts(row), now)
  if (!row || !action) return
  context.log.info({ workspace: id, ...action }, 'a workspace is due')
  if (action.kind === 'dormant') {
    await setDormant(tx, context.events, id, now)
    await notifyDormant(tx, id, now, 'was not used for a long time')
  }
  const request = toRequest(action)
  // Schedules act with the permissions of the owner.
  const owner = { userId: row.owner_id, roles: row.owner_roles }
  if (request) await startBuildIn(tx, context, owner, id, { ...request, parameters: [] })
}

function toRequest(action: ScheduledAction) {
  if (action.kind === 'build') return action
  return action.isRunning ? ({ transition: 'stop', reason: 'dormancy' } as const) : null
}

/** Postpones a failed action, so that it is not retried every minute; starts are retried at the next scheduled time. */
async function giveUp(context: AutobuildContext, id: string, now: Date, error: unknown): Promise<void> {
  context.log.warn({ err: error, workspace: id }, 'a workspace could not follow its schedule')
  if (!(error instanceof ApiError)) return
  const reason = error.message
  const row = await scheduleColumns(context.db)
    .where('workspace.id', '=', id)
    .where('workspace.next_start_at', '<=', now)
    .executeTakeFirst()
  if (!row) return
  await setNextStart(context.db, id, row, now)
  const workspace = await context.db.selectFrom('workspaces').selectAll().where('id', '=', id).executeTakeFirstOrThrow()
  await notify(context.db, {
    template: 'workspaceAutobuildFailed',
    to: workspace.owner_id,
    labels: { name: workspace.name, reason },
    targets: [workspace.id, workspace.owner_id, workspace.template_id, workspace.organization_id],
    createdBy: 'schedule',
  })
}
