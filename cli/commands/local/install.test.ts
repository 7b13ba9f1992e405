import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { beforeEach, expect, test } from 'vitest'
import { type CliUser, createCliUser } from '../../testing/run-coder.ts'

let cliUser: CliUser
let bin: string
beforeEach(() => {
  cliUser = createCliUser()
  bin = join(cliUser.home, 'bin')
  mkdirSync(bin)
  return () => cliUser.remove()
})

const onlyPath = (...folders: string[]) => ({ PATH: [...folders, '/usr/bin', '/bin'].join(delimiter) })

test('the installed command runs, and can be installed again', async () => {
  for (const _ of [1, 2]) {
    const { stdout, stderr } = await cliUser.coder(['install', bin], onlyPath(bin))
    expect({ stdout, stderr }).toEqual({ stdout: `Installed coder as ${join(bin, 'coder')}.\n`, stderr: '' })
  }
  expect(execFileSync(join(bin, 'coder'), ['version'], { encoding: 'utf8' })).toContain('Coder Local')
})

test('next to another program named coder, ours is installed as coder-local', async () => {
  const official = join(cliUser.home, 'official')
  mkdirSync(official)
  writeFileSync(join(official, 'coder'), '#!/bin/sh\necho the other one\n', { mode: 0o755 })
  const { stdout, stderr } = await cliUser.coder(['install', bin], onlyPath(official, bin))
  expect(stdout).toBe(`Installed coder-local as ${join(bin, 'coder-local')}.\n`)
  expect(stderr).toContain('is another program with this name and stays unchanged')
  expect(readFileSync(join(official, 'coder'), 'utf8')).toContain('the other one')
  const script = execFileSync(join(bin, 'coder-local'), ['completion', '--print', '--shell', 'bash'], {
    encoding: 'utf8',
  })
  expect(script).toContain('complete -o default -F _coder_local_complete coder-local')
})

test('another program is not overwritten', async () => {
  writeFileSync(join(bin, 'mine'), '#!/bin/sh\n', { mode: 0o755 })
  const { status, stderr } = await cliUser.coder(['install', bin, '--name', 'mine'], onlyPath(bin))
  expect(status).toBe(1)
  expect(stderr).toContain('is another program')
  expect(readFileSync(join(bin, 'mine'), 'utf8')).toBe('#!/bin/sh\n')
})
