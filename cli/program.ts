// The command line's root. Every command, its arguments and flags stand in the tables of program/, one file a subject;
// what a command does is in commands/. Names and flags follow Coder's command line where it has them.

import { Command, Option } from 'commander'
import { versionLine } from '../lib/version.ts'
import {
  addDeploymentCommands,
  addNotificationCommands,
  addProvisionerCommands,
  addSupportCommands,
} from './program/deployment.ts'
import { addExperimentalCommands } from './program/experimental.ts'
import { addInsideCommands } from './program/inside.ts'
import { repeated } from './program/options.ts'
import { addPeopleCommands } from './program/people.ts'
import { addRefusedCommands } from './program/refused.ts'
import { addScheduleCommands } from './program/schedules.ts'
import { addSignInCommands } from './program/sign-in.ts'
import { addTaskCommands } from './program/tasks.ts'
import { addTemplateCommands } from './program/templates.ts'
import { addTerminalCommands } from './program/terminals.ts'
import { addWorkspaceCommands } from './program/workspaces.ts'

/** Under the headings that `coder --help` shows. */
const parts: readonly (readonly [string, readonly ((program: Command) => void)[]])[] = [
  ['Workspaces', [addWorkspaceCommands, addTerminalCommands, addScheduleCommands, addTaskCommands]],
  ['Templates', [addTemplateCommands]],
  ['You and others', [addSignInCommands, addPeopleCommands]],
  ['Deployment', [addDeploymentCommands, addProvisionerCommands, addNotificationCommands, addSupportCommands]],
  ['Inside of a workspace', [addInsideCommands]],
  ['Experiments', [addExperimentalCommands]],
]

export function buildProgram(): Command {
  const program = new Command('coder')
    .description('Coder Local: workspaces on this computer and others, in your own deployment.')
    .option('--url <url>', 'deployment to talk to [env CODER_URL]')
    .option('--token <token>', 'session token to use [env CODER_SESSION_TOKEN]')
    .option('--global-config <folder>', 'folder of the local deployment, and of logins [env CODER_CONFIG_DIR]')
    .addOption(repeated('--header <name=value>', 'header to send with every request').env('CODER_HEADER'))
    .addOption(new Option('--header-command <command>', 'command that prints such headers').env('CODER_HEADER_COMMAND'))
    // What Coder's command line has for its own network and editions: taken, so that scripts made for it run.
    .addOption(new Option('--no-version-warning').hideHelp())
    .addOption(new Option('--no-feature-warning').hideHelp())
    .addOption(new Option('--disable-direct-connections').hideHelp())
    .addOption(new Option('--disable-network-telemetry').hideHelp())
    .addOption(new Option('--use-keyring [bool]').hideHelp())
    .addOption(new Option('-v, --verbose').hideHelp())
    .addOption(new Option('--force-tty').hideHelp())
    .version(versionLine, '--version', 'show the version')
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(text) })
    .showHelpAfterError('See `coder --help`.')
  for (const [heading, add] of parts) {
    program.commandsGroup(`${heading}:`)
    for (const addCommands of add) addCommands(program)
  }
  addRefusedCommands(program)
  return program
}
