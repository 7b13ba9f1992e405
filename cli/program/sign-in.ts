// The commands about who one is: signing in and out.

import { type Command, Option } from 'commander'
import { lazily, output, yes } from './options.ts'

export function addSignInCommands(program: Command): void {
  const login = program
    .command('login [url]')
    .description('sign in to a deployment, and set it up if nobody has')
    .option('--username <name>', 'name of the first user, when the deployment has none [env CODER_FIRST_USER_USERNAME]')
    .option('--email <address>', 'email to sign in with [env CODER_FIRST_USER_EMAIL]')
    .option('--password <password>', 'password to sign in with [env CODER_FIRST_USER_PASSWORD]')
    .addOption(new Option('--first-user-username <name>').hideHelp())
    .addOption(new Option('--first-user-email <address>').hideHelp())
    .addOption(new Option('--first-user-password <password>').hideHelp())
    .addOption(new Option('--first-user-full-name <name>').hideHelp())
    .addOption(new Option('--first-user-trial [bool]').hideHelp())
    .option('--use-token-as-session', 'keep the given token instead of a session made with it')
    .action(lazily(async () => (await import('../commands/login.ts')).login))
  login
    .command('token')
    .description('print the token of the session')
    .action(lazily(async () => (await import('../commands/login.ts')).showToken))
  program
    .command('logout')
    .description('end the session of this command line')
    .addOption(yes())
    .action(lazily(async () => (await import('../commands/logout.ts')).logout))
  program
    .command('whoami')
    .description('show who is signed in, and where')
    .option('-c, --column <names>', 'columns to show, separated by commas')
    .addOption(output(['text', 'json', 'table']))
    .action(lazily(async () => (await import('../commands/whoami.ts')).whoami))
}
