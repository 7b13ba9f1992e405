import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { openTemplate } from '../../../terraform/engine/template/template.ts'
import { findHostAccess } from './host-access.ts'

const folders: string[] = []
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true })
})

function findIn(files: Record<string, string>): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'host-access-'))
  folders.push(folder)
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), text)
  }
  return findHostAccess(openTemplate(folder))
}

test('resources that only compute do not access the host', () => {
  expect(findIn({ 'main.tf': 'resource "terraform_data" "a" {\n  input = 1\n}\n' })).toEqual([])
})

test('a provisioner is found in a nested module', () => {
  expect(
    findIn({
      'main.tf': 'module "outer" {\n  source = "./outer"\n}\n',
      'outer/main.tf': 'module "inner" {\n  source = "../inner"\n  count  = 0\n}\n',
      'inner/main.tf': 'resource "terraform_data" "run" {\n  provisioner "local-exec" {\n    command = "id"\n  }\n}\n',
    }),
  ).toEqual(['module.outer.module.inner.terraform_data.run'])
})

test('resources and data sources that access local files are found', () => {
  expect(
    findIn({
      'main.tf':
        'resource "local_file" "a" {\n  filename = "a"\n  content = ""\n}\ndata "local_sensitive_file" "b" {\n  filename = "/etc/hosts"\n}\ndata "terraform_remote_state" "c" {\n  backend = "local"\n}\n',
    }),
  ).toEqual(['local_file.a', 'data.local_sensitive_file.b', 'data.terraform_remote_state.c'])
})

test('the host provider is found under any local name, and in JSON', () => {
  expect(
    findIn({
      'main.tf.json': JSON.stringify({
        terraform: { required_providers: { here: { source: 'coder-local/host' } } },
        resource: { host_process: { agent: { provider: 'here', command: ['id'] } } },
      }),
    }),
  ).toEqual(['host_process.agent'])
})
