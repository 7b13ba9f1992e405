// Workspace schedules, set by the owner: autostart, time to live, deadline, dormancy, automatic updates.

import type { FastifyInstance } from 'fastify'
import { ApiError } from '../../../api/errors.ts'
import {
  extendWorkspace,
  resolveAutostart,
  updateWorkspaceAutomaticUpdates,
  updateWorkspaceAutostart,
  updateWorkspaceDormancy,
  updateWorkspaceTtl,
} from '../../../api/workspaces/workspace-schedules.ts'
import { type Actor, audit, auditFailures } from '../../audit/audit.ts'
import { hasParameterMismatch } from '../../builds/parameter-mismatch.ts'
import type { ServerContext } from '../../context.ts'
import type { Tx } from '../../database/connect.ts'
import type { Row, RowChange } from '../../database/schema.ts'
import { serve, withStatus } from '../../http/serve.ts'
import { requireWorkspace } from '../../lookup/workspaces.ts'
import { activateWorkspace, notifyDormant, setDormant } from '../../schedule/dormancy.ts'
import { loadScheduleRules } from '../../schedule/load-rules.ts'
import { nextStart } from '../../schedule/next-start.ts'
import { checkAutostart, checkDeadline, checkTtl } from '../../schedule/validate.ts'
import { auditedWorkspace } from '../../workspaces/audited-workspace.ts'
import { loadWorkspace } from '../../workspaces/load-workspaces.ts'

export function registerWorkspaceScheduleRoutes(app: FastifyInstance, context: ServerContext): void {
  const { db, events, clock } = context

  const findTemplate = (workspace: Row<'workspaces'>) =>
    db.selectFrom('templates').selectAll().where('id', '=', workspace.template_id).executeTakeFirstOrThrow()

  /** Updates the workspace and dependent fields in one transaction. */
  const change = (
    request: Actor,
    workspace: Row<'workspaces'>,
    values: Partial<Row<'workspaces'>>,
    updateDependents: (tx: Tx) => Promise<unknown> = async () => null,
  ) =>
    auditFailures(context, request, auditedWorkspace(workspace), () =>
      db.transaction().execute(async (tx) => {
        await tx
          .updateTable('workspaces')
          .set({ ...(values as RowChange<'workspaces'>), updated_at: clock.now() })
          .where('id', '=', workspace.id)
          .execute()
        await updateDependents(tx)
        await audit(tx, request, {
          ...auditedWorkspace(workspace),
          before: workspace,
          after: { ...workspace, ...values },
        })
        await events.publish(tx, { type: 'workspace', workspace_id: workspace.id, reason: 'settings' })
      }),
    )

  serve(app, updateWorkspaceAutostart, async (request) => {
    const workspace = await requireWorkspace(context, request, request.params.workspace, 'update')
    const schedule = checkAutostart(request.body.schedule, await findTemplate(workspace), 'schedule')
    await change(request, workspace, { autostart_schedule: schedule }, async (tx) => {
      const { autostart } = await loadScheduleRules(tx, workspace.id)
      const next = nextStart(autostart, clock.now())
      await tx.updateTable('workspaces').set({ next_start_at: next }).where('id', '=', workspace.id).execute()
    })
    return null
  })

  serve(app, updateWorkspaceTtl, async (request) => {
    const workspace = await requireWorkspace(context, request, request.params.workspace, 'update')
    const ttlMs = checkTtl(request.body.ttl_ms, await findTemplate(workspace))
    await change(request, workspace, { ttl_ms: ttlMs }, async (tx) => {
      // A new time to live applies from the next start; removing it lets a running workspace continue until its maximum deadline.
      if (ttlMs !== null) return
      await tx
        .updateTable('workspace_builds')
        .set((eb) => ({ deadline: eb.ref('max_deadline') }))
        .where('id', '=', workspace.latest_build_id)
        .execute()
    })
    return null
  })

  serve(app, extendWorkspace, async (request) => {
    const workspace = await requireWorkspace(context, request, request.params.workspace, 'update')
    const deadline = new Date(request.body.deadline)
    await db.transaction().execute(async (tx) => {
      const build = await requireRunningBuild(tx, workspace)
      checkDeadline(deadline, build.max_deadline, clock.now())
      await tx
        .updateTable('workspace_builds')
        .set({ deadline, updated_at: clock.now() })
        .where('id', '=', build.id)
        .execute()
      await events.publish(tx, { type: 'workspace', workspace_id: workspace.id, reason: 'settings' })
    })
    return { message: `Deadline updated to ${deadline.toISOString()}.` }
  })

  serve(app, updateWorkspaceDormancy, async (request) => {
    const workspace = await requireWorkspace(context, request, request.params.workspace, 'update')
    const { dormant } = request.body
    if (dormant === (workspace.dormant_at !== null)) return withStatus(304, null)
    const applyState = dormant ? setDormant : activateWorkspace
    await auditFailures(context, request, auditedWorkspace(workspace), () =>
      db.transaction().execute(async (tx) => {
        await applyState(tx, events, workspace.id, clock.now())
        const { userId, username } = request.principal
        if (dormant && workspace.owner_id !== userId)
          await notifyDormant(tx, workspace.id, clock.now(), `was marked dormant by ${username}`)
        const after = { dormant_at: dormant ? clock.now() : null }
        await audit(tx, request, {
          ...auditedWorkspace(workspace),
          before: { dormant_at: workspace.dormant_at },
          after,
        })
      }),
    )
    return withStatus(200, await loadWorkspace(context, workspace.id, request.principal.userId))
  })

  serve(app, updateWorkspaceAutomaticUpdates, async (request) => {
    const workspace = await requireWorkspace(context, request, request.params.workspace, 'update')
    await change(request, workspace, { automatic_updates: request.body.automatic_updates })
    return null
  })

  serve(app, resolveAutostart, async (request) => {
    const workspace = await requireWorkspace(context, request, request.params.workspace, 'read')
    return { parameter_mismatch: await hasParameterMismatch(context, workspace) }
  })
}

/** @throws ApiError 409 if the workspace has no deadline to extend */
async function requireRunningBuild(tx: Tx, workspace: Row<'workspaces'>) {
  const build = await tx
    .selectFrom('workspace_builds as build')
    .innerJoin('provisioner_jobs as job', 'job.id', 'build.job_id')
    .where('build.id', '=', workspace.latest_build_id)
    .select(['build.id', 'build.transition', 'build.deadline', 'build.max_deadline', 'job.completed_at'])
    .executeTakeFirstOrThrow()
  const conflict = (message: string, detail: string) => new ApiError(409, message, { detail })
  if (build.transition !== 'start') throw conflict('The workspace is not started.', 'Start it first.')
  if (!build.completed_at) throw conflict('The workspace is still building.', 'Wait until it has started.')
  if (!build.deadline) throw conflict('The workspace has no deadline.', 'It runs until it is stopped manually.')
  return build
}
