import { expect, test } from 'vitest'
import { parseFlags } from './server.ts'

const settings = {
  httpAddress: { flag: 'http-address', env: 'CODER_HTTP_ADDRESS', help: 'Address.', fallback: '' },
  postgresUrl: { flag: 'postgres-url', env: 'CODER_PG_CONNECTION_URL', help: 'Database.', fallback: '' },
}

test('flags are read by the names the settings have in code', () => {
  expect(parseFlags(settings, ['--http-address', '127.0.0.1:0'])).toEqual({ httpAddress: '127.0.0.1:0' })
  expect(parseFlags(settings, ['--postgres-url=postgres://x', '--http-address=:1'])).toEqual({
    postgresUrl: 'postgres://x',
    httpAddress: ':1',
  })
})
