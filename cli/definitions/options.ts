// What the parts of the command table have in common: commands whose code is loaded when they are called, and the
// options that many commands share, by the names Coder's command line gives them.

import { type Command, InvalidArgumentError, Option } from 'commander'
import type { OrderedValue } from '../arguments/ordered-value.ts'
import { columnNames, type ListName } from '../output/column-names.ts'

/** The options are what the table declares for the command: commander cannot tell. */
type Action<Options> = (args: readonly string[], options: Options, command: Command) => Promise<void>

/** Calls the action with the positional arguments and all flags, global ones included. Its code is loaded only now:
 *  `coder version` must not pay for `coder server`. */
export function lazily<Options>(load: () => Promise<Action<Options>>) {
  return async (...call: unknown[]): Promise<void> => {
    const command = call.at(-1) as Command
    const action = await load()
    await action(command.args, command.optsWithGlobals() as Options, command)
  }
}

/** A list: its columns and its form. */
export const withListOptions = (command: Command, list: ListName): Command =>
  command.addOption(columnsOption(list)).addOption(outputOption())

export const columnsOption = (list: ListName): Option => {
  const { all, shown } = columnNames[list]
  return listOption('-c, --column <names>', 'columns to show', all).default([...shown])
}

/** A flag of several values, separated by commas or given one by one, in any case of letters; `_` stands for a space. */
export function listOption(flags: string, description: string, choices: readonly string[]): Option {
  const option = new Option(flags, `${description}, separated by commas`).choices(choices)
  return option.argParser((text: string, earlier: string[] = []): string[] => {
    const before = earlier === option.defaultValue ? [] : earlier
    const names = text === '' ? [] : text.split(',')
    return [...before, ...names.map((name) => parseChoice(name, choices))]
  })
}

function parseChoice(text: string, choices: readonly string[]): string {
  const choice = choices.find((one) => one.toLowerCase() === text.trim().toLowerCase().replaceAll('_', ' '))
  if (choice !== undefined) return choice
  throw new InvalidArgumentError(`There is no "${text.trim()}" among ${choices.join(', ')}.`)
}

export const outputOption = (choices: readonly [string, ...string[]] = ['table', 'json']) =>
  new Option('-o, --output <format>', 'output format').choices(choices).default(choices[0])

export const yesOption = () => new Option('-y, --yes', 'do not ask')

export const organizationOption = () =>
  new Option('-O, --org <organization>', 'organization, by name or id').env('CODER_ORGANIZATION')

/** For a command that speaks as the workspace it runs in. */
export const withAgentOptions = (command: Command): Command =>
  command
    .addOption(new Option('--agent-url <url>', 'the deployment of the workspace').env('CODER_AGENT_URL'))
    .addOption(new Option('--agent-token <token>', "the token of the workspace's agent").env('CODER_AGENT_TOKEN'))
    .addOption(new Option('--agent-token-file <file>', 'file with that token').env('CODER_AGENT_TOKEN_FILE'))
    .addOption(
      new Option('--auth <kind>', 'how the agent shows who it is')
        .choices(['token'])
        .default('token')
        .env('CODER_AGENT_AUTH'),
    )

/** The flags by which values for a template's parameters are given.
 *  @param defaultsEnv variable of the switch that takes defaults, where it has one. */
export function withParameterOptions(command: Command, defaultsEnv?: string): Command {
  const defaults = new Option('--use-parameter-defaults', 'take the default of every parameter that is not given')
  return command
    .addOption(repeatableOption('--parameter <name=value>', 'value of a parameter').env('CODER_RICH_PARAMETER'))
    .addOption(
      repeatableOption('--parameter-default <name=value>', 'suggested value of a parameter').env(
        'CODER_RICH_PARAMETER_DEFAULT',
      ),
    )
    .addOption(
      new Option('--rich-parameter-file <file>', 'values of parameters, as YAML').env('CODER_RICH_PARAMETER_FILE'),
    )
    .addOption(defaultsEnv ? defaults.env(switchVariable(defaultsEnv)) : defaults)
}

/** Those of a workspace that has been built before. */
export function withBuildParameterOptions(command: Command): Command {
  return withParameterOptions(command)
    .addOption(
      repeatableOption('--ephemeral-parameter <name=value>', 'value of a parameter for this build only').env(
        'CODER_EPHEMERAL_PARAMETER',
      ),
    )
    .addOption(
      new Option('--prompt-ephemeral-parameters', 'ask for the parameters of one build').env(
        switchVariable('CODER_PROMPT_EPHEMERAL_PARAMETERS'),
      ),
    )
    .addOption(
      repeatableOption('--build-option <name=value>', 'older name of --ephemeral-parameter').env('CODER_BUILD_OPTION'),
    )
    .option('--build-options', 'older name of --prompt-ephemeral-parameters')
    .option('--always-prompt', 'ask for every parameter again')
}

/** A flag that may be given several times, or once with values separated by commas; quotes keep a comma together. */
export const repeatableOption = (flags: string, description: string): Option =>
  new Option(flags, `${description}; may be repeated`).argParser(collect)

/** A flag that may be given several times, each time with one value, whatever commas are in it. */
export const repeatableVerbatimOption = (flags: string, description: string): Option =>
  new Option(flags, `${description}; may be repeated`).argParser((value: string, earlier: string[] = []): string[] => [
    ...earlier,
    value,
  ])

let nextPosition = 0

export const orderedOption = (flags: string, description: string): Option =>
  new Option(flags, `${description}; may be repeated, and later ones win`).argParser(
    (value: string, earlier: OrderedValue[] = []): OrderedValue[] => [...earlier, { value, position: nextPosition++ }],
  )

const collect = (text: string, earlier: string[] = []): string[] => [...earlier, ...splitAtCommas(text)]

/** `a,"b,c"` as `a` and `b,c`; a quote inside of quotes is written twice. What is no such list is one value. */
export function splitAtCommas(text: string): string[] {
  const isList = /^(?:"(?:[^"]|"")*"|[^",]*)(?:,(?:"(?:[^"]|"")*"|[^",]*))*$/.test(text)
  if (!isList) return [text]
  const parts = text.match(/"(?:[^"]|"")*"|[^",]+/g) ?? []
  return parts.map((part) => (part.startsWith('"') ? part.slice(1, -1).replaceAll('""', '"') : part))
}

/** `true` and `false` as Go takes them, as in `--activate=false`; the bare flag means true. */
export function parseBoolean(text: string): boolean {
  if (/^(1|t|true)$/i.test(text)) return true
  if (/^(0|f|false)$/i.test(text)) return false
  throw new InvalidArgumentError('Write true or false.')
}

export function parseInteger(text: string): number {
  if (/^-?\d+$/.test(text)) return Number(text)
  throw new InvalidArgumentError('Write a whole number.')
}

/** The environment variable of a switch: one that says no is as if it were not set. */
export const switchVariable = (name: string): string =>
  /^(false|f|0|)$/i.test(process.env[name] ?? '') && name in process.env ? `${name} (off)` : name
