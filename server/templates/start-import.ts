// Queues the import of an archive as a template version: inserts the version and its job in the caller's transaction.
// On commit, the notification wakes a provisioner.

import { randomInt, randomUUID } from 'node:crypto'
import { ApiError } from '../../api/errors.ts'
import { notifyChannel } from '../database/channels.ts'
import type { Db, Tx } from '../database/connect.ts'
import { daemonTags } from '../jobs/acquire-job.ts'
import { jobPosted } from '../jobs/job-channels.ts'

export interface NewVersion {
  readonly organizationId: string
  /** Null for a version without a template. */
  readonly templateId: string | null
  readonly createdBy: string
  readonly name: string
  readonly message: string
  readonly fileId: string
  readonly exampleId: string | null
  /** Tags in addition to the default ones. */
  readonly tags: Readonly<Record<string, string>>
  /** Job input in addition to the version ID. */
  readonly input: Readonly<Record<string, unknown>>
}

/** @returns the version ID. @throws ApiError 409 if the template has a version with this name */
export async function insertVersion(tx: Tx, version: NewVersion): Promise<string> {
  const [versionId, jobId] = [randomUUID(), randomUUID()]
  await tx
    .insertInto('provisioner_jobs')
    .values({
      id: jobId,
      organization_id: version.organizationId,
      initiator_id: version.createdBy,
      type: 'template_version_import',
      file_id: version.fileId,
      input: JSON.stringify({ ...version.input, template_version_id: versionId }),
      tags: JSON.stringify({ ...daemonTags, ...version.tags }),
    })
    .execute()
  const inserted = await tx
    .insertInto('template_versions')
    .values({
      id: versionId,
      organization_id: version.organizationId,
      template_id: version.templateId,
      name: version.name,
      message: version.message,
      job_id: jobId,
      source_example_id: version.exampleId,
      created_by: version.createdBy,
    })
    .onConflict((conflict) => conflict.columns(['template_id', 'name']).doNothing())
    .returning('id')
    .executeTakeFirst()
  if (!inserted) throw versionNameTaken(version.name)
  await notifyChannel(tx, jobPosted)
  return versionId
}

/** Tags select the daemons of a job. User-scoped tags always have the requesting user as owner; all others
 *  are organization-scoped. */
export function jobTags(tags: Readonly<Record<string, string>>, userId: string): Record<string, string> {
  return tags.scope === 'user' ? { ...tags, owner: userId } : { ...tags, ...daemonTags }
}

export const versionNameTaken = (name: string): ApiError =>
  new ApiError(409, `A template version with name "${name}" already exists for this template.`, {
    validations: [{ field: 'name', detail: 'This value is already in use and should be unique.' }],
  })

const adjectives = [
  'brave',
  'calm',
  'clever',
  'eager',
  'fair',
  'gentle',
  'keen',
  'lively',
  'quiet',
  'swift',
  'warm',
  'wise',
]
const animals = [
  'badger',
  'crane',
  'dolphin',
  'falcon',
  'fox',
  'heron',
  'lynx',
  'marten',
  'otter',
  'owl',
  'raven',
  'wren',
]
const pick = (words: readonly string[]) => words[randomInt(words.length)] ?? ''

/** Generates a readable name that is unique in the template. */
export async function uniqueVersionName(db: Db, templateId: string | null): Promise<string> {
  const name = `${pick(adjectives)}-${pick(animals)}-${randomInt(100)}`
  if (templateId === null) return name
  const taken = await db
    .selectFrom('template_versions')
    .select('id')
    .where('template_id', '=', templateId)
    .where('name', '=', name)
    .executeTakeFirst()
  return taken ? `${name}-${randomUUID().slice(0, 4)}` : name
}
