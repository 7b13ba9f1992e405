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

const names: ListNames = async (kind, given) => {
  if (kind === 'terminal') return [{ value: `main of ${given.join()}`, description: 'make in /src' }]
  return kind === 'workspace' ? ['brave-otter', 'calm-fox'] : []
}
const candidates = async (...words: string[]) =>
  (await complete(buildCommandTree(), words, names)).map(({ value }) => value)

test('commands, their subcommands, and nothing hidden', async () => {
  expect(await candidates('te')).toEqual(['terminal', 'terminals', 'templates'])
  expect(await candidates('templates', 'versions', '')).toEqual(expect.arrayContaining(['list', 'promote']))
  expect(await candidates('desk')).toEqual([])
})

test('flags of the command and those of all commands', async () => {
  expect(await candidates('list', '--')).toEqual(expect.arrayContaining(['--search', '--output', '--url']))
  expect(await candidates('list', '--output', '')).toEqual(['table', 'json'])
  expect(await candidates('list', '--output=j')).toEqual(['--output=json'])
  expect(await candidates('list', '--column', 'status,temp')).toEqual(['status,template'])
})

test('values as bash divides the line', async () => {
  expect(await candidates('list', '--output', '=', 'j')).toEqual(['json'])
  expect(await candidates('list', '--output', '=')).toEqual(['table', 'json'])
  expect(await candidates('list', '--output', '=', 'json', '--col')).toEqual(['--column'])
})

test('names of what the deployment holds, where the command asks for one', async () => {
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

  /** What a shell says to a script, with `coder` on its PATH. */
  function ask(shell: string, ...args: string[]): string {
    const [node, main] = ownCommand()
    const bin = join(cliUser.home, 'bin')
    mkdirSync(bin, { recursive: true })
    writeFileSync(join(bin, 'coder'), `#!/bin/sh\nexec '${node}' '${main}' "$@"\n`, { mode: 0o755 })
    const env = { ...process.env, PATH: `${bin}:${process.env.PATH}`, HOME: cliUser.home }
    return execFileSync(shell, args, { encoding: 'utf8', env })
  }

  test('bash completes by the script that it was given', () => {
    const script = `${completions.bash.script('coder')}
      COMP_WORDS=(coder templates versions pro); COMP_CWORD=3
      _coder_complete
      printf '%s\\n' "\${COMPREPLY[@]}"`
    expect(ask('bash', '--norc', '-c', script)).toBe('promote\n')
    const spaced = script.replace('templates versions pro', 'list -c status,last')
    expect(ask('bash', '--norc', '-c', spaced)).toBe('status,last\\ built\n')
    const escaped = script.replace('templates versions pro', "list -c 'status,last\\ b'")
    expect(ask('bash', '--norc', '-c', escaped)).toBe('status,last\\ built\n')
    const quoted = script.replace('templates versions pro', 'list -c "\'status,last b"')
    expect(ask('bash', '--norc', '-c', quoted)).toBe('status,last built\n')
  })

  test('zsh describes what could come next, and leaves the rest to files', requires('zsh'), () => {
    const script = (...words: string[]) => `compdef() { }
      _describe() { print -l -- "\${(P@)2}" }
      _files() { print files }
      ${completions.zsh.script('coder')}
      words=(coder ${words.join(' ')}); CURRENT=${words.length + 1}
      _coder_complete`
    expect(ask('zsh', '-f', '-c', script('templates', 'versions', 'pro'))).toMatch(/^promote:make a version/)
    expect(ask('zsh', '-f', '-c', script('list', '--output=j'))).toMatch(/^--output=json:/)
    expect(ask('zsh', '-f', '-c', script('templates', 'push', '-d', '/tm'))).toBe('files\n')
  })

  test('fish lists what could come next, and else files', requires('fish'), () => {
    writeFileSync(join(cliUser.home, 'a-folder'), '')
    const script = (line: string) =>
      `cd ${cliUser.home}; ${completions.fish.script('coder')}; complete -C '${line}' | string replace -r '\\t.*' ''; true`
    expect(ask('fish', '--no-config', '-c', script('coder templates versions pro'))).toBe('promote\n')
    expect(ask('fish', '--no-config', '-c', script('coder list --output=j'))).toBe('--output=json\n')
    expect(ask('fish', '--no-config', '-c', script('coder templates push -d a-f'))).toBe('a-folder\n')
  })

  test("the script is added to the shell's settings once, however often it is asked for", async () => {
    const file = join(cliUser.home, '.bashrc')
    writeFileSync(file, 'alias ll="ls -l"')
    for (const _ of [1, 2])
      expect((await cliUser.coder(['completion', '--yes'], { SHELL: '/bin/bash' })).stderr).toBe('')
    const text = readFileSync(file, 'utf8')
    expect(text.startsWith('alias ll="ls -l"\n# >>> coder completion >>>\n')).toBe(true)
    expect(text.match(/complete -o default/g)).toHaveLength(1)
  })

  test('a shell that is not known is told with those that are', async () => {
    const { status, stderr } = await cliUser.coder(['completion', '--print'], { SHELL: '/bin/csh' })
    expect(status).toBe(1)
    expect(stderr).toContain('name it with --shell: bash, zsh, fish, powershell.')
  })
})
