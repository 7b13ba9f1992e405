// The commands about deployments: running one, opening it, asking what it is.

import type { Command } from 'commander'
import { lazily, output } from './options.ts'

export function addDeploymentCommands(program: Command): void {
  passThrough(program.command('server [flags...]').description('run a deployment in the foreground')).action(
    lazily(async () => (await import('../commands/server.ts')).server),
  )
  passThrough(program.command('agent [flags...]').description('run the workspace agent')).action(
    lazily(async () => (await import('../commands/agent.ts')).agent),
  )
  program
    .command('open [serverFlags...]', { hidden: true })
    .description('start or attach to the deployment of this computer and open it: in a window, or')
    .option('--browser', 'in the default browser')
    .option('--headless', 'nowhere: print a one-time link')
    .allowUnknownOption()
    .action(lazily(async () => (await import('../commands/open.ts')).open))
  program
    .command('login-link')
    .description('print a one-time link that signs in to the deployment of this computer')
    .action(lazily(async () => (await import('../commands/login-link.ts')).loginLink))
  program
    .command('version')
    .description('show the version')
    .addOption(output(['text', 'json']))
    .action(lazily(async () => (await import('../commands/version.ts')).showVersion))
}

/** For a command that parses its flags itself: its settings are known to another bundle. */
function passThrough(command: Command): Command {
  return command.allowUnknownOption().helpOption(false)
}
