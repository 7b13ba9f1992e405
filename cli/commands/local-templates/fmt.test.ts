import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, expect, test } from 'vitest'
import { runCoder } from '../../testing/run-coder.ts'

let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'coder-fmt-'))
  return () => rmSync(dir, { recursive: true })
})

const write = (file: string, text: string) => writeFileSync(join(dir, file), text)
const read = (file: string) => readFileSync(join(dir, file), 'utf8')
const fmt = (args: readonly string[], input = '') => runCoder(['templates', 'fmt', ...args], { cwd: dir, input })

test('files of the folder are formatted and listed, those of subfolders with --recursive', async () => {
  mkdirSync(join(dir, 'sub'))
  for (const file of ['b.tf', 'a.tfvars', 'c.tofu', 'd.tftest.hcl', 'e.txt', 'sub/f.tf']) write(file, 'a=1\n')
  expect(await fmt([])).toEqual({ status: 0, stdout: 'a.tfvars\nb.tf\nc.tofu\nd.tftest.hcl\n', stderr: '' })
  expect([read('b.tf'), read('e.txt'), read('sub/f.tf')]).toEqual(['a = 1\n', 'a=1\n', 'a=1\n'])
  expect(await fmt(['--recursive', '--check'])).toEqual({ status: 3, stdout: 'sub/f.tf\n', stderr: '' })
  expect(read('sub/f.tf')).toBe('a=1\n')
  expect(await fmt(['--recursive', '--list=false'])).toEqual({ status: 0, stdout: '', stderr: '' })
  expect(await fmt(['--recursive', '--check'])).toEqual({ status: 0, stdout: '', stderr: '' })
})

test('--diff prints a unified diff', async () => {
  write('main.tf', 'a=1\nb = 2')
  expect((await fmt(['--diff', '--write=false', '.'])).stdout).toBe(
    'main.tf\n--- old/main.tf\n+++ new/main.tf\n@@ -1,2 +1,2 @@\n-a=1\n+a = 1\n b = 2\n\\ No newline at end of file\n',
  )
  expect(read('main.tf')).toBe('a=1\nb = 2')
})

test('stdin is formatted to stdout', async () => {
  expect(await fmt(['-'], 'a=1\n')).toEqual({ status: 0, stdout: 'a = 1\n', stderr: '' })
  expect(await fmt(['--check', '-'], 'a=1\n')).toEqual({ status: 3, stdout: '', stderr: '' })
})

test('a file with a syntax error is reported and not modified, the others are formatted', async () => {
  write('bad.tf', 'a=(1\n')
  write('good.tf', 'a=1\n')
  const { status, stdout, stderr } = await fmt([])
  expect({ status, stdout }).toEqual({ status: 2, stdout: 'good.tf\n' })
  expect(stderr).toContain('bad.tf line')
  expect([read('bad.tf'), read('good.tf')]).toEqual(['a=(1\n', 'a = 1\n'])
  expect((await fmt(['nowhere'])).status).toBe(2)
})

test('bytes that are not valid UTF-8 are preserved', async () => {
  writeFileSync(join(dir, 'main.tf'), Buffer.from('a=1 # \xff\n', 'latin1'))
  await fmt([])
  expect(readFileSync(join(dir, 'main.tf')).toString('latin1')).toBe('a = 1 # \xff\n')
})
