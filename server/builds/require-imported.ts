// A template is made around, and changed to, versions that were imported.

import { ApiError, notFound } from '../../api/errors.ts'
import type { Tx } from '../database/connect.ts'
import { isActive } from './workspace-status.ts'

/** @throws ApiError 404 without such a version, 403 unless its import succeeded. */
export async function requireImported(tx: Tx, versionId: string) {
  const version = await tx
    .selectFrom('template_versions as version')
    .innerJoin('provisioner_jobs as job', 'job.id', 'version.job_id')
    .where('version.id', '=', versionId)
    .select(['version.id', 'version.name', 'version.template_id', 'version.archived', 'job.job_status', 'job.error'])
    .executeTakeFirst()
  if (!version) throw notFound()
  if (version.job_status === 'succeeded') return version
  throw new ApiError(403, `The template version "${version.name}" was not imported successfully.`, {
    detail: isActive(version.job_status)
      ? 'Its import has not ended yet. Try again when it has.'
      : (version.error ?? 'Its import was canceled.'),
  })
}
