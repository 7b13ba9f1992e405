// The commands about deployments: running one, opening it, asking what it is.

import { type Command, Option } from 'commander'
import { lazily, outputOption, parseInteger, yesOption } from './options.ts'

export function addDeploymentCommands(program: Command): void {
  const server = passThrough(program.command('server [flags...]').description('run a deployment in the foreground'))
  server.action(lazily(async () => (await import('../commands/deployment/server.ts')).server))
  addMaintenance(program, server)
  passThrough(program.command('agent [flags...]', { hidden: true }).description('run the workspace agent')).action(
    lazily(async () => (await import('../commands/agents/agent.ts')).agent),
  )
  program
    .command('version')
    .description('show the version')
    .allowExcessArguments()
    .addOption(outputOption(['text', 'json']))
    .action(lazily(async () => (await import('../commands/deployment/version.ts')).showVersion))
}

export function addNotificationCommands(program: Command): void {
  const load = () => import('../commands/account/notifications.ts')
  const notifications = program.command('notifications').alias('notification').description('manage notifications')
  notifications
    .command('pause')
    .description('stop sending notifications')
    .action(lazily(async () => (await load()).pause))
  notifications
    .command('resume')
    .alias('unpause')
    .description('send notifications again')
    .action(lazily(async () => (await load()).resume))
  notifications
    .command('test')
    .description('send yourself a notification, to see that they arrive')
    .action(lazily(async () => (await load()).sendTest))
  notifications
    .command('custom <title> <message>')
    .description('send yourself a notification with words of your own')
    .action(lazily(async () => (await load()).sendCustom))
}

export function addSupportCommands(program: Command): void {
  program
    .command('support')
    .description('find out what is wrong')
    .command('bundle [workspace] [agent]')
    .description('collect what somebody needs who helps you, as one archive without secrets')
    .addOption(new Option('-O, --output-file <file>', 'where to write it').env('CODER_SUPPORT_BUNDLE_OUTPUT_FILE'))
    .addOption(
      new Option('--url-override <url>', 'ask this address of the deployment').env('CODER_SUPPORT_BUNDLE_URL_OVERRIDE'),
    )
    .addOption(new Option('--template <template>', 'with this template').env('CODER_SUPPORT_BUNDLE_TEMPLATE'))
    .addOption(
      new Option('--workspaces-total-cap <number>', 'with at most so many workspaces; 10 when left out, 0 for all')
        .argParser(parseInteger)
        .env('CODER_SUPPORT_BUNDLE_WORKSPACES_TOTAL_CAP'),
    )
    .addOption(yesOption())
    .action(lazily(async () => (await import('../commands/deployment/support.ts')).bundle))
}

function addMaintenance(program: Command, server: Command): void {
  const load = () => import('../commands/deployment/maintenance.ts')
  // `server` leaves --help to the bundle it starts; what is below it has its own.
  const below = (name: string) => server.command(name).helpOption('-h, --help', 'display help for command')
  const onDatabase = (command: Command) =>
    command
      .addOption(
        new Option('--postgres-url <url>', 'external database; the built-in one when left out').env(
          'CODER_PG_CONNECTION_URL',
        ),
      )
      .addOption(
        new Option('--postgres-connection-auth <kind>', 'how the database is signed in to')
          .choices(['password'])
          .default('password')
          .env('CODER_PG_CONNECTION_AUTH'),
      )
  onDatabase(program.command('reset-password <user>').description("set a user's password, in the database itself"))
    .option('--password <password>', 'the new password')
    .action(lazily(async () => (await load()).resetPassword))
  onDatabase(below('create-admin-user').description('make another owner, in the database itself'))
    .addOption(new Option('--username <name>', 'name of the user').env('CODER_USERNAME'))
    .addOption(new Option('--email <address>', 'email of the user').env('CODER_EMAIL'))
    .addOption(new Option('--password <password>', 'password of the user').env('CODER_PASSWORD'))
    .addOption(
      new Option('--ssh-keygen-algorithm <name>', 'changes nothing: keys are of this kind')
        .default('ed25519')
        .env('CODER_SSH_KEYGEN_ALGORITHM'),
    )
    .option('--raw-url', 'changes nothing: no address is printed')
    .action(lazily(async () => (await load()).createAdminUser))
  below('postgres-builtin-url')
    .description("print the command that opens the built-in database with PostgreSQL's own tools")
    .option('--raw-url', 'its address alone')
    .action(lazily(async () => (await load()).showPostgresUrl))
  below('postgres-builtin-serve')
    .description('run the built-in database alone')
    .option('--raw-url', 'print its address alone')
    .action(lazily(async () => (await load()).servePostgres))
}

/** For a command that parses its flags itself: its settings are known to another bundle. */
function passThrough(command: Command): Command {
  return command.allowUnknownOption().helpOption(false)
}
