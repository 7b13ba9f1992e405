// The commands about deployments: running one, opening it, asking what it is.

import { type Command, Option } from 'commander'
import { shells } from '../completion-scripts.ts'
import { lazily, listed, organization, output, yes } from './options.ts'

export function addDeploymentCommands(program: Command): void {
  passThrough(program.command('server [flags...]').description('run a deployment in the foreground')).action(
    lazily(async () => (await import('../commands/server.ts')).server),
  )
  passThrough(program.command('agent [flags...]').description('run the workspace agent')).action(
    lazily(async () => (await import('../commands/agent.ts')).agent),
  )
  program
    .command('desktop [serverFlags...]', { hidden: true })
    .description('start or attach to the deployment of this computer and open it: in a window, or')
    .option('--browser', 'in the default browser')
    .option('--headless', 'nowhere: print a one-time link')
    .allowUnknownOption()
    .action(lazily(async () => (await import('../commands/desktop.ts')).openDesktop))
  program
    .command('login-link')
    .description('print a one-time link that signs in to the deployment of this computer')
    .action(lazily(async () => (await import('../commands/login-link.ts')).loginLink))
  program
    .command('install [folder]')
    .description('put this command on the PATH; as `coder-local` where another `coder` is there')
    .option('--name <name>', 'under this name')
    .action(lazily(async () => (await import('../commands/install.ts')).install))
  addCompletion(program)
  program
    .command('version')
    .description('show the version')
    .addOption(output(['text', 'json']))
    .action(lazily(async () => (await import('../commands/version.ts')).showVersion))
}

function addCompletion(program: Command): void {
  program
    .command('completion')
    .description('teach a shell to complete this command')
    .addOption(new Option('-s, --shell <name>', 'which shell; yours when left out').choices(shells))
    .option('-p, --print', "print the script instead of adding it to the shell's settings")
    .addOption(yes())
    .action(lazily(async () => (await import('../commands/completion.ts')).completion))
  program
    .command('complete [words...]', { hidden: true })
    .option('--describe', 'as zsh wants it')
    .option('--tabs', 'as fish and PowerShell want it')
    .action(lazily(async () => (await import('../commands/completion.ts')).printCandidates))
}

export function addProvisionerCommands(program: Command): void {
  const provisioner = program.command('provisioner').alias('provisioners').description('who carries out builds')
  listed(provisioner.command('list').alias('ls').description('list provisioners'))
    .addOption(organization())
    .action(lazily(async () => (await import('../commands/provisioners.ts')).listProvisioners))
}

/** For a command that parses its flags itself: its settings are known to another bundle. */
function passThrough(command: Command): Command {
  return command.allowUnknownOption().helpOption(false)
}
