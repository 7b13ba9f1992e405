// Queues a dry run of a template version in the caller's transaction. On commit, the notification wakes a provisioner.

import type { NamedValue } from '../../api/common.ts'
import { notifyChannel } from '../database/channels.ts'
import type { Tx } from '../database/connect.ts'
import type { Row } from '../database/schema.ts'
import { daemonTags } from '../jobs/acquire-job.ts'
import { jobPosted } from '../jobs/job-channels.ts'

/** Input of the job, stored with it. */
export interface DryRunInput {
  readonly template_version_id: string
  readonly workspace_name: string
  readonly rich_parameter_values: readonly NamedValue[]
  readonly user_variable_values: readonly NamedValue[]
}

/** @returns the job ID */
export async function insertDryRun(
  tx: Tx,
  version: Row<'template_versions'>,
  initiatorId: string,
  input: Omit<DryRunInput, 'template_version_id'>,
): Promise<string> {
  const { file_id, tags } = await tx
    .selectFrom('provisioner_jobs')
    .select(['file_id', 'tags'])
    .where('id', '=', version.job_id)
    .executeTakeFirstOrThrow()
  const { id } = await tx
    .insertInto('provisioner_jobs')
    .values({
      organization_id: version.organization_id,
      initiator_id: initiatorId,
      type: 'template_version_dry_run',
      file_id,
      input: JSON.stringify({ ...input, template_version_id: version.id } satisfies DryRunInput),
      tags: JSON.stringify({ ...daemonTags, ...tags }),
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  await notifyChannel(tx, jobPosted)
  return id
}
