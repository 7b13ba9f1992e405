// The flags of `coder server`, built from coderd's table of settings.

import { Command } from 'commander'
import type { ServerSettings } from './entrypoints.ts'

export type SettingName = keyof ServerSettings

interface ServerFlags {
  /** The values of the command line, by setting name. */
  readonly flags: Partial<Record<SettingName, string>>
  readonly writesConfig: boolean
}

/** Prints help and usage errors like every other command. */
export function parseServerFlags(settings: ServerSettings, args: readonly string[]): ServerFlags {
  const command = new Command('coder server').description('Run a deployment in the foreground.').exitOverride()
  for (const { flag, env, help, default: defaultValue, type } of Object.values(settings)) {
    // A switch may be given without a value.
    const value = type.kind === 'flag' ? '[bool]' : '<value>'
    const short = flag === 'config' ? '-c, ' : ''
    command.option(
      `${short}--${flag} ${value}`,
      `${help} [env ${env}]${defaultValue ? ` [default ${defaultValue}]` : ''}`,
    )
  }
  command.option('--write-config', 'Print the current settings as a configuration file and exit.')
  command.parse(args, { from: 'user' })
  const values = command.opts<Record<string, string | true>>()
  const flags = Object.fromEntries(
    Object.entries(settings).flatMap(([name, { flag }]) => {
      const value = values[camelCase(flag)]
      return value === undefined ? [] : [[name, String(value)]]
    }),
  )
  return { flags, writesConfig: values.writeConfig === true }
}

/** The name under which commander stores the value of a flag. */
const camelCase = (flag: string) => flag.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase())
