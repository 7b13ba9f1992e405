// The files of template versions on disk, unpacked once per content: `<data>/provisioner/templates/<hash>/`. An archive
// comes from a user and is trusted with nothing; what it may hold is decided in archive-entry.ts.

import { randomUUID } from 'node:crypto'
import { chmod, mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Db } from '../database/connect.ts'
import { readTar } from './tar.ts'

export interface TemplateFiles {
  readonly dir: string
  /** SHA-256 of the archive: same hash, same files. */
  readonly hash: string
}

const templatesDir = (dataDir: string) => join(dataDir, 'provisioner', 'templates')
const unfinishedPrefix = '.unpacking-'

/** Unpacks the archive unless that was done before. @throws ArchiveError */
export async function openTemplateFiles(db: Db, dataDir: string, fileId: string): Promise<TemplateFiles> {
  const { hash } = await db.selectFrom('files').select('hash').where('id', '=', fileId).executeTakeFirstOrThrow()
  const dir = join(templatesDir(dataDir), hash)
  if (await exists(dir)) return { dir, hash }
  const { data } = await db.selectFrom('files').select('data').where('id', '=', fileId).executeTakeFirstOrThrow()
  const unfinished = join(templatesDir(dataDir), `${unfinishedPrefix}${randomUUID()}`)
  try {
    await unpack(data, unfinished)
    await rename(unfinished, dir)
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true })
    // Another job has unpacked the same archive meanwhile.
    if (!(await exists(dir))) throw error
  }
  return { dir, hash }
}

/** Removes what an earlier coderd had begun to unpack. */
export async function removeUnfinished(dataDir: string): Promise<void> {
  const dir = templatesDir(dataDir)
  const names = (await exists(dir)) ? await readdir(dir) : []
  const unfinished = names.filter((name) => name.startsWith(unfinishedPrefix))
  await Promise.all(unfinished.map((name) => rm(join(dir, name), { recursive: true, force: true })))
}

/** The template's README in Markdown; empty when there is none. */
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
