// The commands about who one is: signing in and out.

import { type Command, Option } from 'commander'
import { bool, columns, lazily, output, yes } from './options.ts'

/** Taken when the deployment has no users yet. */
const ofFirstUser = (flags: string, what: string) => new Option(flags, `of the first user of a deployment: ${what}`)

export function addSignInCommands(program: Command): void {
  const login = program
    .command('login [url]')
    .description('sign in to a deployment, and set it up if nobody has')
    .option('--email <address>', 'email to sign in with, and a password')
    .option('--password <password>', 'password to sign in with')
    .addOption(new Option('--username <name>', 'older name of --first-user-username').hideHelp())
    .addOption(ofFirstUser('--first-user-username <name>', 'the name').env('CODER_FIRST_USER_USERNAME'))
    .addOption(
      ofFirstUser('--first-user-full-name <name>', 'the name that people read').env('CODER_FIRST_USER_FULL_NAME'),
    )
    .addOption(ofFirstUser('--first-user-email <address>', 'the email').env('CODER_FIRST_USER_EMAIL'))
    .addOption(ofFirstUser('--first-user-password <password>', 'the password').env('CODER_FIRST_USER_PASSWORD'))
    .addOption(
      new Option('--first-user-trial [bool]', 'changes nothing: there is nothing to try out for a while')
        .argParser(bool)
        .preset(true)
        .env('CODER_FIRST_USER_TRIAL'),
    )
    .option('--use-token-as-session', 'keep the given token instead of a session made with it')
    .action(lazily(async () => (await import('../commands/login.ts')).login))
  login
    .command('token')
    .description('print the token of the session')
    .action(lazily(async () => (await import('../commands/login.ts')).showToken))
  program
    .command('logout')
    .description('end the session of this command line')
    .allowExcessArguments()
    .addOption(yes())
    .action(lazily(async () => (await import('../commands/logout.ts')).logout))
  program
    .command('whoami')
    .description('show who is signed in, and where')
    .addOption(columns('whoami'))
    .addOption(output(['text', 'json', 'table']))
    .action(lazily(async () => (await import('../commands/whoami.ts')).whoami))
}
