import { expect, test } from 'vitest'
import { settings } from '../../server/config.ts'
import { parseServerFlags } from './server-flags.ts'

const flagsOf = (...args: string[]) => parseServerFlags(settings, args).flags

test('flags are returned by setting name', () => {
  expect(flagsOf('--http-address', '127.0.0.1:0')).toEqual({ httpAddress: '127.0.0.1:0' })
  expect(flagsOf('--postgres-url=postgres://x', '--http-address=:1')).toEqual({
    postgresUrl: 'postgres://x',
    httpAddress: ':1',
  })
  expect(flagsOf('-c', 'coder.yaml')).toEqual({ configPath: 'coder.yaml' })
})

test('a switch without a value is on, as in Coder', () => {
  expect(flagsOf('--prometheus-enable', '--http-address=:1')).toEqual({ prometheusEnable: 'true', httpAddress: ':1' })
  expect(flagsOf('--prometheus-enable=false')).toEqual({ prometheusEnable: 'false' })
})

test('--write-config requests the configuration file', () => {
  expect(parseServerFlags(settings, ['--write-config', '--http-address=:1'])).toEqual({
    flags: { httpAddress: ':1' },
    writesConfig: true,
  })
})
