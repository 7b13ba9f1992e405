// The settings of coderd: one table, names as in Coder, read once from flags and environment. Everything that starts
// gets the resulting Config as an argument; nothing else reads the environment.

import { resolveDataDir } from '../lib/data-dir.ts'

export interface Config {
  /** Absolute; everything the deployment keeps on this machine. */
  readonly dataDir: string
  readonly listen: { readonly host: string; readonly port: number; readonly isDefault: boolean }
  /** How people and agents reach coderd; empty means the address it listens on. Without a trailing slash. */
  readonly accessUrl: string
  /** `*.coder.example.com`; empty while there is none. */
  readonly wildcardAccessUrl: string
  /** Empty for the bundled PostgreSQL. */
  readonly postgresUrl: string
  readonly postgresMaxConnections: number
  readonly provisionerDaemons: number
  readonly secureAuthCookie: boolean
  readonly sessionSeconds: number
  /** How often one may ask the same within a minute; 0 for as often as one likes. */
  readonly requestsAMinute: number
  readonly hasRateLimits: boolean
  readonly logLevel: 'trace' | 'debug' | 'info' | 'warn' | 'error'
}

export interface Setting {
  readonly flag: string
  readonly env: string
  readonly help: string
  readonly fallback: string
}

/** Every setting by the name its value has in code; the command line builds its flags from this. */
export const settings = {
  dataDir: {
    flag: 'global-config',
    env: 'CODER_CONFIG_DIR',
    help: 'Data folder of the deployment.',
    fallback: '',
  },
  httpAddress: {
    flag: 'http-address',
    env: 'CODER_HTTP_ADDRESS',
    help: 'Address to listen on. By default the port used last, else 3000, else a free one.',
    fallback: '',
  },
  accessUrl: {
    flag: 'access-url',
    env: 'CODER_ACCESS_URL',
    help: 'URL at which people and workspaces reach the deployment.',
    fallback: '',
  },
  wildcardAccessUrl: {
    flag: 'wildcard-access-url',
    env: 'CODER_WILDCARD_ACCESS_URL',
    help: 'Host name with a * under which workspace applications get names of their own.',
    fallback: '',
  },
  postgresUrl: {
    flag: 'postgres-url',
    env: 'CODER_PG_CONNECTION_URL',
    help: 'URL of an external PostgreSQL 13 or newer. Empty for the bundled one.',
    fallback: '',
  },
  postgresMaxConnections: {
    flag: 'postgres-conn-max-open',
    env: 'CODER_PG_CONN_MAX_OPEN',
    help: 'Most connections to PostgreSQL.',
    fallback: '10',
  },
  provisionerDaemons: {
    flag: 'provisioner-daemons',
    env: 'CODER_PROVISIONER_DAEMONS',
    help: 'Builds that may run at once in this process. 0 for none.',
    fallback: '3',
  },
  secureAuthCookie: {
    flag: 'secure-auth-cookie',
    env: 'CODER_SECURE_AUTH_COOKIE',
    help: 'Mark the session cookie Secure.',
    fallback: 'false',
  },
  sessionDuration: {
    flag: 'session-duration',
    env: 'CODER_SESSION_DURATION',
    help: 'How long a session lives after its last use, such as 24h.',
    fallback: '24h',
  },
  apiRateLimit: {
    flag: 'api-rate-limit',
    env: 'CODER_API_RATE_LIMIT',
    help: 'Most requests a minute of one user, or of one address, to one endpoint. 0 for no limit.',
    fallback: '512',
  },
  disableRateLimits: {
    flag: 'dangerous-disable-rate-limits',
    env: 'CODER_DANGEROUS_DISABLE_RATE_LIMITS',
    help: 'Count nothing, also no attempts to sign in.',
    fallback: 'false',
  },
  logLevel: {
    flag: 'log-level',
    env: 'CODER_LOG_LEVEL',
    help: 'trace, debug, info, warn or error.',
    fallback: 'info',
  },
} as const satisfies Record<string, Setting>

export type SettingName = keyof typeof settings

/** A setting that cannot be read. The message names the setting, what it was and what it may be. */
export class ConfigError extends Error {}

/** @param flags values given on the command line, by setting name; they win over the environment.
 *  @throws ConfigError naming the first setting that cannot be read. */
export function readConfig(
  flags: Partial<Record<SettingName, string>> = {},
  env: NodeJS.ProcessEnv = process.env,
): Config {
  const text = (name: SettingName) => flags[name] ?? env[settings[name].env] ?? settings[name].fallback
  const source = (name: SettingName) => (flags[name] !== undefined ? `--${settings[name].flag}` : settings[name].env)
  const fail = (name: SettingName, expected: string): never => {
    throw new ConfigError(`${source(name)} is "${text(name)}"; it must be ${expected}.`)
  }
  const count = (name: SettingName, max: number) => {
    const value = Number(text(name))
    return Number.isInteger(value) && value >= 0 && value <= max ? value : fail(name, `a whole number from 0 to ${max}`)
  }
  return {
    dataDir: resolveDataDir(text('dataDir'), env),
    listen: parseListen(text('httpAddress'), () => fail('httpAddress', 'host:port, such as 127.0.0.1:3000')),
    accessUrl: parseUrl(text('accessUrl'), () => fail('accessUrl', 'an http or https URL')),
    wildcardAccessUrl: parseWildcard(text('wildcardAccessUrl'), () =>
      fail('wildcardAccessUrl', 'a host name that starts with *'),
    ),
    postgresUrl: text('postgresUrl'),
    postgresMaxConnections: Math.max(2, count('postgresMaxConnections', 1000)),
    provisionerDaemons: count('provisionerDaemons', 100),
    secureAuthCookie: text('secureAuthCookie') === 'true',
    sessionSeconds: parseDuration(text('sessionDuration'), () =>
      fail('sessionDuration', 'a duration such as 24h or 30m'),
    ),
    requestsAMinute: count('apiRateLimit', 1_000_000_000),
    hasRateLimits: text('disableRateLimits') !== 'true',
    logLevel: parseLevel(text('logLevel'), () => fail('logLevel', 'trace, debug, info, warn or error')),
  }
}

/** Coder's default port; ours only when nothing else holds it. */
const defaultPort = 3000

function parseListen(text: string, fail: () => never): Config['listen'] {
  if (text === '') return { host: '127.0.0.1', port: defaultPort, isDefault: true }
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^:]*)):(\d{1,5})$/.exec(text)
  const port = Number(match?.[3])
  if (!match || port > 65535) return fail()
  return { host: match[1] ?? (match[2] || '0.0.0.0'), port, isDefault: false }
}

function parseUrl(text: string, fail: () => never): string {
  if (text === '') return ''
  if (!URL.canParse(text)) return fail()
  const url = new URL(text)
  return url.protocol === 'http:' || url.protocol === 'https:' ? url.href.replace(/\/+$/, '') : fail()
}

function parseWildcard(text: string, fail: () => never): string {
  return text === '' || /^\*[-.a-zA-Z0-9]+(:\d+)?$/.test(text) ? text : fail()
}

const secondsPerUnit: Record<string, number> = { s: 1, m: 60, h: 3600 }

function parseDuration(text: string, fail: () => never): number {
  if (!/^(\d+[smh])+$/.test(text)) return fail()
  return [...text.matchAll(/(\d+)([smh])/g)].reduce(
    (sum, [, n, unit]) => sum + Number(n) * (secondsPerUnit[unit ?? ''] ?? 0),
    0,
  )
}

const levels = ['trace', 'debug', 'info', 'warn', 'error'] as const

function parseLevel(text: string, fail: () => never): Config['logLevel'] {
  return levels.find((level) => level === text) ?? fail()
}
