import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import { requires } from '../../lib/testing/requirements.ts'
import { buildCommandTree } from '../command-tree.ts'
import { ownCommand } from '../launch/entrypoints.ts'
import { type CliUser, createCliUser } from '../testing/run-coder.ts'
import { complete, type ListNames } from './complete.ts'
import { completions } from './shell-scripts.ts'

const names: ListNames = async (kind, args) => {
  if (kind === 'terminal') return [{ value: `main of ${args.join()}`, description: 'make in /src' }]
  return kind === 'workspace' ? ['brave-otter', 'calm-fox'] : []
}
const candidates = async (...words: string[]) =>
  (await complete(buildCommandTree(), words, names)).map(({ value }) => value)

test('completes commands and subcommands, but no hidden ones', async () => {
  expect(await candidates('te')).toEqual(['terminal', 'terminals', 'templates'])
  expect(await candidates('templates', 'versions', '')).toEqual(expect.arrayContaining(['list', 'promote']))
  expect(await candidates('desk')).toEqual([])
})

test('completes flags of the command and global flags', async () => {
  expect(await candidates('list', '--')).toEqual(expect.arrayContaining(['--search', '--output', '--url']))
  expect(await candidates('list', '--output', '')).toEqual(['table', 'json'])
  expect(await candidates('list', '--output=j')).toEqual(['--output=json'])
  expect(await candidates('list', '--column', 'status,temp')).toEqual(['status,template'])
})

test('completes values as bash splits the line', async () => {
  expect(await candidates('list', '--output', '=', 'j')).toEqual(['json'])
  expect(await candidates('list', '--output', '=')).toEqual(['table', 'json'])
  expect(await candidates('list', '--output', '=', 'json', '--col')).toEqual(['--column'])
})

test('completes names of the deployment for arguments that take one', async () => {
  expect(await candidates('stop', '')).toEqual(['brave-otter', 'calm-fox'])
  expect(await candidates('stop', '--yes', 'c')).toEqual(['calm-fox'])
  expect(await candidates('stop', 'calm-fox', '')).toEqual([])
  expect(await candidates('login', '')).toEqual(['token'])
  expect(await candidates('create', 'new', '--copy-parameters-from', 'ca')).toEqual(['calm-fox'])
  expect(await candidates('terminal', '--read-only', 'calm-fox', '')).toEqual(['main of calm-fox'])
  expect(await candidates('terminals', 'close', 'calm-fox', 'm')).toEqual(['main of calm-fox'])
})

describe('in real shells', () => {
  let cliUser: CliUser
  beforeEach(() => {
    cliUser = createCliUser()
    return () => cliUser.remove()
  })

  /** The output of a shell with `coder` on its PATH. */
  function runShell(shell: string, ...args: string[]): string {
    const [node, main] = ownCommand()
    const bin = join(cliUser.home, 'bin')
    mkdirSync(bin, { recursive: true })
    writeFileSync(join(bin, 'coder'), `#!/bin/sh\nexec '${node}' '${main}' "$@"\n`, { mode: 0o755 })
    const env = { ...process.env, PATH: `${bin}:${process.env.PATH}`, HOME: cliUser.home }
    return execFileSync(shell, args, { encoding: 'utf8', env })
  }

  test('bash completes with its script', () => {
    const script = `${completions.bash.script('coder')}
      COMP_WORDS=(coder templates versions pro); COMP_CWORD=3
      _coder_complete
      printf '%s\\n' "\${COMPREPLY[@]}"`
    expect(runShell('bash', '--norc', '-c', script)).toBe('promote\n')
    const spaced = script.replace('templates versions pro', 'list -c status,last')
    expect(runShell('bash', '--norc', '-c', spaced)).toBe('status,last\\ built\n')
    const escaped = script.replace('templates versions pro', "list -c 'status,last\\ b'")
    expect(runShell('bash', '--norc', '-c', escaped)).toBe('status,last\\ built\n')
    const quoted = script.replace('templates versions pro', 'list -c "\'status,last b"')
    expect(runShell('bash', '--norc', '-c', quoted)).toBe('status,last built\n')
  })

  test('zsh lists candidates with descriptions, and files otherwise', requires('zsh'), () => {
    const script = (...words: string[]) => `compdef() { }
      _describe() { print -l -- "\${(P@)2}" }
      _files() { print files }
      ${completions.zsh.script('coder')}
      words=(coder ${words.join(' ')}); CURRENT=${words.length + 1}
      _coder_complete`
    expect(runShell('zsh', '-f', '-c', script('templates', 'versions', 'pro'))).toMatch(/^promote:Make a version/)
    expect(runShell('zsh', '-f', '-c', script('list', '--output=j'))).toMatch(/^--output=json:/)
    expect(runShell('zsh', '-f', '-c', script('templates', 'push', '-d', '/tm'))).toBe('files\n')
  })

  test('fish lists candidates, and files otherwise', requires('fish'), () => {
    writeFileSync(join(cliUser.home, 'a-folder'), '')
    const script = (line: string) =>
      `cd ${cliUser.home}; ${completions.fish.script('coder')}; complete -C '${line}' | string replace -r '\\t.*' ''; true`
    expect(runShell('fish', '--no-config', '-c', script('coder templates versions pro'))).toBe('promote\n')
    expect(runShell('fish', '--no-config', '-c', script('coder list --output=j'))).toBe('--output=json\n')
    expect(runShell('fish', '--no-config', '-c', script('coder templates push -d a-f'))).toBe('a-folder\n')
  })

  test("repeated calls add the script to the shell's start-up file once", async () => {
    const file = join(cliUser.home, '.bashrc')
    writeFileSync(file, 'alias ll="ls -l"')
    for (const _ of [1, 2])
      expect((await cliUser.coder(['completion', '--yes'], { SHELL: '/bin/bash' })).stderr).toBe('')
    const text = readFileSync(file, 'utf8')
    expect(text.startsWith('alias ll="ls -l"\n# >>> coder completion >>>\n')).toBe(true)
    expect(text.match(/complete -o default/g)).toHaveLength(1)
  })

  test('an unknown shell is rejected with the supported ones', async () => {
    const { status, stderr } = await cliUser.coder(['completion', '--print'], { SHELL: '/bin/csh' })
    expect(status).toBe(1)
    expect(stderr).toContain('pass it with --shell: bash, zsh, fish, powershell.')
  })
})
