import { homedir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { resolveDataDir } from './data-dir.ts'
import { requires } from './testing/requirements.ts'

test('a configured folder is made absolute', () => {
  expect(resolveDataDir('/srv/Ünser Ordner/coder')).toBe('/srv/Ünser Ordner/coder')
  expect(resolveDataDir('here')).toBe(join(process.cwd(), 'here'))
})

test('a tilde is the home folder, as in a shell', () => {
  expect(resolveDataDir('~/deployment')).toBe(join(homedir(), 'deployment'))
  expect(resolveDataDir('~')).toBe(homedir())
  expect(resolveDataDir('/srv/~odd')).toBe('/srv/~odd')
})

test('the default is our folder below the data home', requires('linux'), () => {
  expect(resolveDataDir('', { XDG_DATA_HOME: '/data' })).toBe('/data/coder-local')
  expect(resolveDataDir(undefined, { XDG_DATA_HOME: '' })).toBe(join(homedir(), '.local/share/coder-local'))
})

test('the folder of the official client is never used, for any environment', () => {
  for (const folder of [resolveDataDir('', {}), resolveDataDir('', { XDG_CONFIG_HOME: '/config' })])
    expect(folder).not.toMatch(/coderv2/)
})
