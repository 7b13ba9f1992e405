// Weekly report of failed builds to template admins.

import { sql } from 'kysely'
import type { BaseContext } from '../base-context.ts'
import { advisoryLocks } from '../database/advisory-locks.ts'
import type { Db } from '../database/connect.ts'
import type { PeriodicTask } from '../periodic-task.ts'
import { readSiteConfig, writeSiteConfig } from '../site-configs.ts'
import { notify, userIdsWithRole } from './notify.ts'

const weekMs = 7 * 24 * 60 * 60_000
const checkIntervalMs = 60 * 60_000

export const failedBuildsReport = ({ db }: Pick<BaseContext, 'db'>): PeriodicTask => ({
  name: 'report of failed builds',
  lock: advisoryLocks.failedBuildsReport,
  intervalMs: checkIntervalMs,
  async run(now) {
    const { reported_at } = await readSiteConfig(db, 'failed_builds_report', { reported_at: null })
    const due = reported_at === null ? null : new Date(reported_at).getTime() + weekMs
    if (due !== null && now.getTime() < due) return
    await db.transaction().execute(async (tx) => {
      // The first run has no period to report.
      if (reported_at !== null) await report(tx, now)
      await writeSiteConfig(tx, 'failed_builds_report', { reported_at: now.toISOString() })
    })
  },
})

async function report(tx: Db, now: Date): Promise<void> {
  const to = await userIdsWithRole(tx, ['owner', 'template-admin'])
  for (const template of await countBuilds(tx, now)) {
    await notify(tx, {
      template: 'workspaceBuildsFailedReport',
      to,
      labels: {
        template_name: template.name,
        template_display_name: template.display_name || template.name,
        failed_builds: String(template.failed),
        total_builds: String(template.total),
        report_frequency: 'week',
      },
      targets: [template.id, template.organization_id],
      createdBy: 'report_generator',
    })
  }
}

/** Counts the builds of the last week by template, for templates with failed builds. */
async function countBuilds(tx: Db, now: Date) {
  const failed = sql<number>`count(*) filter (where job.job_status = 'failed')`
  return await tx
    .selectFrom('workspace_builds as build')
    .innerJoin('provisioner_jobs as job', 'job.id', 'build.job_id')
    .innerJoin('workspaces as workspace', 'workspace.id', 'build.workspace_id')
    .innerJoin('templates as template', 'template.id', 'workspace.template_id')
    .where('job.completed_at', '>', new Date(now.getTime() - weekMs))
    .where('job.completed_at', '<=', now)
    .where('template.deleted', '=', false)
    .groupBy('template.id')
    .having(failed, '>', 0)
    .orderBy('template.name')
    .select([
      'template.id',
      'template.name',
      'template.display_name',
      'template.organization_id',
      failed.as('failed'),
      sql<number>`count(*)`.as('total'),
    ])
    .execute()
}
