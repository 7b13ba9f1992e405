// Commands of Coder's that are not here: whoever types one reads what to use instead of it. They are in no list of help.

import type { Command } from 'commander'
import { lazily } from './options.ts'

/** Those that need Coder's own network. */
const unsupportedCommands: readonly (readonly [name: string, instead: string])[] = [
  ['ssh', '`coder terminal <workspace>` opens a terminal, `coder open vscode <workspace>` an editor.'],
  ['vscodessh', 'the terminal of a workspace is `coder terminal <workspace>`.'],
  ['config-ssh', '`coder terminal <workspace>` opens a terminal without an entry in the settings of ssh.'],
  ['port-forward', 'an app of the template, or `coder open app <workspace>`, reaches what listens in a workspace.'],
  ['ping', '`coder show <workspace>` says whether its agent is connected.'],
  ['speedtest', '`coder show <workspace>` says whether its agent is connected.'],
  ['netcheck', '`coder support bundle` collects how the deployment and its connections are.'],
]

export function addUnsupportedCommands(program: Command): void {
  for (const [name, instead] of unsupportedCommands) {
    program
      .command(`${name} [arguments...]`, { hidden: true })
      .allowUnknownOption()
      .helpOption(false)
      .action(
        lazily(async () => {
          const { CommandError } = await import('../output/errors.ts')
          return async () => {
            throw new CommandError(`\`coder ${name}\` is not there yet.`, {
              detail: "Coder's speaks to workspaces over a network of its own, which this deployment does without.",
              hint: instead,
            })
          }
        }),
      )
  }
}
