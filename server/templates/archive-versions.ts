// Archives unused template versions, which hides them from lists, and restores them.

import { ApiError } from '../../api/errors.ts'
import type { Tx } from '../database/connect.ts'
import type { Row } from '../database/schema.ts'

/** @throws ApiError 400 if the version is already archived or in use */
export async function archiveVersion(tx: Tx, version: Row<'template_versions'>): Promise<void> {
  if (version.archived) throw new ApiError(400, 'The template version is already archived.')
  const [archived] =
    version.template_id === null ? [] : await archiveUnused(tx, version.template_id, { only: version.id })
  if (archived) return
  throw new ApiError(400, 'The template version is in use and cannot be archived.', {
    detail:
      'It is the active version, it is still being imported, or the latest build of a workspace uses it. Promote another version, or update those workspaces first.',
  })
}

/** @throws ApiError 400 if the version is not archived */
export async function unarchiveVersion(tx: Tx, version: Row<'template_versions'>): Promise<void> {
  if (!version.archived) throw new ApiError(400, 'The template version is not archived.')
  await tx
    .updateTable('template_versions')
    .set({ archived: false, updated_at: new Date() })
    .where('id', '=', version.id)
    .execute()
}

export interface ArchiveChoice {
  /** Restricts to this version. */
  readonly only?: string
  /** Restricts to versions whose import failed. */
  readonly failedOnly?: boolean
}

/** Archives versions that are not active, not being imported, and not used by the latest build of a workspace.
 *  @returns their IDs */
export async function archiveUnused(
  tx: Tx,
  templateId: string,
  { only, failedOnly = false }: ArchiveChoice,
): Promise<string[]> {
  const archived = await tx
    .updateTable('template_versions as version')
    .set({ archived: true, updated_at: new Date() })
    .from('provisioner_jobs as job')
    .whereRef('job.id', '=', 'version.job_id')
    .where('job.completed_at', 'is not', null)
    .where('version.template_id', '=', templateId)
    .where('version.archived', '=', false)
    .$if(only !== undefined, (query) => query.where('version.id', '=', only ?? ''))
    .$if(failedOnly, (query) => query.where('job.job_status', '=', 'failed'))
    .where(({ not, exists, selectFrom }) =>
      not(exists(selectFrom('templates').select('id').whereRef('active_version_id', '=', 'version.id'))),
    )
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('workspace_builds as build')
            .innerJoin('workspaces as workspace', 'workspace.id', 'build.workspace_id')
            .whereRef('build.template_version_id', '=', 'version.id')
            .where('workspace.deleted', '=', false)
            .where((eb) =>
              eb(
                'build.build_number',
                '=',
                eb
                  .selectFrom('workspace_builds as latest')
                  .whereRef('latest.workspace_id', '=', 'workspace.id')
                  .select(({ fn }) => fn.max('latest.build_number').as('number')),
              ),
            )
            .select('build.id'),
        ),
      ),
    )
    .returning('version.id')
    .execute()
  return archived.map(({ id }) => id)
}
