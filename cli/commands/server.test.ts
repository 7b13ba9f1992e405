import { expect, test } from 'vitest'
import { parseFlags } from './server.ts'

const settings = {
  httpAddress: { flag: 'http-address', env: 'CODER_HTTP_ADDRESS', help: 'Address.', fallback: '', kind: 'text' },
  postgresUrl: { flag: 'postgres-url', env: 'CODER_PG_CONNECTION_URL', help: 'Database.', fallback: '', kind: 'text' },
  configPath: { flag: 'config', env: 'CODER_CONFIG_PATH', help: 'File.', fallback: '', kind: 'text' },
  prometheusEnable: {
    flag: 'prometheus-enable',
    env: 'CODER_PROMETHEUS_ENABLE',
    help: 'Metrics.',
    fallback: '',
    kind: 'flag',
  },
}

const flagsOf = (...args: string[]) => parseFlags(settings, args).flags

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
  expect(parseFlags(settings, ['--write-config', '--http-address=:1'])).toEqual({
    flags: { httpAddress: ':1' },
    isToBeWritten: true,
  })
})
