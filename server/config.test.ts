import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { ConfigError, formatConfigFile, loadConfig, readConfig, type SettingName, settings } from './config.ts'

test('every setting has a default', () => {
  const config = readConfig({}, { XDG_DATA_HOME: '/data' })
  expect(config.httpAddress).toEqual({ host: '127.0.0.1', port: 3000, isDefault: true })
  expect(config).toMatchObject({
    accessUrl: '',
    postgresUrl: '',
    provisionerDaemons: 3,
    sessionDuration: 86_400_000,
    logLevel: 'info',
  })
})

test('only an explicit variable lets anyone create the first user', () => {
  expect(readConfig({}, {}).allowsRemoteSetup).toBe(false)
  expect(readConfig({}, { CODER_LOCAL_ALLOW_REMOTE_SETUP: 'true' }).allowsRemoteSetup).toBe(true)
})

test('a flag takes precedence over the environment', () => {
  const env = { CODER_HTTP_ADDRESS: '127.0.0.1:4000', CODER_PROVISIONER_DAEMONS: '7' }
  expect(readConfig({ httpAddress: '127.0.0.1:5000' }, env).httpAddress.port).toBe(5000)
  expect(readConfig({}, env).httpAddress).toEqual({ host: '127.0.0.1', port: 4000, isDefault: false })
  expect(readConfig({}, env).provisionerDaemons).toBe(7)
})

test('environment variables have the same names as in Coder', () => {
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
])('%s is a valid address to listen on', (httpAddress, expected) => {
  expect(readConfig({ httpAddress }, {}).httpAddress).toEqual({ ...expected, isDefault: false })
})

test.each([
  ['https://coder.example.com/', 'https://coder.example.com'],
  ['http://coder.example.com:8080', 'http://coder.example.com:8080'],
])('the access URL %s is stored without a trailing slash', (accessUrl, expected) => {
  expect(readConfig({ accessUrl }, {}).accessUrl).toBe(expected)
})

test.each([
  ['24h', 86_400],
  ['30m', 1_800],
  ['1h30m', 5_400],
  ['90s', 90],
  ['7d', 604_800],
])('%s is a valid session duration', (sessionDuration, seconds) => {
  expect(readConfig({ sessionDuration }, {}).sessionDuration).toBe(seconds * 1000)
})

const invalidSettings: [SettingName, string][] = [
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

test.each(invalidSettings)('%s=%s is refused with the name of its source and the expected format', (name, value) => {
  const setting = settings[name]
  expect(() => readConfig({ [name]: value }, {})).toThrow(ConfigError)
  expect(() => readConfig({ [name]: value }, {})).toThrow(`--${setting.flag} is "${value}"; it must be `)
  expect(() => readConfig({}, { [setting.env]: value })).toThrow(`${setting.env} is "${value}"; it must be `)
})

test('unsupported environment variables of Coder are listed, others are not', () => {
  const env = {
    CODER_OIDC_ISSUER_URL: 'https://id.example.com',
    CODER_BROWSER_ONLY: 'true',
    CODER_DISABLE_PATH_APPS: 'false',
    CODER_HTTP_ADDRESS: '127.0.0.1:1',
    CODER_SESSION_TOKEN: 'x',
    PATH: '/bin',
  }
  expect(readConfig({}, env).ignoredVariables).toEqual(['CODER_BROWSER_ONLY', 'CODER_OIDC_ISSUER_URL'])
})

describe('the configuration file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'coder-local-settings-'))
  const file = join(folder, 'coder.yaml')
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  test('sets values that neither flags nor the environment set', async () => {
    writeFileSync(
      file,
      `networking:
  http:
    httpAddress: 127.0.0.1:4001
  accessURL: https://coder.example.com/
introspection:
  prometheus:
    enable: true
  healthcheck:
    thresholdDatabase: 50ms
email:
  smarthost: mail.example.com:587
  emailAuth:
    username: coder
  emailTLS:
    startTLS: true
client:
  sshConfigOptions: [ForwardAgent=yes, ServerAliveInterval=10]
pgConnMaxOpen: 20
networking.derp: {}
derp:
  server:
    enable: true
`,
    )
    const env = { CODER_CONFIG_PATH: file, CODER_PG_CONN_MAX_OPEN: '30' }
    const config = await loadConfig({ accessUrl: 'http://localhost:1' }, env)
    expect(config).toMatchObject({
      httpAddress: { host: '127.0.0.1', port: 4001 },
      accessUrl: 'http://localhost:1',
      postgresMaxConnections: 30,
      prometheusEnable: true,
      prometheusAddress: { host: '127.0.0.1', port: 2112 },
      healthCheckThresholdDatabase: 50,
      emailSmarthost: { host: 'mail.example.com', port: 587 },
      emailAuthUsername: 'coder',
      emailStartTls: true,
      sshConfigOptions: { ForwardAgent: 'yes', ServerAliveInterval: '10' },
      unknownKeys: ['derp.server.enable'],
    })
    const { accessUrl, postgresMaxConnections, httpAddress, logLevel } = config.inputs
    expect([accessUrl, postgresMaxConnections, httpAddress, logLevel].map(({ source }) => source)).toEqual([
      'flag',
      'env',
      'yaml',
      'default',
    ])
  })

  test.each([
    ['networking: [', /Could not read.*coder\.yaml/s],
    ['just text', /must contain settings/],
    ['pgConnMaxOpen: many', /"pgConnMaxOpen" in the configuration file is "many"/],
    ['a: &a [*a, *a]', /Could not read/],
  ])('%j is refused with the reason', async (text, expected) => {
    writeFileSync(file, text)
    await expect(loadConfig({ configPath: file }, {})).rejects.toThrow(expected)
  })

  test('can be written and read again, without secrets', async () => {
    const written = readConfig(
      { httpAddress: '127.0.0.1:4001', sshConfigOptions: 'A=b,C=d', prometheusEnable: 'true' },
      { CODER_PG_CONNECTION_URL: 'postgres://secret', CODER_EMAIL_AUTH_PASSWORD: 'secret' },
    )
    const text = await formatConfigFile(written)
    expect(text).not.toContain('secret')
    expect(text).toContain('networking:\n  ')
    writeFileSync(file, text)
    const { inputs, unknownKeys } = await loadConfig({ configPath: file }, {})
    expect(unknownKeys).toEqual([])
    const textsOf = (all: typeof inputs) =>
      Object.fromEntries(
        Object.entries(settings)
          .filter(([, setting]) => setting.yaml !== '' && !('isSecret' in setting))
          .map(([name]) => [name, all[name as keyof typeof all].text]),
      )
    expect(textsOf(inputs)).toEqual(textsOf(written.inputs))
  })

  test('is required to exist if its path is set', async () => {
    await expect(loadConfig({ configPath: join(folder, 'none.yaml') }, {})).rejects.toThrow(/CODER_CONFIG_PATH/)
  })
})

test('legacy variables of mail settings are still read', () => {
  const env = { CODER_NOTIFICATIONS_EMAIL_SMARTHOST: 'mail.example.com:25' }
  expect(readConfig({}, env).emailSmarthost).toEqual({ host: 'mail.example.com', port: 25 })
})

test.each([
  ['emailSmarthost', 'mail.example.com'],
  ['notificationsMethod', 'pigeon'],
  ['notificationsWebhookEndpoint', 'ftp://x'],
  ['emailForceTls', 'perhaps'],
  ['prometheusAddress', 'nowhere'],
  ['sshConfigOptions', 'nonsense'],
  ['sshConfigOptions', 'ProxyCommand=a\nHost *'],
  ['healthCheckRefresh', 'soon'],
] as const)('%s=%j is refused', (name, text) => {
  expect(() => readConfig({ prometheusEnable: 'true', [name]: text }, {})).toThrow(`--${settings[name].flag} is`)
})
