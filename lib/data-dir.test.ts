import { homedir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { resolveDataDir } from './data-dir.ts'
import { requires } from './testing/requirements.ts'

test('a configured folder is taken as it is, made absolute', () => {
  expect(resolveDataDir('/srv/Ünser Ordner/coder')).toBe('/srv/Ünser Ordner/coder')
  expect(resolveDataDir('here')).toBe(join(process.cwd(), 'here'))
})

test('a tilde stands for the home folder, as it does in the shell', () => {
  expect(resolveDataDir('~/deployment')).toBe(join(homedir(), 'deployment'))
  expect(resolveDataDir('~')).toBe(homedir())
  expect(resolveDataDir('/srv/~odd')).toBe('/srv/~odd')
})

test('without a setting it is a folder of our own below the data home', requires('linux'), () => {
  expect(resolveDataDir('', { XDG_DATA_HOME: '/data' })).toBe('/data/coder-local')
  expect(resolveDataDir(undefined, { XDG_DATA_HOME: '' })).toBe(join(homedir(), '.local/share/coder-local'))
})

test('the folder of the official client is never ours, whatever its environment says', () => {
  for (const folder of [resolveDataDir('', {}), resolveDataDir('', { XDG_CONFIG_HOME: '/config' })])
    expect(folder).not.toMatch(/coderv2/)
})
