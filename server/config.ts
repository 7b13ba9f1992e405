// The settings of coderd, read once from flags, environment and the YAML configuration file. The tables in settings/
// declare each setting. Config is passed as an argument; no other module reads the environment.

import { readFile } from 'node:fs/promises'
import { deploymentSettings } from './settings/deployment-settings.ts'
import { emailSettings } from './settings/email-settings.ts'
import { fixedOptions } from './settings/fixed-options.ts'
import { notificationSettings } from './settings/notification-settings.ts'
import { observabilitySettings } from './settings/observability-settings.ts'
import type { YamlSettings } from './settings/read-yaml.ts'
import { retentionSettings } from './settings/retention-settings.ts'
import type { Setting, SettingTable, ValuesOf } from './settings/setting.ts'
import { sshSettings } from './settings/ssh-settings.ts'

/** All settings, by their name in code. The command line derives the flags of `coder server` from them. */
export const settings = {
  ...deploymentSettings,
  ...sshSettings,
  ...observabilitySettings,
  ...emailSettings,
  ...notificationSettings,
  ...retentionSettings,
} as const satisfies SettingTable

export type SettingName = keyof typeof settings

type Values = ValuesOf<typeof settings>

/** The values of all settings; durations are in milliseconds. */
export interface Config extends Values {
  /** CODER_LOCAL_ALLOW_REMOTE_SETUP=true: anyone who reaches the deployment can create the first user. */
  readonly allowsRemoteSetup: boolean
  /** Keys of the configuration file that are not supported. */
  readonly unknownKeys: readonly string[]
  /** Environment variables of Coder that are not supported. */
  readonly ignoredVariables: readonly string[]
  /** The text and the source of each setting. */
  readonly inputs: Readonly<Record<SettingName, SettingInput>>
}

export interface SettingInput {
  readonly text: string
  readonly source: 'flag' | 'env' | 'yaml' | 'default'
}

export type EmailConfig = ValuesOf<typeof emailSettings>
export type RetentionConfig = ValuesOf<typeof retentionSettings>

/** Invalid setting. The message contains its name, its value and the expected format. */
export class ConfigError extends Error {}

type Flags = Readonly<Partial<Record<SettingName, string>>>

/** @param flags values from the command line; they take precedence over the environment, and the environment over `file`.
 *  @throws ConfigError for the first invalid setting. */
export function readConfig(
  flags: Flags = {},
  env: NodeJS.ProcessEnv = process.env,
  file: YamlSettings = { texts: {}, unknown: [] },
): Config {
  const inputs = mapSettings((name) => readInput(name, flags, env, file))
  const values = mapSettings((name) => parseInput(name, inputs[name], env)) as Values
  if (values.prometheusEnable && !values.prometheusAddress) throw invalid('prometheusAddress', inputs.prometheusAddress)
  return {
    ...values,
    inputs,
    unknownKeys: file.unknown,
    ignoredVariables: findIgnoredVariables(env),
    allowsRemoteSetup: env.CODER_LOCAL_ALLOW_REMOTE_SETUP === 'true',
  }
}

const mapSettings = <T>(read: (name: SettingName) => T) =>
  Object.fromEntries((Object.keys(settings) as SettingName[]).map((name) => [name, read(name)])) as Record<
    SettingName,
    T
  >

function readInput(name: SettingName, flags: Flags, env: NodeJS.ProcessEnv, file: YamlSettings): SettingInput {
  const setting: Setting = settings[name]
  const candidates: [SettingInput['source'], string | undefined][] = [
    ['flag', flags[name]],
    ['env', env[setting.env] ?? env[legacyVariable(setting.env)]],
    ['yaml', file.texts[name]],
  ]
  for (const [source, text] of candidates) if (text !== undefined) return { text, source }
  return { text: setting.default, source: 'default' }
}

function parseInput(name: SettingName, input: SettingInput, env: NodeJS.ProcessEnv): unknown {
  const value = settings[name].type.parse(input.text, env)
  if (value === undefined) throw invalid(name, input)
  return value
}

function invalid(name: SettingName, { text, source }: SettingInput): ConfigError {
  const { flag, env, yaml, type }: Setting = settings[name]
  const origin = source === 'flag' ? `--${flag}` : source === 'yaml' ? `"${yaml}" in the configuration file` : env
  return new ConfigError(`${origin} is "${text}"; it must be ${type.expected}.`)
}

/** Prefixes of Coder's variables for features that are not supported. */
const unsupportedVariable =
  /^CODER_(AIBRIDGE|BLOCK|DERP|EXTERNAL_AUTH|OAUTH2|OIDC|PPROF|PROXY|SCIM|STRICT_TRANSPORT|TLS|TRACE)_/

/** Variables without effect, for a warning at start-up. */
function findIgnoredVariables(env: NodeJS.ProcessEnv): string[] {
  const constants = new Map(fixedOptions.map((option) => [option.env, option.default]))
  return Object.entries(env)
    .filter(([name, value]) => unsupportedVariable.test(name) || (constants.has(name) && value !== constants.get(name)))
    .map(([name]) => name)
    .sort()
}

/** The name of a mail setting before Coder 2.17, when only notifications sent mails. */
const legacyVariable = (env: string) => env.replace(/^CODER_EMAIL_/, 'CODER_NOTIFICATIONS_EMAIL_')

/** Like `readConfig`, with the configuration file if one is set. The YAML parser is loaded only then. */
export async function loadConfig(flags: Flags = {}, env: NodeJS.ProcessEnv = process.env): Promise<Config> {
  const path = flags.configPath ?? env[settings.configPath.env] ?? ''
  return path === '' ? readConfig(flags, env) : readConfig(flags, env, await readConfigFile(path))
}

/** The settings as a YAML configuration file, without secrets. */
export async function formatConfigFile({ inputs }: Config): Promise<string> {
  const { writeYamlSettings } = await import('./settings/write-yaml.ts')
  return writeYamlSettings(settings, inputs)
}

async function readConfigFile(path: string): Promise<YamlSettings> {
  try {
    const { readYamlSettings } = await import('./settings/read-yaml.ts')
    return readYamlSettings(await readFile(path, 'utf8'), settings)
  } catch (error) {
    const { message } = error as Error
    throw new ConfigError(`Could not read the configuration file ${path} (CODER_CONFIG_PATH): ${message}`)
  }
}
