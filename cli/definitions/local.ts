// Commands for the deployment and the command line on this computer.

import { type Command, Option } from 'commander'
import { shells } from '../completion/shell-scripts.ts'
import { lazily, yesOption } from './options.ts'

export function addLocalCommands(program: Command): void {
  program
    .command('desktop [serverFlags...]', { hidden: true })
    .description('Open the deployment on this computer in a window, and start it if necessary')
    .option('--browser', 'Open it in the default browser')
    .option('--headless', 'Print a one-time link instead of opening it')
    .allowUnknownOption()
    .action(lazily(async () => (await import('../commands/local/desktop.ts')).openDesktop))
  program
    .command('login-link')
    .description('Print a one-time sign-in link to the deployment on this computer')
    .action(lazily(async () => (await import('../commands/local/login-link.ts')).loginLink))
  program
    .command('install [folder]')
    .description('Install this command on the PATH, as `coder-local` next to another `coder`')
    .option('--name <name>', 'Name of the command')
    .action(lazily(async () => (await import('../commands/local/install.ts')).install))
  addCompletion(program)
}

function addCompletion(program: Command): void {
  program
    .command('completion')
    .description('Install shell completion for this command')
    .allowExcessArguments()
    .addOption(new Option('-s, --shell <name>', 'Shell to complete in; the current one by default').choices(shells))
    .option('-p, --print', 'Print the script instead of adding it to the start-up file of the shell')
    .addOption(yesOption())
    .action(lazily(async () => (await import('../commands/local/completion.ts')).completion))
  program
    .command('complete [words...]', { hidden: true })
    .option('--describe', 'Print the format of zsh')
    .option('--tabs', 'Print the format of fish and PowerShell')
    .action(lazily(async () => (await import('../commands/local/completion.ts')).printCandidates))
}
