import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { build, templateOf } from '../../testing/build-fixture.ts'
import { localProvider } from './provider.ts'

let dir = ''
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'local-'))
})
afterEach(() => rmSync(dir, { recursive: true }))

const at = (name: string) => join(dir, name)
const providers = [localProvider]

const template = (content: string) =>
  templateOf(
    `resource "local_file" "a" {
  filename        = "sub/a.txt"
  content         = "${content}"
  file_permission = "0640"
}
resource "local_sensitive_file" "b" {
  filename       = "${at('b.bin')}"
  content_base64 = base64encode("secret")
}
output "sha" {
  value = local_file.a.content_sha256
}
output "id" {
  value = local_file.a.id
}`,
    dir,
  )

test('files are created at relative and absolute paths, and deleted with the workspace', async () => {
  const { state, diagnostics } = await build(template('hello'), { providers })
  expect(diagnostics).toEqual([])
  expect(readFileSync(at('sub/a.txt'), 'utf8')).toBe('hello')
  expect(statSync(at('sub/a.txt')).mode & 0o777).toBe(0o640 & ~process.umask())
  expect(readFileSync(at('b.bin'), 'utf8')).toBe('secret')
  expect(state.outputs.id?.value).toBe('aaf4c61ddcc5e8a2dabede0f3b482cd9aea9434d')
  expect(state.outputs.sha?.value).toBe('2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824')

  const again = await build(template('hello'), { providers, state })
  expect(again.changes).toEqual([])

  const destroyed = await build(template('hello'), { providers, state, mode: 'destroy' })
  expect(destroyed.state.resources).toEqual([])
  expect(existsSync(at('sub/a.txt')) || existsSync(at('b.bin'))).toBe(false)
})

test('a file that was modified, deleted or has new content is created again', async () => {
  const { state } = await build(template('hello'), { providers })
  writeFileSync(at('sub/a.txt'), 'changed')
  rmSync(at('b.bin'))
  const repaired = await build(template('hello'), { providers, state })
  expect(repaired.changes).toEqual(['create local_file.a', 'create local_sensitive_file.b'])
  expect(readFileSync(at('sub/a.txt'), 'utf8')).toBe('hello')
  const other = await build(template('world'), { providers, state: repaired.state })
  expect(other.changes).toEqual(['replace local_file.a'])
  expect(readFileSync(at('sub/a.txt'), 'utf8')).toBe('world')
})

test('the content of a file can be read, and a missing file is an error', async () => {
  writeFileSync(at('in.txt'), 'held')
  const reading = (name: string) =>
    templateOf(
      `data "local_file" "a" {\n  filename = "${name}"\n}\noutput "a" {\n  value = [data.local_file.a.content, data.local_file.a.content_base64]\n}`,
      dir,
    )
  const { state } = await build(reading('in.txt'), { providers })
  expect(state.outputs.a?.value).toEqual(['held', 'aGVsZA=='])
  const { diagnostics } = await build(reading('none.txt'), { providers })
  expect(diagnostics.map(({ summary }) => summary)).toEqual(['Read local file data source error'])
})

test.each([
  ['a file without content', '', 'Invalid Attribute Combination'],
  ['a file with two contents', 'content = "a"\n  source = "b"', 'Invalid Attribute Combination'],
  ['invalid permissions', 'content = "a"\n  file_permission = "rw"', 'Invalid File Mode'],
  ['a parent that is not a folder', 'content = "a"\n  directory_permission = "0755"', 'File Operation Failed'],
])('a template is rejected: %s', async (_, body, summary) => {
  writeFileSync(at('plain'), '')
  const text = `resource "local_file" "a" {\n  filename = "plain/a"\n  ${body}\n}`
  const { state, diagnostics } = await build(templateOf(text, dir), { providers })
  expect(diagnostics.map((found) => found.summary)).toEqual([summary])
  expect(state.resources).toEqual([])
})
