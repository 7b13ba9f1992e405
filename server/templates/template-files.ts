// Template files, unpacked once per content into `<data>/provisioner/templates/<hash>/`. Archives are untrusted user
// input; archive-entry.ts validates their entries.

import { randomUUID } from 'node:crypto'
import { chmod, mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { readTar } from '../archives/tar.ts'
import type { Db } from '../database/connect.ts'

export interface TemplateFiles {
  readonly dir: string
  /** SHA-256 of the archive. */
  readonly hash: string
}

const templatesDir = (dataDir: string) => join(dataDir, 'provisioner', 'templates')
const unfinishedPrefix = '.unpacking-'

/** Unpacks the archive if it is not unpacked yet. @throws ArchiveError */
export async function openTemplateFiles(db: Db, dataDir: string, fileId: string): Promise<TemplateFiles> {
  const { hash } = await db.selectFrom('files').select('hash').where('id', '=', fileId).executeTakeFirstOrThrow()
  const dir = join(templatesDir(dataDir), hash)
  if (await touch(dir)) return { dir, hash }
  const { data } = await db.selectFrom('files').select('data').where('id', '=', fileId).executeTakeFirstOrThrow()
  const unfinished = join(templatesDir(dataDir), `${unfinishedPrefix}${randomUUID()}`)
  try {
    await unpack(data, unfinished)
    await rename(unfinished, dir)
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true })
    // Another job unpacked the same archive concurrently.
    if (!(await exists(dir))) throw error
  }
  return { dir, hash }
}

/** Updates the folder's last use; false if the folder does not exist. */
async function touch(dir: string): Promise<boolean> {
  const now = new Date()
  return await utimes(dir, now, now).then(
    () => true,
    () => false,
  )
}

// Running jobs and open forms use the folder for up to a day.
const retentionMs = 24 * 60 * 60_000

/** Removes folders unused for a day; they are unpacked again on demand. Keeps folders of the latest
 *  start of workspaces, in which processes may run. @returns the removed hashes */
export async function removeUnusedTemplateFiles(db: Db, dataDir: string, now: Date): Promise<string[]> {
  const dir = templatesDir(dataDir)
  const hashes = (await exists(dir)) ? (await readdir(dir)).filter((name) => /^[0-9a-f]{64}$/.test(name)) : []
  const candidates: string[] = []
  for (const hash of hashes) {
    const { mtimeMs } = await stat(join(dir, hash)).catch(() => ({ mtimeMs: now.getTime() }))
    if (now.getTime() - mtimeMs > retentionMs) candidates.push(hash)
  }
  const used = await findUsed(db, candidates)
  const removed = candidates.filter((hash) => !used.has(hash))
  for (const hash of removed) {
    // Renamed first, so that no job opens a partially deleted folder.
    const removing = join(dir, `${unfinishedPrefix}${randomUUID()}`)
    await rename(join(dir, hash), removing)
    await rm(removing, { recursive: true, force: true })
  }
  return removed
}

async function findUsed(db: Db, hashes: readonly string[]): Promise<ReadonlySet<string>> {
  if (hashes.length === 0) return new Set()
  const rows = await db
    .selectFrom('files as file')
    .innerJoin('provisioner_jobs as job', 'job.file_id', 'file.id')
    .leftJoin('workspaces as workspace', (join) =>
      join
        .on('workspace.deleted', '=', false)
        .on((eb) =>
          eb(
            'workspace.latest_build_id',
            '=',
            eb.selectFrom('workspace_builds as build').select('build.id').whereRef('build.job_id', '=', 'job.id'),
          ),
        ),
    )
    .where('file.hash', 'in', hashes)
    .where((eb) => eb.or([eb('workspace.id', 'is not', null), eb('job.completed_at', 'is', null)]))
    .select('file.hash')
    .distinct()
    .execute()
  return new Set(rows.map(({ hash }) => hash))
}

/** Removes incomplete folders of an earlier coderd. */
export async function removeUnfinished(dataDir: string): Promise<void> {
  const dir = templatesDir(dataDir)
  const names = (await exists(dir)) ? await readdir(dir) : []
  const unfinished = names.filter((name) => name.startsWith(unfinishedPrefix))
  await Promise.all(unfinished.map((name) => rm(join(dir, name), { recursive: true, force: true })))
}

/** Returns the template's README in Markdown; empty if missing. */
export async function readReadme(dir: string): Promise<string> {
  const name = (await readdir(dir)).find((entry) => entry.toLowerCase() === 'readme.md')
  return name === undefined ? '' : (await readFile(join(dir, name), 'utf8')).replaceAll('\0', '')
}

async function unpack(archive: Buffer, dir: string): Promise<void> {
  await mkdir(dir, { recursive: true })
  await readTar(archive, async ({ path, type, isExecutable, content }) => {
    const target = join(dir, path)
    if (type === 'directory') return void (await mkdir(target, { recursive: true }))
    await mkdir(dirname(target), { recursive: true })
    await writeFile(target, content)
    if (isExecutable) await chmod(target, 0o755)
  })
}

async function exists(path: string): Promise<boolean> {
  return await stat(path).then(
    () => true,
    () => false,
  )
}
