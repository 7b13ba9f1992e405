// The settings of coderd: one table, names as in Coder, read once from flags and environment. Everything that starts
// gets the resulting Config as an argument; nothing else reads the environment.

import { readFile } from 'node:fs/promises'
import { resolveDataDir } from '../lib/data-dir.ts'
import { deploymentSettings } from './settings/deployment-settings.ts'
import { durationMsOf } from './settings/durations.ts'
import { fixedOptions } from './settings/fixed-options.ts'
import { notificationSettings } from './settings/notification-settings.ts'
import { observabilitySettings } from './settings/observability-settings.ts'
import type { YamlSettings } from './settings/read-yaml.ts'
import { retentionSettings } from './settings/retention-settings.ts'
import type { Setting } from './settings/setting.ts'
import { sshSettings } from './settings/ssh-settings.ts'

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
  /** Whether builds may be asked to log what the engine does step by step. */
  readonly hasTerraformDebugMode: boolean
  readonly mayRenameWorkspaces: boolean
  readonly secureAuthCookie: boolean
  readonly sessionSeconds: number
  /** Whether sessions end at their time, whatever they are used for until then. */
  readonly hasFixedSessions: boolean
  /** Whether others than owners of the deployment sign in with a password. */
  readonly hasPasswordAuth: boolean
  /** Of a key that is given no other lifetime. */
  readonly tokenSeconds: number
  readonly mostTokenSeconds: { readonly ofOwners: number; readonly ofOthers: number }
  /** How often one may ask the same within a minute; 0 for as often as one likes. */
  readonly requestsAMinute: number
  readonly hasRateLimits: boolean
  readonly retention: RetentionConfig
  readonly logLevel: 'trace' | 'debug' | 'info' | 'warn' | 'error'
  readonly ssh: {
    readonly hostnamePrefix: string
    readonly hostnameSuffix: string
    readonly options: Readonly<Record<string, string>>
  }
  readonly health: { readonly refreshMs: number; readonly thresholdDatabaseMs: number }
  /** Null where no metrics are served. */
  readonly prometheus: PrometheusConfig | null
  readonly email: EmailConfig
  readonly notifications: NotificationsConfig
  /** Keys in the file of settings that say nothing here. */
  readonly unknownKeys: readonly string[]
  /** Names in the environment that are settings of Coder's and say nothing here. */
  readonly unheededNames: readonly string[]
  /** Every setting as it was given or falls back, for showing. */
  readonly texts: Readonly<Record<SettingName, SettingText>>
}

/** How long what is over is kept; 0 for ever. */
export interface RetentionConfig {
  readonly auditLogsMs: number
  readonly connectionLogsMs: number
  readonly apiKeysMs: number
  readonly agentLogsMs: number
}

export interface PrometheusConfig {
  readonly host: string
  readonly port: number
  readonly hasAgentStats: boolean
  /** Whether each query is counted. */
  readonly hasQueries: boolean
}

export interface SettingText {
  readonly text: string
  readonly from: 'flag' | 'env' | 'yaml' | 'default'
}

export interface EmailConfig {
  readonly from: string
  /** Null where no mail is sent. */
  readonly smarthost: { readonly host: string; readonly port: number } | null
  readonly hello: string
  readonly forceTls: boolean
  readonly auth: {
    readonly identity: string
    readonly username: string
    readonly password: string
    readonly passwordFile: string
  }
  readonly tls: {
    readonly startTls: boolean
    readonly serverName: string
    readonly skipVerify: boolean
    readonly caFile: string
    readonly certFile: string
    readonly keyFile: string
  }
}

export interface NotificationsConfig {
  readonly method: 'smtp' | 'webhook'
  readonly webhookEndpoint: string
  readonly isInboxEnabled: boolean
  readonly dispatchTimeoutMs: number
  readonly maxSendAttempts: number
  readonly retryIntervalMs: number
  readonly leasePeriodMs: number
  readonly leaseCount: number
  readonly fetchIntervalMs: number
}

/** Every setting by the name its value has in code; the command line builds its flags from this. */
export const settings = {
  ...deploymentSettings,
  ...sshSettings,
  ...observabilitySettings,
  ...notificationSettings,
  ...retentionSettings,
} as const satisfies Record<string, Setting>

export type SettingName = keyof typeof settings

/** A setting that cannot be read. The message names the setting, what it was and what it may be. */
export class ConfigError extends Error {}

/** @param flags values given on the command line, by setting name; they win over the environment.
 *  @throws ConfigError naming the first setting that cannot be read. */
export function readConfig(
  flags: Partial<Record<SettingName, string>> = {},
  env: NodeJS.ProcessEnv = process.env,
  file: YamlSettings = { texts: {}, unknown: [] },
): Config {
  const inEnvironment = (name: SettingName) => env[settings[name].env] ?? env[earlierName(settings[name].env)]
  const text = (name: SettingName) =>
    flags[name] ?? inEnvironment(name) ?? file.texts[name] ?? (settings[name].fallback as string)
  const origin = (name: SettingName): SettingText['from'] => {
    if (flags[name] !== undefined) return 'flag'
    if (inEnvironment(name) !== undefined) return 'env'
    return file.texts[name] === undefined ? 'default' : 'yaml'
  }
  const source = (name: SettingName) => {
    if (origin(name) === 'flag') return `--${settings[name].flag}`
    return origin(name) === 'yaml' ? `"${settings[name].yaml}" in the file of settings` : settings[name].env
  }
  const fail = (name: SettingName, expected: string): never => {
    throw new ConfigError(`${source(name)} is "${text(name)}"; it must be ${expected}.`)
  }
  const flag = (name: SettingName) => parseFlag(text(name), () => fail(name, 'true or false'))
  const url = (name: SettingName) => parseUrl(text(name), () => fail(name, 'an http or https URL'))
  const hostPort = (name: SettingName) =>
    parseHostPort(text(name), () => fail(name, 'host:port, such as localhost:2112'))
  const durationMs = (name: SettingName) =>
    parseDuration(text(name), () => fail(name, 'a duration such as 24h or 30m')) * 1000
  const count = (name: SettingName, max: number) => {
    const value = Number(text(name))
    return Number.isInteger(value) && value >= 0 && value <= max ? value : fail(name, `a whole number from 0 to ${max}`)
  }
  return {
    dataDir: resolveDataDir(text('dataDir'), env),
    listen: parseListen(text('httpAddress'), () => fail('httpAddress', 'host:port, such as 127.0.0.1:3000')),
    accessUrl: url('accessUrl'),
    wildcardAccessUrl: parseWildcard(text('wildcardAccessUrl'), () =>
      fail('wildcardAccessUrl', 'a host name that starts with *'),
    ),
    postgresUrl: text('postgresUrl'),
    postgresMaxConnections: Math.max(2, count('postgresMaxConnections', 1000)),
    provisionerDaemons: count('provisionerDaemons', 100),
    hasTerraformDebugMode: flag('enableTerraformDebugMode'),
    mayRenameWorkspaces: flag('allowWorkspaceRenames'),
    secureAuthCookie: flag('secureAuthCookie'),
    sessionSeconds: durationMs('sessionDuration') / 1000,
    hasFixedSessions: flag('disableSessionExpiryRefresh'),
    hasPasswordAuth: !flag('disablePasswordAuth'),
    tokenSeconds: durationMs('defaultTokenLifetime') / 1000,
    mostTokenSeconds: {
      ofOwners: durationMs('maxAdminTokenLifetime') / 1000,
      ofOthers: durationMs('maxTokenLifetime') / 1000,
    },
    requestsAMinute: count('apiRateLimit', 1_000_000_000),
    hasRateLimits: !flag('disableRateLimits'),
    retention: {
      auditLogsMs: durationMs('auditLogsRetention'),
      connectionLogsMs: durationMs('connectionLogsRetention'),
      apiKeysMs: durationMs('apiKeysRetention'),
      agentLogsMs: durationMs('workspaceAgentLogsRetention'),
    },
    logLevel: parseLevel(text('logLevel'), () => fail('logLevel', 'trace, debug, info, warn or error')),
    ssh: {
      hostnamePrefix: text('sshHostnamePrefix'),
      hostnameSuffix: text('workspaceHostnameSuffix'),
      options: parseSshOptions(text('sshConfigOptions'), () =>
        fail('sshConfigOptions', 'key=value with commas between, such as ForwardAgent=yes'),
      ),
    },
    health: {
      refreshMs: durationMs('healthCheckRefresh'),
      thresholdDatabaseMs: durationMs('healthCheckThresholdDatabase'),
    },
    prometheus: flag('prometheusEnable')
      ? {
          ...hostPort('prometheusAddress'),
          hasAgentStats: flag('prometheusCollectAgentStats'),
          hasQueries: flag('prometheusCollectDbMetrics'),
        }
      : null,
    email: {
      from: text('emailFrom'),
      smarthost: text('emailSmarthost') === '' ? null : hostPort('emailSmarthost'),
      hello: text('emailHello'),
      forceTls: flag('emailForceTls'),
      auth: {
        identity: text('emailAuthIdentity'),
        username: text('emailAuthUsername'),
        password: text('emailAuthPassword'),
        passwordFile: text('emailAuthPasswordFile'),
      },
      tls: {
        startTls: flag('emailStartTls'),
        serverName: text('emailTlsServerName'),
        skipVerify: flag('emailTlsSkipVerify'),
        caFile: text('emailTlsCaFile'),
        certFile: text('emailTlsCertFile'),
        keyFile: text('emailTlsKeyFile'),
      },
    },
    notifications: {
      method: parseMethod(text('notificationsMethod'), () => fail('notificationsMethod', 'smtp or webhook')),
      webhookEndpoint: url('notificationsWebhookEndpoint'),
      isInboxEnabled: flag('notificationsInboxEnabled'),
      dispatchTimeoutMs: durationMs('notificationsDispatchTimeout'),
      maxSendAttempts: Math.max(1, count('notificationsMaxSendAttempts', 1000)),
      retryIntervalMs: durationMs('notificationsRetryInterval'),
      leasePeriodMs: durationMs('notificationsLeasePeriod'),
      leaseCount: Math.max(1, count('notificationsLeaseCount', 1000)),
      fetchIntervalMs: durationMs('notificationsFetchInterval'),
    },
    unknownKeys: file.unknown,
    unheededNames: findUnheeded(env),
    texts: Object.fromEntries(
      (Object.keys(settings) as SettingName[]).map((name): [SettingName, SettingText] => [
        name,
        { text: text(name), from: origin(name) },
      ]),
    ) as Config['texts'],
  }
}

/** What there is nothing of: other ways of signing in, relays, TLS of its own, traces. */
const ofNothingHere =
  /^CODER_(AIBRIDGE|BLOCK|DERP|EXTERNAL_AUTH|OAUTH2|OIDC|PPROF|PROXY|SCIM|STRICT_TRANSPORT|TLS|TRACE)_/

/** Whoever sets one of those counts on it: better told than found out. */
function findUnheeded(env: NodeJS.ProcessEnv): string[] {
  const fixed = new Map(fixedOptions.map((option) => [option.env, option.fallback]))
  return Object.entries(env)
    .filter(([name, value]) => ofNothingHere.test(name) || (fixed.has(name) && value !== fixed.get(name)))
    .map(([name]) => name)
    .sort()
}

/** Mail once belonged to notifications alone, and its settings had longer names. */
const earlierName = (env: string) => env.replace(/^CODER_EMAIL_/, 'CODER_NOTIFICATIONS_EMAIL_')

/** The same with the file of settings, where one is named: what reads it is loaded only then. */
export async function loadConfig(
  flags: Partial<Record<SettingName, string>> = {},
  env: NodeJS.ProcessEnv = process.env,
): Promise<Config> {
  const path = flags.configPath ?? env[settings.configPath.env] ?? ''
  return path === '' ? readConfig(flags, env) : readConfig(flags, env, await readSettingsFile(path))
}

/** The settings as a file of them. */
export async function toSettingsFile({ texts }: Config): Promise<string> {
  const { writeYamlSettings } = await import('./settings/write-yaml.ts')
  return writeYamlSettings(settings, texts)
}

async function readSettingsFile(path: string): Promise<YamlSettings> {
  try {
    const { readYamlSettings } = await import('./settings/read-yaml.ts')
    return readYamlSettings(await readFile(path, 'utf8'), settings)
  } catch (error) {
    const { message } = error as Error
    throw new ConfigError(`The file of settings ${path} (CODER_CONFIG_PATH) cannot be read: ${message}`)
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

/** In seconds. */
function parseDuration(text: string, fail: () => never): number {
  const ms = durationMsOf(text)
  return ms === undefined ? fail() : ms / 1000
}

function parseFlag(text: string, fail: () => never): boolean {
  if (/^(true|1|t)$/i.test(text)) return true
  return /^(false|0|f|)$/i.test(text) ? false : fail()
}

function parseHostPort(text: string, fail: () => never): { host: string; port: number } {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^:]+)):(\d{1,5})$/.exec(text)
  const [host, port] = [match?.[1] ?? match?.[2], Number(match?.[3])]
  return host && port <= 65535 ? { host, port } : fail()
}

/** @throws through `fail` for what is no pair, and for lines that would end the option they stand in. */
function parseSshOptions(text: string, fail: () => never): Readonly<Record<string, string>> {
  if (/[\r\n]/.test(text)) return fail()
  const pairs = text.split(',').filter((pair) => pair.trim() !== '')
  return Object.fromEntries(
    pairs.map((pair) => {
      const [, key, value] = /^\s*([A-Za-z]+)(?:\s*=\s*|\s+)(.+?)\s*$/.exec(pair) ?? []
      return key && value ? [key, value] : fail()
    }),
  )
}

function parseMethod(text: string, fail: () => never): NotificationsConfig['method'] {
  return text === 'smtp' || text === 'webhook' ? text : fail()
}

const levels = ['trace', 'debug', 'info', 'warn', 'error'] as const

function parseLevel(text: string, fail: () => never): Config['logLevel'] {
  return levels.find((level) => level === text) ?? fail()
}
