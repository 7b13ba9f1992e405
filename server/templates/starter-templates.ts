// Starter templates: imported for the first owner, and again after an upgrade that changes them. Templates that an
// administrator modified are not updated.

import { createHash, randomUUID } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { sql } from 'kysely'
import { tarType } from '../../api/templates/files.ts'
import type { TemplateExample } from '../../api/templates/templates.ts'
import { packTar } from '../archives/archive.ts'
import type { BaseContext } from '../base-context.ts'
import { advisoryLocks } from '../database/advisory-locks.ts'
import type { Db, Tx } from '../database/connect.ts'
import type { Events } from '../events.ts'
import { everyoneAccessList } from '../policy/objects.ts'
import { insertVersion, uniqueVersionName } from './start-import.ts'

const thisComputer = 'this-computer'

/** Folder names, which are also the template names. */
const starterIds: readonly string[] = [thisComputer, 'project', 'other-machine', 'parameters']

/** Templates that are imported at startup; users create the others on demand. */
const importedIds: readonly string[] = [thisComputer]

const templatesFolder = fileURLToPath(new URL('../../templates/', import.meta.url))

/** Queues imports of new and changed starters; templates appear when the imports succeed. Does nothing
 *  before the first owner exists. */
export async function ensureStarterTemplates({ db }: Pick<BaseContext, 'db'>): Promise<void> {
  const owner = await findFirstOwner(db)
  if (!owner) return
  for (const id of importedIds) {
    const archive = await packStarter(id)
    await db.transaction().execute(async (tx) => {
      await sql`select pg_advisory_xact_lock(${advisoryLocks.starterTemplates})`.execute(tx)
      await ensureStarter(tx, id, archive, owner)
    })
  }
}

interface Owner {
  readonly id: string
  readonly organizationId: string
}

async function ensureStarter(tx: Tx, starterId: string, archive: Buffer, owner: Owner): Promise<void> {
  const hash = createHash('sha256').update(archive).digest('hex')
  const latest = await findLatestVersion(tx, starterId)
  // Failed imports are retried at each start: coderd may have stopped during the import.
  if (latest?.hash === hash && latest.job_status !== 'failed' && latest.job_status !== 'canceled') return
  const template = await findStarterTemplate(tx, starterId)
  // The template was deleted or uses another version.
  if (template && (template.deleted || template.active_source !== starterId)) return
  await insertVersion(tx, {
    organizationId: owner.organizationId,
    templateId: template?.id ?? null,
    createdBy: owner.id,
    name: await uniqueVersionName(tx, template?.id ?? null),
    message: 'Included in Coder Local',
    fileId: await storeFile(tx, archive, hash, owner.id),
    exampleId: starterId,
    tags: {},
    input: { starter: starterId },
  })
}

/** Activates the imported version of a starter; creates the template if it does not exist. */
export async function adoptStarterVersion(tx: Tx, events: Events, starterId: string, versionId: string): Promise<void> {
  const version = await tx
    .selectFrom('template_versions')
    .selectAll()
    .where('id', '=', versionId)
    .executeTakeFirstOrThrow()
  if (version.template_id) {
    await tx
      .updateTable('templates')
      .set({ active_version_id: versionId, updated_at: new Date() })
      .where('id', '=', version.template_id)
      .execute()
    await events.publish(tx, { type: 'template', template_id: version.template_id })
    return
  }
  const starter = await readStarter(starterId)
  const template = await tx
    .insertInto('templates')
    .values({
      id: randomUUID(),
      organization_id: version.organization_id,
      group_acl: everyoneAccessList(version.organization_id),
      name: starter.id,
      display_name: starter.name,
      description: starter.description,
      icon: starter.icon,
      active_version_id: versionId,
      created_by: version.created_by,
      use_classic_parameter_flow: true,
    })
    .onConflict((conflict) => conflict.doNothing())
    .returning('id')
    .executeTakeFirst()
  // Undefined if a user's own template has the name; that template does not change.
  if (!template) return
  await tx.updateTable('template_versions').set({ template_id: template.id }).where('id', '=', versionId).execute()
  await events.publish(tx, { type: 'template', template_id: template.id })
}

/** Template of workspaces on this computer; null while it is imported or if it is missing, with the
 *  reason in `problem`. */
export async function findLocalTemplate(db: Db): Promise<{ templateId: string | null; problem: string }> {
  const template = await findStarterTemplate(db, thisComputer)
  if (template && !template.deleted) return { templateId: template.id, problem: '' }
  const latest = await findLatestVersion(db, thisComputer)
  return { templateId: null, problem: template ? deletedProblem : problemOf(latest) }
}

const restoreAdvice = `To restore it, run "coder templates init --id ${thisComputer}" and "coder templates push".`
const deletedProblem = `The template ${thisComputer} was deleted. ${restoreAdvice}`

function problemOf(latest: Awaited<ReturnType<typeof findLatestVersion>>): string {
  switch (latest?.job_status) {
    case 'failed':
      return latest.error ?? 'The import failed.'
    case 'canceled':
      return 'The import was canceled. It is retried at the next start of the deployment.'
    // On success the template was created in the same transaction.
    case 'succeeded':
      return `Another template has the name ${thisComputer}.`
    default:
      return ''
  }
}

/** Lists the starters for the dashboard's gallery and `coder templates init`. */
export async function listStarters(): Promise<TemplateExample[]> {
  return await Promise.all(starterIds.map(readStarter))
}

/** Parses the front matter of the starter's README. */
async function readStarter(id: string): Promise<TemplateExample> {
  const readme = await readFile(join(templatesFolder, id, 'README.md'), 'utf8')
  const [, head = '', markdown = ''] = /^---\n([\s\S]*?)\n---\n([\s\S]*)$/.exec(readme) ?? []
  const fields = new Map(
    head.split('\n').map((line) => [line.split(':', 1)[0], line.slice(line.indexOf(':') + 1).trim()]),
  )
  return {
    id,
    url: '',
    name: fields.get('display_name') ?? id,
    description: fields.get('description') ?? '',
    icon: fields.get('icon') ?? '',
    tags: (fields.get('tags') ?? '').split(/[[\],\s]+/).filter((tag) => tag !== ''),
    markdown,
  }
}

/** Returns the starter's files as an archive; null if the ID is unknown. */
export async function packStarterById(id: string): Promise<Buffer | null> {
  return starterIds.includes(id) ? await packStarter(id) : null
}

async function packStarter(id: string): Promise<Buffer> {
  const folder = join(templatesFolder, id)
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  return await packTar(
    await Promise.all(
      paths.sort().map(async (path) => [relative(folder, path).replaceAll('\\', '/'), await readFile(path)] as const),
    ),
  )
}

/** Stores the archive once per content and user. */
export async function storeFile(db: Db, data: Buffer, hash: string, userId: string): Promise<string> {
  const file = await db
    .insertInto('files')
    .values({ hash, created_by: userId, mimetype: tarType, data })
    .onConflict((conflict) => conflict.columns(['hash', 'created_by']).doUpdateSet({ hash }))
    .returning('id')
    .executeTakeFirstOrThrow()
  return file.id
}

async function findFirstOwner(db: Db): Promise<Owner | undefined> {
  return await db
    .selectFrom('users as user')
    .innerJoin('organization_members as member', 'member.user_id', 'user.id')
    .innerJoin('organizations as organization', 'organization.id', 'member.organization_id')
    .where('user.deleted', '=', false)
    .where('organization.is_default', '=', true)
    .where(sql<boolean>`'owner' = any("user".rbac_roles)`)
    .orderBy('user.created_at')
    .select(['user.id', 'organization.id as organizationId'])
    .limit(1)
    .executeTakeFirst()
}

async function findLatestVersion(db: Db, starterId: string) {
  return await db
    .selectFrom('template_versions as version')
    .innerJoin('provisioner_jobs as job', 'job.id', 'version.job_id')
    .innerJoin('files as file', 'file.id', 'job.file_id')
    .where('version.source_example_id', '=', starterId)
    .where(sql<boolean>`job.input ? 'starter'`)
    .orderBy('version.created_at', 'desc')
    .select(['file.hash', 'job.job_status', 'job.error'])
    .limit(1)
    .executeTakeFirst()
}

async function findStarterTemplate(db: Db, starterId: string) {
  return await db
    .selectFrom('template_versions as version')
    .innerJoin('provisioner_jobs as job', 'job.id', 'version.job_id')
    .innerJoin('templates as template', 'template.id', 'version.template_id')
    .innerJoin('template_versions as active', 'active.id', 'template.active_version_id')
    .where('version.source_example_id', '=', starterId)
    .where(sql<boolean>`job.input ? 'starter'`)
    .orderBy('template.created_at', 'desc')
    .select(['template.id', 'template.deleted', 'active.source_example_id as active_source'])
    .limit(1)
    .executeTakeFirst()
}
