import { expect, test } from 'vitest'
import { parseWorkspaceHost } from './workspace-host.ts'

const prefix = { sshHostPrefix: 'coder.' }
const suffix = { hostnameSuffix: 'coder' }

test.each([
  ['dev', {}, 'dev'],
  ['dev.main', {}, 'dev.main'],
  ['ada/dev.main', {}, 'ada/dev.main'],
  ['ada/dev/main', {}, 'ada/dev.main'],
  ['ada--dev', {}, 'ada/dev'],
  ['ada--dev--main', {}, 'ada/dev.main'],
  ['ada--dev.main', {}, 'ada/dev.main'],
  ['coder.dev', prefix, 'dev'],
  ['coder.ada--dev.main', prefix, 'ada/dev.main'],
  ['coder-vscode.example.org--ada--dev.main', { sshHostPrefix: 'coder-vscode.example.org--' }, 'ada/dev.main'],
  ['dev.coder', suffix, 'dev'],
  ['dev.main.coder', suffix, 'dev.main'],
  ['main.dev.me.coder', suffix, 'me/dev.main'],
  ['main.dev.ada.coder', { ...suffix, ...prefix }, 'ada/dev.main'],
  ['dev.other', { hostnameSuffix: '.coder' }, 'dev.other'],
])('the host %s with %o is %s', (host, options, name) => {
  expect(parseWorkspaceHost(host, options)).toBe(name)
})

test.each(['', 'a--b--c--d', 'ada/', '--dev'])('%j is not a workspace', (host) => {
  expect(() => parseWorkspaceHost(host)).toThrow('is not the name of a workspace')
})
