// Commands for the deployment and the command line on this computer.

import { type Command, Option } from 'commander'
import { shells } from '../completion/shell-scripts.ts'
import { lazily, yesOption } from './options.ts'

export function addLocalCommands(program: Command): void {
  program
    .command('desktop [serverFlags...]', { hidden: true })
    .description('start or attach to the deployment of this computer and open it: in a window, or')
    .option('--browser', 'in the default browser')
    .option('--headless', 'nowhere: print a one-time link')
    .allowUnknownOption()
    .action(lazily(async () => (await import('../commands/local/desktop.ts')).openDesktop))
  program
    .command('login-link')
    .description('print a one-time link that signs in to the deployment of this computer')
    .action(lazily(async () => (await import('../commands/local/login-link.ts')).loginLink))
  program
    .command('install [folder]')
    .description('put this command on the PATH; as `coder-local` where another `coder` is there')
    .option('--name <name>', 'under this name')
    .action(lazily(async () => (await import('../commands/local/install.ts')).install))
  addCompletion(program)
}

function addCompletion(program: Command): void {
  program
    .command('completion')
    .description('teach a shell to complete this command')
    .allowExcessArguments()
    .addOption(new Option('-s, --shell <name>', 'which shell; yours when left out').choices(shells))
    .option('-p, --print', "print the script instead of adding it to the shell's settings")
    .addOption(yesOption())
    .action(lazily(async () => (await import('../commands/local/completion.ts')).completion))
  program
    .command('complete [words...]', { hidden: true })
    .option('--describe', 'as zsh wants it')
    .option('--tabs', 'as fish and PowerShell want it')
    .action(lazily(async () => (await import('../commands/local/completion.ts')).printCandidates))
}
