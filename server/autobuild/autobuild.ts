// Starts, stops and deletes workspaces by their schedules. Each pass selects candidates, then locks each workspace and
// selects its action in a separate transaction, so that concurrent changes are respected. Passes are idempotent: the
// next pass reads the builds of the previous one.

import { sql } from 'kysely'
import { ApiError } from '../../api/errors.ts'
import { startBuildInTransaction } from '../builds/start-build.ts'
import type { ServerContext } from '../context.ts'
import { advisoryLocks } from '../database/advisory-locks.ts'
import { type Db, isConnectionError, isTransientError, type Tx } from '../database/connect.ts'
import { notify } from '../notifications/notify.ts'
import type { PeriodicTask } from '../periodic-task.ts'
import { notifyDormant, notifyMarkedForDeletion, setDormant } from '../schedule/dormancy.ts'
import { type ScheduleColumns, scheduleColumns, toAutostartRules } from '../schedule/load-rules.ts'
import { nextStart } from '../schedule/next-start.ts'
import { findScheduledAction, type ScheduledAction, type ScheduleFacts } from './scheduled-action.ts'

export type AutobuildContext = Pick<
  ServerContext,
  'db' | 'encryption' | 'events' | 'clock' | 'log' | 'engine' | 'config' | 'accessUrl'
>

const intervalMs = 60_000

export const autobuild = (context: AutobuildContext): PeriodicTask => ({
  name: 'autobuild',
  lock: advisoryLocks.autobuild,
  intervalMs,
  run: (now) => runAutobuild(context, now),
})

/** Runs one scheduler pass. @throws a transient database error after all other workspaces are processed */
export async function runAutobuild(context: AutobuildContext, now: Date): Promise<void> {
  await setMissingNextStarts(context.db, now)
  await updateDeletionTimes(context.db, now)
  let transientError: unknown
  for (const id of await findCandidates(context.db, now)) {
    try {
      await context.db.transaction().execute((tx) => runScheduledAction(tx, context, id, now))
    } catch (error) {
      if (isConnectionError(error)) throw error
      if (isTransientError(error)) transientError = error
      else await postponeAction(context, id, now, error)
    }
  }
  // The next pass retries these workspaces.
  if (transientError) throw transientError
}

/** Computes the next start of workspaces whose schedule or template schedule was changed. */
async function setMissingNextStarts(db: Db, now: Date): Promise<void> {
  const workspaces = await scheduleColumns(db)
    .where('workspace.deleted', '=', false)
    .where('workspace.autostart_schedule', 'is not', null)
    .where('workspace.next_start_at', 'is', null)
    .where('template.allow_user_autostart', '=', true)
    .where(sql<boolean>`cardinality(template.autostart_requirement_days_of_week) > 0`)
    .execute()
  for (const row of workspaces) await setNextStart(db, row.workspace_id, row, now)
}

async function setNextStart(db: Db, workspaceId: string, row: ScheduleColumns, now: Date): Promise<void> {
  await db
    .updateTable('workspaces')
    .set({ next_start_at: nextStart(toAutostartRules(row), now) })
    .where('id', '=', workspaceId)
    .execute()
}

/** Updates the deletion time of dormant workspaces after changes of their template. */
async function updateDeletionTimes(db: Db, now: Date): Promise<void> {
  await db.transaction().execute(async (tx) => {
    const { rows } = await sql<{ id: string; is_newly_set: boolean }>`
      update workspaces workspace set deleting_at = target.at
      from (
        select dormant.id, dormant.deleting_at as before, case when template.time_til_dormant_autodelete_ms > 0
          then dormant.dormant_at + template.time_til_dormant_autodelete_ms * interval '1 millisecond' end as at
        from workspaces dormant join templates template on template.id = dormant.template_id
        where dormant.dormant_at is not null and not dormant.deleted
      ) target
      where workspace.id = target.id and workspace.deleting_at is distinct from target.at::timestamptz(3)
      returning workspace.id, target.before is null as is_newly_set`.execute(tx)
    for (const { id, is_newly_set } of rows) if (is_newly_set) await notifyMarkedForDeletion(tx, id, now)
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

/** Selects workspaces for which an action may be due, and checks them with `findScheduledAction`. */
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
  return rows.filter((row) => findScheduledAction(toFacts(row), now)).map((row) => row.workspace_id)
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

async function runScheduledAction(tx: Tx, context: AutobuildContext, id: string, now: Date): Promise<void> {
  // A locked workspace is being changed; the next pass handles it.
  const locked = await tx
    .selectFrom('workspaces')
    .select('id')
    .where('id', '=', id)
    .forUpdate()
    .skipLocked()
    .executeTakeFirst()
  if (!locked) return
  const row = await facts(tx).where('workspace.id', '=', id).executeTakeFirst()
  const action = row && findScheduledAction(toFacts(row), now)
  if (!row || !action) return
  context.log.info({ workspace: id, ...action }, 'running a scheduled action')
  if (action.kind === 'dormant') {
    await setDormant(tx, context.events, id, now)
    await notifyDormant(tx, id, now, 'was not used for a long time')
  }
  const request = toRequest(action)
  // Schedules act with the permissions of the owner.
  const owner = { userId: row.owner_id, roles: row.owner_roles }
  if (request) await startBuildInTransaction(tx, context, owner, id, { ...request, parameters: [] })
}

function toRequest(action: ScheduledAction) {
  if (action.kind === 'build') return action
  return action.isRunning ? ({ transition: 'stop', reason: 'dormancy' } as const) : null
}

/** Postpones a failed start to its next scheduled time, so that it is not retried every minute. */
async function postponeAction(context: AutobuildContext, id: string, now: Date, error: unknown): Promise<void> {
  context.log.warn({ err: error, workspace: id }, 'could not run a scheduled action')
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
