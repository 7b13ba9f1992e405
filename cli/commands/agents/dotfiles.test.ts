import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, expect, test } from 'vitest'
import { type CliUser, createCliUser } from '../../testing/run-coder.ts'

let cliUser: CliUser
let repository: string
beforeEach(() => {
  cliUser = createCliUser()
  repository = join(cliUser.home, 'repository')
  mkdirSync(repository)
  git('init', '--quiet', '--initial-branch=main')
  return () => cliUser.remove()
})

function git(...args: string[]): void {
  const identity = ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.com']
  execFileSync('git', [...identity, ...args], { cwd: repository, env: { PATH: process.env.PATH, HOME: cliUser.home } })
}

function commit(name: string, text: string, mode = 0o644): void {
  writeFileSync(join(repository, name), text, { mode })
  git('add', '.')
  git('commit', '--quiet', '-m', name)
}

const apply = () => cliUser.coder(['dotfiles', '--yes', repository], { CODER_CONFIG_DIR: join(cliUser.home, 'data') })

test('dotfiles are linked, existing files are renamed, and a second run updates them', async () => {
  commit('.vimrc', 'set number')
  writeFileSync(join(cliUser.home, '.vimrc'), 'mine')
  expect((await apply()).stdout).toBe('The dotfiles were applied.\n')
  expect(readFileSync(join(cliUser.home, '.vimrc'), 'utf8')).toBe('set number')
  expect(readFileSync(join(cliUser.home, '.vimrc.bak'), 'utf8')).toBe('mine')

  commit('.vimrc', 'set list')
  await apply()
  expect(readFileSync(join(cliUser.home, '.vimrc'), 'utf8')).toBe('set list')
  expect(readlinkSync(join(cliUser.home, '.vimrc'))).toContain('dotfiles')
})

test('an install script runs instead, and its failure is reported', async () => {
  commit('install.sh', '#!/bin/sh\nexit 7\n', 0o755)
  const { status, stderr } = await apply()
  expect(status).toBe(1)
  expect(stderr).toContain('install.sh failed (exit status 7).')
})

test('a failed clone is reported', async () => {
  const { status, stderr } = await cliUser.coder(['dotfiles', '--yes', join(cliUser.home, 'nowhere')])
  expect(status).toBe(1)
  expect(stderr).toContain('git failed')
})
