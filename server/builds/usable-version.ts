// Checks which template versions a user may build.

import { ApiError } from '../../api/errors.ts'
import type { Tx } from '../database/connect.ts'
import type { Row } from '../database/schema.ts'
import { isActive } from '../jobs/job-status.ts'
import type { Principal } from '../policy/policy.ts'

/** The user who requests a build; the workspace owner for scheduled builds. */
export type Initiator = Pick<Principal, 'userId' | 'roles'>

export type UsableVersion = Awaited<ReturnType<typeof requireUsableVersion>>

export async function requireUsableVersion(tx: Tx, templateId: string, versionId: string) {
  const version = await tx
    .selectFrom('template_versions as version')
    .innerJoin('provisioner_jobs as job', 'job.id', 'version.job_id')
    .where('version.id', '=', versionId)
    .where('version.template_id', '=', templateId)
    .select([
      'version.id',
      'version.name',
      'version.archived',
      'version.executes_here',
      'version.has_workspace_tags',
      'job.file_id',
      'job.tags',
      'job.job_status',
      'job.error',
    ])
    .executeTakeFirst()
  if (!version) {
    throw new ApiError(400, 'The template version does not belong to this template.', {
      validations: [{ field: 'template_version_id', detail: 'not a version of this template' }],
    })
  }
  if (isActive(version.job_status)) {
    throw new ApiError(406, `The template version "${version.name}" is still being imported.`, {
      detail: 'Try again when the import has finished.',
    })
  }
  if (version.job_status !== 'succeeded') {
    throw new ApiError(400, `The import of template version "${version.name}" failed.`, {
      detail: version.error ?? 'The import was canceled. Import it again, or select another version.',
    })
  }
  return version
}

const templateAdminRoles = ['owner', 'template-admin']

/** Rejects inactive versions, except for template administrators. */
export function requireActiveVersion(template: Row<'templates'>, versionId: string, { roles }: Initiator): void {
  if (!template.require_active_version || versionId === template.active_version_id) return
  if (roles.some((role) => templateAdminRoles.includes(role))) return
  throw new ApiError(403, 'The template requires its active version.', {
    detail: 'Omit the version, or select the active one.',
  })
}
