import { chmodSync, mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Manifest } from './manifest.ts'
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

test('a shell shows the message of the day, except for commands and users with a .hushlogin file', () => {
  const motd = join(home, 'motd')
  writeFileSync(motd, 'Welcome\nto the workspace\n')
  expect(noticesOf(motd)).toEqual(['Welcome', 'to the workspace'])
  expect(noticesOf(motd, 'ls')).toEqual([])
  writeFileSync(join(home, '.hushlogin'), '')
  expect(noticesOf(motd)).toEqual([])
})

test('a missing file, a folder and a long file are not shown as message of the day', () => {
  const other = mkdtempSync(join(tmpdir(), 'coder-local-home-'))
  mkdirSync(join(other, 'folder'))
  writeFileSync(join(other, 'long'), 'x'.repeat(20_000))
  for (const file of ['', join(other, 'nothing'), join(other, 'folder'), join(other, 'long')]) {
    expect(prepareShell(manifestWith(file), { HOME: other }, { command: '' }).notices).toEqual([])
  }
})

test('an unreadable message of the day or folder does not prevent a terminal', () => {
  const other = mkdtempSync(join(tmpdir(), 'coder-local-home-'))
  const loop = join(other, 'loop')
  symlinkSync(loop, loop)
  const prepare = (folder: string) => prepareShell(manifestWith(loop), { HOME: other }, { command: '', folder })
  const unread = expect.stringMatching(/^Could not read the message of the day: ELOOP.*loop/)
  expect(prepare('')).toMatchObject({ cwd: home, notices: [unread] })
  const gone = `The folder ${loop} does not exist. The terminal starts in ${home}.`
  expect(prepare(loop)).toMatchObject({ cwd: home, notices: [gone, unread] })
})

test('a terminal starts in the requested folder, and reports a missing one', () => {
  const prepare = (folder: string) => prepareShell(manifestWith(''), { HOME: home }, { command: '', folder })
  const folder = mkdtempSync(join(tmpdir(), 'coder-local-folder-'))
  expect(prepare(folder)).toMatchObject({ cwd: folder, notices: [] })
  expect(prepare('')).toMatchObject({ cwd: home, notices: [] })
  for (const gone of [join(folder, 'gone'), '.', 'relative']) {
    const notices = [`The folder ${gone} does not exist. The terminal starts in ${home}.`]
    expect(prepare(gone)).toMatchObject({ cwd: home, notices })
  }
})

test('a profile selects a shell by path or name, and adds variables', () => {
  const folder = mkdtempSync(join(tmpdir(), 'coder-local-bin-'))
  const own = join(folder, 'own-shell')
  writeFileSync(own, '#!/bin/sh\n')
  chmodSync(own, 0o755)
  const prepare = (shell: string, env = {}) =>
    prepareShell(manifestWith(''), { HOME: home, PATH: `.:${folder}:/bin` }, { command: '', shell, env })
  expect(prepare('own-shell', { SHELL: '/bin/none', EDITOR: 'vi' })).toMatchObject({
    file: own,
    args: ['-l'],
    env: { SHELL: own, EDITOR: 'vi', CODER: 'true' },
    notices: [],
  })
  expect(prepare(own).file).toBe(own)
  expect(prepare('not-there')).toMatchObject({
    file: '/bin/sh',
    notices: [
      "The profile's shell not-there does not exist in this workspace. Your default shell was started instead.",
    ],
  })
})

test('shell integration is used on request, and never for a command', () => {
  const prepare = (wishes: object, env = {}) =>
    prepareShell(manifestWith(''), { HOME: home, PATH: '/usr/bin:/bin' }, { command: '', ...wishes, env })
  expect(prepare({ shell: 'bash', integration: true }).args[0]).toBe('--rcfile')
  expect(prepare({ shell: 'bash', integration: false }).args).toEqual(['-l'])
  expect(prepare({ shell: 'bash', integration: true }, { CODER_SHELL_INTEGRATION: '0' }).args).toEqual(['-l'])
  expect(prepare({ shell: 'bash', integration: true, command: 'ls' }).args).toEqual(['-c', 'ls'])
  // Only its name matters: it is not started.
  const folder = mkdtempSync(join(tmpdir(), 'coder-local-bin-'))
  writeFileSync(join(folder, 'zsh'), '', { mode: 0o755 })
  const zsh = prepare({ shell: join(folder, 'zsh'), integration: true }, { ZDOTDIR: '/own' })
  expect(zsh.env).toMatchObject({ CODER_ZDOTDIR: '/own', ZDOTDIR: expect.stringMatching(/scripts\/zsh$/) })
})

test('Git uses the coder program of the workspace, unless another SSH command is set', () => {
  const bin = join(home, "it's bin")
  mkdirSync(bin)
  const commandOf = (env: NodeJS.ProcessEnv) =>
    prepareShell(manifestWith(''), { HOME: home, PATH: bin, ...env }, { command: '' }).env.GIT_SSH_COMMAND
  expect(commandOf({})).toBeUndefined()
  writeFileSync(join(bin, 'coder'), '', { mode: 0o755 })
  expect(commandOf({})).toBe(`'${home}/it'\\''s bin/coder' gitssh --`)
  expect(commandOf({ GIT_SSH_COMMAND: 'ssh -4' })).toBe('ssh -4')
})
