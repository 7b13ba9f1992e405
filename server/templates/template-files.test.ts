import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { readFile, stat, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { type Header, pack } from 'tar-stream'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { requires } from '../../lib/testing/requirements.ts'
import { packTar, tarToZip, zipToTar } from '../archives/archive.ts'
import { readTar } from '../archives/tar.ts'
import { type JobFixture, openJobFixture } from '../testing/job-fixture.ts'
import { openTemplateFiles, removeUnusedTemplateFiles } from './template-files.ts'

let fixture: JobFixture
let dataDir: string
beforeAll(async () => {
  fixture = await openJobFixture()
  dataDir = mkdtempSync(join(tmpdir(), 'template files ä '))
})
afterAll(async () => {
  rmSync(dataDir, { recursive: true })
  await fixture.close()
})

async function storeArchive(data: Buffer): Promise<string> {
  const { id: createdBy } = await fixture.db.selectFrom('users').select('id').executeTakeFirstOrThrow()
  const hash = createHash('sha256').update(data).digest('hex')
  const values = { hash, created_by: createdBy, mimetype: 'application/x-tar', data }
  const { id } = await fixture.db.insertInto('files').values(values).returning('id').executeTakeFirstOrThrow()
  return id
}

async function packArchive(...entries: Partial<Header>[]): Promise<Buffer> {
  const tar = pack()
  for (const entry of entries)
    tar.entry(entry as Header, entry.type === undefined || entry.type === 'file' ? 'content' : '')
  tar.finalize()
  return await buffer(tar as unknown as Readable)
}

test('an archive is unpacked once, with its folders and execute bits', async () => {
  const data = await packArchive({ name: './main.tf' }, { name: 'scripts/run.sh', mode: 0o755 })
  const fileId = await storeArchive(data)
  const [first, second] = await Promise.all([
    openTemplateFiles(fixture.db, dataDir, fileId),
    openTemplateFiles(fixture.db, dataDir, fileId),
  ])
  expect(second).toEqual(first)
  expect(await readFile(join(first.dir, 'main.tf'), 'utf8')).toBe('content')
  expect((await stat(join(first.dir, 'scripts', 'run.sh'))).mode & 0o100).toBe(0o100)
  expect(readdirSync(join(dataDir, 'provisioner', 'templates'))).toEqual([first.hash])
})

test.each([
  ['a path outside of its folder', { name: '../../evil.tf' }, 'outside'],
  ['an absolute path', { name: '/etc/evil.tf' }, 'outside'],
  ['a symbolic link', { name: 'link', type: 'symlink', linkname: '/etc/passwd' }, 'symlink'],
  ['a hard link', { name: 'link', type: 'link', linkname: 'main.tf' }, 'link'],
] as const)('an archive with %s is refused and leaves nothing', async (_what, entry, reason) => {
  const fileId = await storeArchive(await packArchive({ name: 'main.tf' }, entry))
  const before = readdirSync(join(dataDir, 'provisioner', 'templates'))
  await expect(openTemplateFiles(fixture.db, dataDir, fileId)).rejects.toThrow(reason)
  expect(readdirSync(join(dataDir, 'provisioner', 'templates'))).toEqual(before)
})

test('a file that is not an archive is refused', async () => {
  const fileId = await storeArchive(Buffer.alloc(2048, 'not a tar '))
  await expect(openTemplateFiles(fixture.db, dataDir, fileId)).rejects.toThrow('could not be read as tar')
})

test('a full disk is not reported as an error of the archive', requires('linux'), async () => {
  const data = await packArchive({ name: 'main.tf' })
  await expect(readTar(data, () => writeFile('/dev/full', data))).rejects.toMatchObject({ code: 'ENOSPC' })
})

test('converting a zip is deterministic, and a tar can be converted to zip', async () => {
  const tar = await packTar([
    ['main.tf', Buffer.from('a')],
    ['modules/x/main.tf', Buffer.from('b')],
  ])
  const zip = await tarToZip(tar)
  expect(await zipToTar(zip)).toEqual(tar)
  await expect(zipToTar(Buffer.from('no zip'))).rejects.toThrow('zip archive')
})

test('unused folders are removed, except while a job needs them', async () => {
  const fileIds = await Promise.all(['a', 'b', 'c'].map(async (name) => storeArchive(await packArchive({ name }))))
  const [waiting, unused, fresh] = await Promise.all(fileIds.map((id) => openTemplateFiles(fixture.db, dataDir, id)))
  const jobId = await fixture.addJob()
  await fixture.db
    .updateTable('provisioner_jobs')
    .set({ file_id: fileIds[0] ?? '' })
    .where('id', '=', jobId)
    .execute()
  const later = new Date(Date.now() + 25 * 60 * 60_000)
  await utimes(fresh?.dir ?? '', later, later)
  const removed = await removeUnusedTemplateFiles(fixture.db, dataDir, later)
  expect(removed).toContain(unused?.hash)
  const left = readdirSync(join(dataDir, 'provisioner', 'templates'))
  expect(left.sort()).toEqual([waiting?.hash, fresh?.hash].sort())
  // A removed folder is unpacked again on demand.
  expect((await openTemplateFiles(fixture.db, dataDir, fileIds[1] ?? '')).dir).toBe(unused?.dir)
  expect(readdirSync(unused?.dir ?? '')).toEqual(['b'])
})
