// Commands of Coder's command line that are not supported. They are hidden from help and name an alternative.

import type { Command } from 'commander'
import { lazily } from './options.ts'

/** They need Coder's WireGuard network. */
const unsupportedCommands: readonly (readonly [name: string, alternative: string])[] = [
  ['ping', '`coder show <workspace>` shows whether its agent is connected.'],
  ['speedtest', '`coder show <workspace>` shows whether its agent is connected.'],
  ['netcheck', '`coder support bundle` collects diagnostics of the deployment and its connections.'],
]

export function addUnsupportedCommands(program: Command): void {
  for (const [name, alternative] of unsupportedCommands) {
    program
      .command(`${name} [arguments...]`, { hidden: true })
      .allowUnknownOption()
      .helpOption(false)
      .action(
        lazily(async () => {
          const { CommandError } = await import('../output/errors.ts')
          return async () => {
            throw new CommandError(`\`coder ${name}\` is not supported.`, {
              detail: 'It needs the WireGuard network of Coder, which this deployment does not have.',
              hint: alternative,
            })
          }
        }),
      )
  }
}
