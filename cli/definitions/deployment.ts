// Commands for running and administering a deployment.

import { type Command, Option } from 'commander'
import { lazily, outputOption, parseInteger, yesOption } from './options.ts'

export function addDeploymentCommands(program: Command): void {
  const server = passThrough(program.command('server [flags...]').description('Run a deployment in the foreground'))
  server.action(lazily(async () => (await import('../commands/deployment/server.ts')).server))
  addMaintenance(program, server)
  passThrough(program.command('agent [flags...]', { hidden: true }).description('Run the workspace agent')).action(
    lazily(async () => (await import('../commands/agents/agent.ts')).agent),
  )
  program
    .command('version')
    .description('Show the version')
    .allowExcessArguments()
    .addOption(outputOption(['text', 'json']))
    .action(lazily(async () => (await import('../commands/deployment/version.ts')).showVersion))
}

export function addNotificationCommands(program: Command): void {
  const load = () => import('../commands/account/notifications.ts')
  const notifications = program.command('notifications').alias('notification').description('Manage notifications')
  notifications
    .command('pause')
    .description('Pause notifications')
    .action(lazily(async () => (await load()).pause))
  notifications
    .command('resume')
    .alias('unpause')
    .description('Resume notifications')
    .action(lazily(async () => (await load()).resume))
  notifications
    .command('test')
    .description('Send a test notification to yourself')
    .action(lazily(async () => (await load()).sendTest))
  notifications
    .command('custom <title> <message>')
    .description('Send a custom notification to yourself')
    .action(lazily(async () => (await load()).sendCustom))
}

export function addSupportCommands(program: Command): void {
  program
    .command('support')
    .description('Diagnose problems')
    .command('bundle [workspace] [agent]')
    .description('Collect diagnostics without secrets into an archive for support')
    .addOption(new Option('-O, --output-file <file>', 'Path of the archive').env('CODER_SUPPORT_BUNDLE_OUTPUT_FILE'))
    .addOption(
      new Option('--url-override <url>', 'URL to use for the deployment').env('CODER_SUPPORT_BUNDLE_URL_OVERRIDE'),
    )
    .addOption(new Option('--template <template>', 'Include this template').env('CODER_SUPPORT_BUNDLE_TEMPLATE'))
    .addOption(
      new Option('--workspaces-total-cap <number>', 'Maximum number of workspaces; default 10, 0 for all')
        .argParser(parseInteger)
        .env('CODER_SUPPORT_BUNDLE_WORKSPACES_TOTAL_CAP'),
    )
    .addOption(yesOption())
    .action(lazily(async () => (await import('../commands/deployment/support.ts')).bundle))
}

function addMaintenance(program: Command, server: Command): void {
  const load = () => import('../commands/deployment/maintenance.ts')
  // `server` passes --help to its own flag parser; its subcommands have regular help.
  const below = (name: string) => server.command(name).helpOption('-h, --help', 'Display help for command')
  const onDatabase = (command: Command) =>
    command
      .addOption(
        new Option('--postgres-url <url>', 'URL of an external database; the built-in one by default').env(
          'CODER_PG_CONNECTION_URL',
        ),
      )
      .addOption(
        new Option('--postgres-connection-auth <kind>', 'How to authenticate with the database')
          .choices(['password'])
          .default('password')
          .env('CODER_PG_CONNECTION_AUTH'),
      )
  onDatabase(
    program.command('reset-password <user>').description('Set the password of a user directly in the database'),
  )
    .option('--password <password>', 'New password')
    .action(lazily(async () => (await load()).resetPassword))
  onDatabase(below('create-admin-user').description('Create an owner directly in the database'))
    .addOption(new Option('--username <name>', 'Username').env('CODER_USERNAME'))
    .addOption(new Option('--email <address>', 'Email').env('CODER_EMAIL'))
    .addOption(new Option('--password <password>', 'Password').env('CODER_PASSWORD'))
    .addOption(
      new Option('--ssh-keygen-algorithm <name>', 'Ignored: keys always use this algorithm')
        .default('ed25519')
        .env('CODER_SSH_KEYGEN_ALGORITHM'),
    )
    .option('--raw-url', 'Ignored: no URL is printed')
    .action(lazily(async () => (await load()).createAdminUser))
  const dbcrypt = below('dbcrypt').description(
    'Manage the encryption of secrets in the database, while coderd is stopped',
  )
  onDatabase(dbcrypt.command('rotate').description('Encrypt all secrets with a new key')).action(
    lazily(async () => (await load()).rotateEncryptionKey),
  )
  onDatabase(dbcrypt.command('delete').description('Delete the secrets whose key is lost'))
    .addOption(yesOption())
    .action(lazily(async () => (await load()).deleteUnreadableSecrets))
  below('postgres-builtin-url')
    .description('Print the psql command that connects to the built-in database')
    .option('--raw-url', 'Print only the URL')
    .action(lazily(async () => (await load()).showPostgresUrl))
  below('postgres-builtin-serve')
    .description('Run the built-in database without coderd')
    .option('--raw-url', 'Print only the URL')
    .action(lazily(async () => (await load()).servePostgres))
}

/** For a command that parses its own flags, which are defined in another bundle. */
function passThrough(command: Command): Command {
  return command.allowUnknownOption().helpOption(false)
}
