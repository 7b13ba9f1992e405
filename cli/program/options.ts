// What the parts of the command table have in common: commands whose code is loaded when they are called, and the
// options that many commands share, by the names Coder's command line gives them.

import { type Command, Option } from 'commander'

/** The options are what the table declares for the command: commander cannot tell. */
type Action<Options> = (args: readonly string[], options: Options) => Promise<void>

/** Calls the action with the positional arguments and all flags, global ones included. Its code is loaded only now:
 *  `coder version` must not pay for `coder server`. */
export function lazily<Options>(load: () => Promise<Action<Options>>) {
  return async (...call: unknown[]): Promise<void> => {
    const command = call.at(-1) as Command
    const action = await load()
    await action(command.args, command.optsWithGlobals() as Options)
  }
}

export const output = (choices: readonly [string, ...string[]] = ['table', 'json']) =>
  new Option('-o, --output <format>', 'output format').choices(choices).default(choices[0])

export const columns = () => new Option('-c, --column <names>', 'columns to show, separated by commas')

export const yes = () => new Option('-y, --yes', 'do not ask')

/** For a flag that may be repeated. */
export const collect = (value: string, earlier: string[] = []): string[] => [...earlier, value]
