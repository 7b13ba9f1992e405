// Dry runs of a template version: creation, status, logs, planned resources.

import type { FastifyInstance } from 'fastify'
import { ApiError, notFound } from '../../../api/errors.ts'
import {
  cancelDryRun,
  createDryRun,
  followDryRunLogs,
  getDryRun,
  getDryRunLogs,
  getDryRunMatchedProvisioners,
  getDryRunResources,
} from '../../../api/templates/template-versions.ts'
import { cancelJob } from '../../builds/cancel-job.ts'
import { loadResources } from '../../builds/load-resources.ts'
import type { ServerContext } from '../../context.ts'
import type { Row } from '../../database/schema.ts'
import { assertNotFollowing } from '../../http/method-not-allowed.ts'
import { replySent, serve } from '../../http/serve.ts'
import { serveUpgrade } from '../../http/upgrades.ts'
import { followJobLogs, readJobLogs, sendJobLogsAsText } from '../../jobs/follow-job-logs.ts'
import { loadJob, matchProvisioners } from '../../jobs/to-job.ts'
import { requireTemplateVersion } from '../../lookup/templates.ts'
import { type AuthzContext, isPermitted, type Principal } from '../../policy/policy.ts'
import { requireCompletedImport, requireCompletedJob } from '../../templates/require-completed-import.ts'
import { insertDryRun } from '../../templates/start-dry-run.ts'

type DryRunRequest = AuthzContext & {
  readonly principal: Principal
  readonly params: { readonly templateversion: string; readonly jobID: string }
}

export function registerDryRunRoutes(app: FastifyInstance, context: ServerContext): void {
  const { db } = context

  serve(app, createDryRun, async (request) => {
    const version = await requireTemplateVersion(context, request, request.params.templateversion, 'use')
    await requireCompletedImport(db, version)
    await requireUsable(version)
    const { body, principal } = request
    const jobId = await db.transaction().execute((tx) =>
      insertDryRun(tx, version, principal.userId, {
        workspace_name: body.workspace_name ?? '',
        rich_parameter_values: body.rich_parameter_values ?? [],
        user_variable_values: body.user_variable_values ?? [],
      }),
    )
    return await loadJob(db, jobId)
  })

  serve(app, getDryRun, async (request) => await loadJob(db, (await requireDryRun(request)).id))

  serve(app, getDryRunMatchedProvisioners, async (request) =>
    matchProvisioners(db, (await requireDryRun(request)).tags),
  )

  serve(app, getDryRunResources, async (request) => {
    const job = await requireDryRun(request)
    await requireCompletedJob(db, job.id)
    return (await loadResources(context, [job.id])).get(job.id) ?? []
  })

  serve(app, getDryRunLogs, async (request) => {
    const job = await requireDryRun(request)
    assertNotFollowing(request)
    const lines = await readJobLogs(db, job.id, request.query)
    if (request.query.format !== 'text') return lines
    sendJobLogsAsText(request.reply, lines)
    return replySent
  })

  serveUpgrade(app, followDryRunLogs, async (request) => {
    const job = await requireDryRun(request)
    await followJobLogs(context, job.id, request.query, await request.upgrade.webSocket())
  })

  serve(app, cancelDryRun, async (request) => {
    const job = await requireDryRun(request)
    await cancelJob(context, job.id)
    return { message: 'Job has been marked as canceled...' }
  })

  /** A dry run is visible only to its initiator and template admins, because its values can be secrets. @throws ApiError 404 */
  async function requireDryRun(request: DryRunRequest): Promise<Row<'provisioner_jobs'>> {
    const version = await requireTemplateVersion(context, request, request.params.templateversion, 'use')
    const job = await db
      .selectFrom('provisioner_jobs')
      .selectAll()
      .where('id', '=', request.params.jobID)
      .where('type', '=', 'template_version_dry_run')
      .executeTakeFirst()
    if (!job || job.input.template_version_id !== version.id) throw notFound()
    const isOwn = job.initiator_id === request.principal.userId
    const { organization_id: organizationId } = version
    if (!isOwn && !isPermitted(request.principal, 'update', { resource: 'template', organizationId })) throw notFound()
    return job
  }

  async function requireUsable(version: Row<'template_versions'>): Promise<void> {
    const job = await db
      .selectFrom('provisioner_jobs')
      .select(['job_status', 'error'])
      .where('id', '=', version.job_id)
      .executeTakeFirstOrThrow()
    if (job.job_status === 'succeeded') return
    throw new ApiError(400, `The template version "${version.name}" was not imported successfully.`, {
      detail: job.error ?? 'Its import was canceled.',
    })
  }
}
