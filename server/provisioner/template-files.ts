// The files of template versions on disk, unpacked once per content: `<data>/provisioner/templates/<hash>/`. An archive
// comes from a user and is trusted with nothing: no links, no way out of its folder, no more than the limits.

import { randomUUID } from 'node:crypto'
import { chmod, mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join, posix } from 'node:path'
import { Readable } from 'node:stream'
import { extract, type Header } from 'tar-stream'
import type { Db } from '../database/connect.ts'

export interface TemplateFiles {
  readonly dir: string
  /** SHA-256 of the archive: same hash, same files. */
  readonly hash: string
}

/** The archive cannot be used; the message says why and what to change, for the author of the template. */
export class ArchiveError extends Error {
  override readonly name = 'ArchiveError'
}

// As much as may be uploaded, unpacked: a template is text, and modules at most.
const maxUnpackedBytes = 100 * 1024 * 1024
const maxEntries = 10_000

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
  const entries = extract()
  Readable.from([archive])
    .on('error', (error) => entries.destroy(error))
    .pipe(entries)
  let bytes = 0
  let count = 0
  try {
    for await (const entry of entries) {
      count += 1
      bytes += entry.header.size ?? 0
      if (count > maxEntries)
        throw new ArchiveError(
          `The archive holds more than ${maxEntries} files. Leave out what the template does not use.`,
        )
      if (bytes > maxUnpackedBytes)
        throw new ArchiveError(
          `The archive unpacks to more than ${maxUnpackedBytes / 1024 / 1024} MiB. Leave out what the template does not use.`,
        )
      const path = placeOf(entry.header)
      if (entry.header.type === 'directory') {
        await mkdir(join(dir, path), { recursive: true })
        entry.resume()
      } else {
        await writeEntry(join(dir, path), entry as AsyncIterable<Uint8Array>, ((entry.header.mode ?? 0) & 0o100) !== 0)
      }
    }
  } catch (error) {
    if (error instanceof ArchiveError) throw error
    throw new ArchiveError(`The archive could not be read as tar: ${error instanceof Error ? error.message : error}.`, {
      cause: error,
    })
  }
}

async function writeEntry(path: string, content: AsyncIterable<Uint8Array>, isExecutable: boolean): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, content)
  if (isExecutable) await chmod(path, 0o755)
}

/** Where the entry goes, relative to the template's folder. */
function placeOf({ name, type }: Header): string {
  if (type !== 'file' && type !== 'contiguous-file' && type !== 'directory') {
    throw new ArchiveError(
      `The archive holds "${name}", which is a ${type}. Only files and folders are taken: put the file itself in its place.`,
    )
  }
  const path = posix.normalize(name.replaceAll('\\', '/')).replace(/^\.\//, '')
  if (posix.isAbsolute(path) || /^[a-zA-Z]:/.test(path) || path.split('/').includes('..') || path.includes('\0')) {
    throw new ArchiveError(
      `The archive holds "${name}", which lies outside of its folder. Pack it with paths relative to the template.`,
    )
  }
  return path
}

async function exists(path: string): Promise<boolean> {
  return await stat(path).then(
    () => true,
    () => false,
  )
}
