import { expect, test } from 'vitest'
import { ConfigError, readConfig, type SettingName, settings } from './config.ts'

test('without any setting everything has a value', () => {
  const config = readConfig({}, { XDG_DATA_HOME: '/data' })
  expect(config.listen).toEqual({ host: '127.0.0.1', port: 3000, isDefault: true })
  expect(config).toMatchObject({
    accessUrl: '',
    postgresUrl: '',
    provisionerDaemons: 3,
    sessionSeconds: 86_400,
    logLevel: 'info',
  })
})

test('a flag wins over the environment', () => {
  const env = { CODER_HTTP_ADDRESS: '127.0.0.1:4000', CODER_PROVISIONER_DAEMONS: '7' }
  expect(readConfig({ httpAddress: '127.0.0.1:5000' }, env).listen.port).toBe(5000)
  expect(readConfig({}, env).listen).toEqual({ host: '127.0.0.1', port: 4000, isDefault: false })
  expect(readConfig({}, env).provisionerDaemons).toBe(7)
})

test('the names of the environment are those of Coder', () => {
  const names = Object.values(settings).map(({ env }) => env)
  for (const name of ['CODER_HTTP_ADDRESS', 'CODER_ACCESS_URL', 'CODER_WILDCARD_ACCESS_URL', 'CODER_CONFIG_DIR'])
    expect(names).toContain(name)
  expect(names).toContain('CODER_PG_CONNECTION_URL')
  expect(new Set(names).size).toBe(names.length)
})

test.each([
  [':4000', { host: '0.0.0.0', port: 4000 }],
  ['0.0.0.0:80', { host: '0.0.0.0', port: 80 }],
  ['[::1]:4000', { host: '::1', port: 4000 }],
  ['localhost:0', { host: 'localhost', port: 0 }],
])('it may listen on %s', (httpAddress, expected) => {
  expect(readConfig({ httpAddress }, {}).listen).toEqual({ ...expected, isDefault: false })
})

test.each([
  ['https://coder.example.com/', 'https://coder.example.com'],
  ['http://coder.example.com:8080', 'http://coder.example.com:8080'],
])('the access URL %s is kept without a slash at its end', (accessUrl, expected) => {
  expect(readConfig({ accessUrl }, {}).accessUrl).toBe(expected)
})

test.each([
  ['24h', 86_400],
  ['30m', 1_800],
  ['1h30m', 5_400],
  ['90s', 90],
])('a session may last %s', (sessionDuration, seconds) => {
  expect(readConfig({ sessionDuration }, {}).sessionSeconds).toBe(seconds)
})

const unreadable: [SettingName, string][] = [
  ['httpAddress', '3000'],
  ['httpAddress', '127.0.0.1:70000'],
  ['httpAddress', '::1:3000'],
  ['accessUrl', 'coder.example.com'],
  ['accessUrl', 'ftp://coder.example.com'],
  ['wildcardAccessUrl', 'coder.example.com'],
  ['postgresMaxConnections', 'many'],
  ['provisionerDaemons', '-1'],
  ['provisionerDaemons', '1.5'],
  ['sessionDuration', '24'],
  ['sessionDuration', 'a day'],
  ['logLevel', 'loud'],
]

test.each(unreadable)('%s=%s is refused by the name it was given under, with what it may be', (name, value) => {
  const setting = settings[name]
  expect(() => readConfig({ [name]: value }, {})).toThrow(ConfigError)
  expect(() => readConfig({ [name]: value }, {})).toThrow(`--${setting.flag} is "${value}"; it must be `)
  expect(() => readConfig({}, { [setting.env]: value })).toThrow(`${setting.env} is "${value}"; it must be `)
})
