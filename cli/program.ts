// The command line's root. Every command, its arguments and flags stand in the tables of program/, one file a subject;
// what a command does is in commands/. Names and flags follow Coder's command line where it has them.

import { Command } from 'commander'
import { addDeploymentCommands } from './program/deployment.ts'
import { addSignInCommands } from './program/sign-in.ts'
import { addTemplateCommands } from './program/templates.ts'
import { addWorkspaceCommands } from './program/workspaces.ts'

export function buildProgram(): Command {
  const program = new Command('coder')
    .description('Coder Local: workspaces on this computer and others, in your own deployment.')
    .option('--url <url>', 'deployment to talk to [env CODER_URL]')
    .option('--token <token>', 'session token to use [env CODER_SESSION_TOKEN]')
    .option('--global-config <folder>', 'data folder of the local deployment [env CODER_CONFIG_DIR]')
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(text) })
    .showHelpAfterError('See `coder --help`.')
  addDeploymentCommands(program)
  addSignInCommands(program)
  addTemplateCommands(program)
  addWorkspaceCommands(program)
  return program
}
