import { expect, test } from 'vitest'
import { settings } from '../../server/config.ts'
import { parseServerFlags } from './server-flags.ts'

const flagsOf = (...args: string[]) => parseServerFlags(settings, args).flags

test('flags are read by the names the settings have in code', () => {
  expect(flagsOf('--http-address', '127.0.0.1:0')).toEqual({ httpAddress: '127.0.0.1:0' })
  expect(flagsOf('--postgres-url=postgres://x', '--http-address=:1')).toEqual({
    postgresUrl: 'postgres://x',
    httpAddress: ':1',
  })
  expect(flagsOf('-c', 'coder.yaml')).toEqual({ configPath: 'coder.yaml' })
})

test('a switch is on when it is named, as with Coder', () => {
  expect(flagsOf('--prometheus-enable', '--http-address=:1')).toEqual({ prometheusEnable: 'true', httpAddress: ':1' })
  expect(flagsOf('--prometheus-enable=false')).toEqual({ prometheusEnable: 'false' })
})

test('settings may be written instead of used', () => {
  expect(parseServerFlags(settings, ['--write-config', '--http-address=:1'])).toEqual({
    flags: { httpAddress: ':1' },
    writesConfig: true,
  })
})
