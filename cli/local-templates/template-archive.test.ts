import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { extract } from 'tar-stream'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { packTemplate } from './template-archive.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'template-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

function write(path: string, text = ''): void {
  mkdirSync(join(folder, path, '..'), { recursive: true })
  writeFileSync(join(folder, path), text)
}

async function namesIn(archive: Uint8Array): Promise<string[]> {
  const names: string[] = []
  const entries = Readable.from([archive]).pipe(extract())
  for await (const entry of entries) {
    names.push(entry.header.name)
    entry.resume()
  }
  return names
}

test('hidden files except the dependency lock file, and links, are left out', async () => {
  write('main.tf', 'locals {}')
  write('modules/a/main.tf')
  write('.terraform/providers/big')
  write('.terraform.lock.hcl')
  write('.env', 'SECRET=1')
  symlinkSync('/etc/passwd', join(folder, 'link'))
  expect(await namesIn(await packTemplate(folder))).toEqual(['.terraform.lock.hcl', 'main.tf', 'modules/a/main.tf'])
})

test('the same folder gives the same bytes', async () => {
  write('main.tf', 'locals {}')
  const first = await packTemplate(folder)
  write('main.tf', 'locals {}')
  expect(Buffer.compare(first, await packTemplate(folder))).toBe(0)
})

test('a folder without .tf files is not a template', async () => {
  write('README.md')
  await expect(packTemplate(folder)).rejects.toThrow('is not a template: it contains no .tf file')
  await expect(packTemplate(join(folder, 'missing'))).rejects.toThrow('Could not read')
})
