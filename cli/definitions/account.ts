// Commands about the account: signing in and out, users, tokens, the Git SSH key.

import { type Command, Option } from 'commander'
import {
  columnsOption,
  lazily,
  organizationOption,
  outputOption,
  parseBoolean,
  parseInteger,
  repeatableOption,
  withListOptions,
  yesOption,
} from './options.ts'

/** Taken when the deployment has no users yet. */
const firstUserOption = (flags: string, what: string) => new Option(flags, `of the first user of a deployment: ${what}`)

export function addSignInCommands(program: Command): void {
  const login = program
    .command('login [url]')
    .description('sign in to a deployment, and set it up if nobody has')
    .option('--email <address>', 'email to sign in with, and a password')
    .option('--password <password>', 'password to sign in with')
    .addOption(new Option('--username <name>', 'older name of --first-user-username').hideHelp())
    .addOption(firstUserOption('--first-user-username <name>', 'the name').env('CODER_FIRST_USER_USERNAME'))
    .addOption(
      firstUserOption('--first-user-full-name <name>', 'the name that people read').env('CODER_FIRST_USER_FULL_NAME'),
    )
    .addOption(firstUserOption('--first-user-email <address>', 'the email').env('CODER_FIRST_USER_EMAIL'))
    .addOption(firstUserOption('--first-user-password <password>', 'the password').env('CODER_FIRST_USER_PASSWORD'))
    .addOption(
      new Option('--first-user-trial [bool]', 'changes nothing: there is nothing to try out for a while')
        .argParser(parseBoolean)
        .preset(true)
        .env('CODER_FIRST_USER_TRIAL'),
    )
    .option('--use-token-as-session', 'keep the given token instead of a session made with it')
    .action(lazily(async () => (await import('../commands/account/login.ts')).login))
  login
    .command('token')
    .description('print the token of the session')
    .action(lazily(async () => (await import('../commands/account/login.ts')).showToken))
  program
    .command('logout')
    .description('end the session of this command line')
    .allowExcessArguments()
    .addOption(yesOption())
    .action(lazily(async () => (await import('../commands/account/logout.ts')).logout))
  program
    .command('whoami')
    .description('show who is signed in, and where')
    .addOption(columnsOption('whoami'))
    .addOption(outputOption(['text', 'json', 'table']))
    .action(lazily(async () => (await import('../commands/account/whoami.ts')).whoami))
}

export function addUserCommands(program: Command): void {
  addUsers(program.command('users').alias('user').description('manage users'))
  addTokens(program.command('tokens').alias('token').description('manage your access tokens'))
  program
    .command('publickey')
    .alias('pubkey')
    .description('show the public key with which your workspaces speak to Git servers')
    .option('--reset', 'make a new one')
    .allowExcessArguments()
    .addOption(yesOption())
    .action(lazily(async () => (await import('../commands/account/publickey.ts')).showPublicKey))
}

function addUsers(users: Command): void {
  const load = () => import('../commands/account/users.ts')
  users
    .command('create')
    .description('make a user')
    .option('-u, --username <name>', 'name of the user')
    .option('-e, --email <address>', 'email of the user')
    .option('-n, --full-name <name>', 'the name that people read')
    .option('-p, --password <password>', 'password; one is made up when left out')
    .addOption(
      new Option('--login-type <kind>', 'how the user signs in; `none` is for tokens alone').choices([
        'password',
        'none',
        'github',
        'oidc',
      ]),
    )
    .addOption(new Option('--disable-login', 'older name of --login-type none').hideHelp())
    .addOption(organizationOption())
    .action(lazily(async () => (await load()).createUserCommand))
  withListOptions(users.command('list').alias('ls').description('list users'), 'users')
    .option('--search <query>', 'filter, such as `status:active role:owner`', '')
    .addOption(new Option('--github-user-id <id>', 'the user of this account at GitHub').argParser(parseInteger))
    .action(lazily(async () => (await load()).listUsersCommand))
  users
    .command('show <user>')
    .description('show a user, by name, id or `me`')
    .addOption(outputOption(['table', 'json']))
    .action(lazily(async () => (await load()).showUser))
  users
    .command('delete <user>')
    .alias('rm')
    .description('delete a user')
    .addOption(yesOption())
    .action(lazily(async () => (await load()).deleteUserCommand))
  users
    .command('suspend <user>')
    .description("end a user's access until they are activated again")
    .addOption(yesOption())
    .addOption(columnsOption('userChange'))
    .action(lazily(async () => (await load()).suspend))
  users
    .command('edit-roles <user>')
    .description("set a user's roles")
    .addOption(repeatableOption('--roles <names>', 'the roles, separated by commas'))
    .addOption(yesOption())
    .action(lazily(async () => (await load()).editUserRoles))
  users
    .command('activate <user>')
    .alias('active')
    .description('give a suspended user access again')
    .addOption(yesOption())
    .addOption(columnsOption('userChange'))
    .action(lazily(async () => (await load()).activate))
}

function addTokens(tokens: Command): void {
  const load = () => import('../commands/account/tokens.ts')
  tokens
    .command('create')
    .description('make a token')
    .addOption(new Option('-n, --name <name>', 'name of the token').env('CODER_TOKEN_NAME'))
    .addOption(new Option('--lifetime <duration>', 'how long it is good for, such as 30d').env('CODER_TOKEN_LIFETIME'))
    .addOption(new Option('-u, --user <user>', 'whose token; yours when left out').env('CODER_TOKEN_USER'))
    .addOption(repeatableOption('--scope <name>', 'what it may be used for, such as `workspace:read`'))
    .addOption(repeatableOption('--allow <type:id>', 'what it may be used on, such as `workspace:<id>`'))
    .action(lazily(async () => (await load()).createTokenCommand))
  withListOptions(tokens.command('list').alias('ls').description('list tokens'), 'tokens')
    .option('-a, --all', 'those of everybody')
    .option('--include-expired', 'with those that have run out')
    .action(lazily(async () => (await load()).listTokensCommand))
  withListOptions(tokens.command('view <name>').description('show a token, by name or id'), 'token').action(
    lazily(async () => (await load()).viewToken),
  )
  tokens
    .command('remove <name>')
    .aliases(['delete', 'rm'])
    .description('take a token back, by name, id, or itself')
    .action(lazily(async () => (await load()).removeToken))
}
