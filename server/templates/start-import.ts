// Asks for an archive to be imported as a template version: the version and its job, in the caller's transaction. The
// notification wakes a provisioner when that commits.

import { randomInt, randomUUID } from 'node:crypto'
import { ApiError } from '../../api/errors.ts'
import { notifyChannel } from '../database/channels.ts'
import type { Db, Tx } from '../database/connect.ts'
import { daemonTags } from '../jobs/acquire-job.ts'
import { jobPosted } from '../jobs/job-channels.ts'

export interface NewVersion {
  readonly organizationId: string
  /** Null while there is no template around it. */
  readonly templateId: string | null
  readonly createdBy: string
  readonly name: string
  readonly message: string
  readonly fileId: string
  readonly exampleId: string | null
  /** Beyond those that every job has. */
  readonly tags: Readonly<Record<string, string>>
  /** What the job is told besides the version's id. */
  readonly input: Readonly<Record<string, unknown>>
}

/** @returns the id of the version. @throws ApiError 409 when the template has a version of that name. */
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

/** Tags decide which daemons may take a job. Those of a user are named by the user's id, whatever was given; all others
 *  belong to the organization. */
export function jobTags(given: Readonly<Record<string, string>>, userId: string): Record<string, string> {
  return given.scope === 'user' ? { ...given, owner: userId } : { ...given, ...daemonTags }
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

/** A name that a person can say, and that the template does not have yet. */
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
