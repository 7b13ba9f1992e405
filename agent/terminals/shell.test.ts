import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Manifest } from '../manifest.ts'
import { prepareShell } from './shell.ts'

const home = mkdtempSync(join(tmpdir(), 'coder-local-home-'))

const manifestWith = (motd_file: string): Manifest => ({
  agent_id: '',
  agent_name: 'main',
  workspace_id: '',
  workspace_name: 'test',
  owner_name: 'ada',
  access_url: '',
  directory: home,
  motd_file,
  environment: { SHELL: '/bin/sh' },
  metadata: [],
  healthchecks: [],
  terminals: { kept_lines: 0, kept_days: 1 },
  scripts: [],
  monitors: null,
})

const noticesOf = (motdFile: string, command = '') =>
  prepareShell(manifestWith(motdFile), { HOME: home }, { command }).notices

test('a shell begins with the message of the day, a command does not, nor a person who wants none', () => {
  const motd = join(home, 'motd')
  writeFileSync(motd, 'Welcome\nto the workspace\n')
  expect(noticesOf(motd)).toEqual(['Welcome', 'to the workspace'])
  expect(noticesOf(motd, 'ls')).toEqual([])
  writeFileSync(join(home, '.hushlogin'), '')
  expect(noticesOf(motd)).toEqual([])
})

test('what is no message is not shown: no file, a folder, a file of any length', () => {
  const other = mkdtempSync(join(tmpdir(), 'coder-local-home-'))
  mkdirSync(join(other, 'folder'))
  writeFileSync(join(other, 'long'), 'x'.repeat(20_000))
  for (const file of ['', join(other, 'nothing'), join(other, 'folder'), join(other, 'long')]) {
    expect(prepareShell(manifestWith(file), { HOME: other }, { command: '' }).notices).toEqual([])
  }
})
