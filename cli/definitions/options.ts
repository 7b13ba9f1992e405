// Shared parts of the command definitions: lazy loading of the commands' code, and options that many commands have, by the
// names of Coder's command line.

import { type Command, InvalidArgumentError, Option } from 'commander'
import type { OrderedValue } from '../arguments/ordered-value.ts'
import { columnNames, type ListName } from '../output/column-names.ts'

/** The definition of the command must declare these options: commander does not type them. */
type Action<Options> = (args: readonly string[], options: Options, command: Command) => Promise<void>

/** Loads the action when the command runs, and calls it with the positional arguments and all options, including global
 *  ones. Keeps the start-up of other commands fast. */
export function lazily<Options>(load: () => Promise<Action<Options>>) {
  return async (...call: unknown[]): Promise<void> => {
    const command = call.at(-1) as Command
    const action = await load()
    await action(command.args, command.optsWithGlobals() as Options, command)
  }
}

/** Adds the options --column and --output. */
export const withListOptions = (command: Command, list: ListName): Command =>
  command.addOption(columnsOption(list)).addOption(outputOption())

export const columnsOption = (list: ListName): Option => {
  const { all, shown } = columnNames[list]
  return listOption('-c, --column <names>', 'Columns to show', all).default([...shown])
}

/** An option with several values from a set, comma-separated or repeated, case-insensitive. `_` stands for a space. */
export function listOption(flags: string, description: string, choices: readonly string[]): Option {
  const option = new Option(flags, `${description}, separated by commas`).choices(choices)
  return option.argParser((text: string, earlier: string[] = []): string[] => {
    const before = earlier === option.defaultValue ? [] : earlier
    const names = text === '' ? [] : text.split(',')
    return [...before, ...names.map((name) => parseChoice(name, choices))]
  })
}

function parseChoice(text: string, choices: readonly string[]): string {
  const choice = choices.find((candidate) => candidate.toLowerCase() === text.trim().toLowerCase().replaceAll('_', ' '))
  if (choice !== undefined) return choice
  throw new InvalidArgumentError(`"${text.trim()}" is not one of ${choices.join(', ')}.`)
}

export const outputOption = (choices: readonly [string, ...string[]] = ['table', 'json']) =>
  new Option('-o, --output <format>', 'Output format').choices(choices).default(choices[0])

export const yesOption = () => new Option('-y, --yes', 'Skip confirmation prompts')

export const organizationOption = () =>
  new Option('-O, --org <organization>', 'Organization, by name or ID').env('CODER_ORGANIZATION')

/** For a command that authenticates as the agent of the workspace it runs in. */
export const withAgentOptions = (command: Command): Command =>
  command
    .addOption(new Option('--agent-url <url>', "URL of the workspace's deployment").env('CODER_AGENT_URL'))
    .addOption(new Option('--agent-token <token>', 'Token of the workspace agent').env('CODER_AGENT_TOKEN'))
    .addOption(
      new Option('--agent-token-file <file>', 'File with the token of the workspace agent').env(
        'CODER_AGENT_TOKEN_FILE',
      ),
    )
    .addOption(
      new Option('--auth <kind>', 'How the agent authenticates')
        .choices(['token'])
        .default('token')
        .env('CODER_AGENT_AUTH'),
    )

/** The options for parameter values.
 *  @param defaultsEnv environment variable of --use-parameter-defaults */
export function withParameterOptions(command: Command, defaultsEnv?: string): Command {
  const defaults = new Option('--use-parameter-defaults', 'Use the default value of every parameter without a value')
  return command
    .addOption(repeatableOption('--parameter <name=value>', 'Value of a parameter').env('CODER_RICH_PARAMETER'))
    .addOption(
      repeatableOption('--parameter-default <name=value>', 'Suggested value of a parameter').env(
        'CODER_RICH_PARAMETER_DEFAULT',
      ),
    )
    .addOption(
      new Option('--rich-parameter-file <file>', 'File with parameter values in YAML').env('CODER_RICH_PARAMETER_FILE'),
    )
    .addOption(defaultsEnv ? defaults.env(switchVariable(defaultsEnv)) : defaults)
}

/** The options for parameter values of an existing workspace. */
export function withBuildParameterOptions(command: Command): Command {
  return withParameterOptions(command)
    .addOption(
      repeatableOption('--ephemeral-parameter <name=value>', 'Value of an ephemeral parameter for this build').env(
        'CODER_EPHEMERAL_PARAMETER',
      ),
    )
    .addOption(
      new Option('--prompt-ephemeral-parameters', 'Prompt for ephemeral parameters').env(
        switchVariable('CODER_PROMPT_EPHEMERAL_PARAMETERS'),
      ),
    )
    .addOption(
      repeatableOption('--build-option <name=value>', 'Older name of --ephemeral-parameter').env('CODER_BUILD_OPTION'),
    )
    .option('--build-options', 'Older name of --prompt-ephemeral-parameters')
    .option('--always-prompt', 'Prompt for every parameter again')
}

/** A repeatable option that also accepts comma-separated values. A quoted value may contain commas. */
export const repeatableOption = (flags: string, description: string): Option =>
  new Option(flags, `${description} (repeatable)`).argParser(collect)

/** A repeatable option whose values are not split at commas. */
export const repeatableVerbatimOption = (flags: string, description: string): Option =>
  new Option(flags, `${description} (repeatable)`).argParser((value: string, earlier: string[] = []): string[] => [
    ...earlier,
    value,
  ])

let nextPosition = 0

export const orderedOption = (flags: string, description: string): Option =>
  new Option(flags, `${description} (repeatable, the last one wins)`).argParser(
    (value: string, earlier: OrderedValue[] = []): OrderedValue[] => [...earlier, { value, position: nextPosition++ }],
  )

const collect = (text: string, earlier: string[] = []): string[] => [...earlier, ...splitAtCommas(text)]

/** Splits `a,"b,c"` into `a` and `b,c`; quotes in quoted values are doubled. Other text is a single value. */
export function splitAtCommas(text: string): string[] {
  const isList = /^(?:"(?:[^"]|"")*"|[^",]*)(?:,(?:"(?:[^"]|"")*"|[^",]*))*$/.test(text)
  if (!isList) return [text]
  const parts = text.match(/"(?:[^"]|"")*"|[^",]+/g) ?? []
  return parts.map((part) => (part.startsWith('"') ? part.slice(1, -1).replaceAll('""', '"') : part))
}

/** Go's notation of booleans, as in `--activate=false`. */
export function parseBoolean(text: string): boolean {
  if (/^(1|t|true)$/i.test(text)) return true
  if (/^(0|f|false)$/i.test(text)) return false
  throw new InvalidArgumentError('The value must be true or false.')
}

export function parseInteger(text: string): number {
  if (/^-?\d+$/.test(text)) return Number(text)
  throw new InvalidArgumentError('The value must be an integer.')
}

/** The environment variable of a switch. A variable with a false value counts as unset. */
export const switchVariable = (name: string): string =>
  /^(false|f|0|)$/i.test(process.env[name] ?? '') && name in process.env ? `${name} (off)` : name
