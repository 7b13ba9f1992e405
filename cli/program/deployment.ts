// The commands about deployments: running one, opening it, asking what it is.

import { type Command, Option } from 'commander'
import { shells } from '../completion-scripts.ts'
import { integer, lazily, listed, organization, output, several, switchEnv, yes } from './options.ts'

export function addDeploymentCommands(program: Command): void {
  const server = passThrough(program.command('server [flags...]').description('run a deployment in the foreground'))
  server.action(lazily(async () => (await import('../commands/server.ts')).server))
  addMaintenance(program, server)
  passThrough(program.command('agent [flags...]', { hidden: true }).description('run the workspace agent')).action(
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
    .allowExcessArguments()
    .addOption(output(['text', 'json']))
    .action(lazily(async () => (await import('../commands/version.ts')).showVersion))
}

export function addNotificationCommands(program: Command): void {
  const load = () => import('../commands/notifications.ts')
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
        .argParser(integer)
        .env('CODER_SUPPORT_BUNDLE_WORKSPACES_TOTAL_CAP'),
    )
    .addOption(yes())
    .action(lazily(async () => (await import('../commands/support.ts')).bundle))
}

function addMaintenance(program: Command, server: Command): void {
  const load = () => import('../commands/maintenance.ts')
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

function addCompletion(program: Command): void {
  program
    .command('completion')
    .description('teach a shell to complete this command')
    .allowExcessArguments()
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
  listed(provisioner.command('list').alias('ls').description('list provisioners'), 'provisioners')
    .addOption(
      new Option('-l, --limit <number>', 'at most so many')
        .argParser(integer)
        .default(50)
        .env('CODER_PROVISIONER_LIST_LIMIT'),
    )
    .addOption(
      several('-s, --status <names>', 'only those', ['offline', 'idle', 'busy']).env('CODER_PROVISIONER_LIST_STATUS'),
    )
    .addOption(
      new Option('-f, --show-offline', 'with those that are away').env(switchEnv('CODER_PROVISIONER_SHOW_OFFLINE')),
    )
    .addOption(
      new Option('-m, --max-age <duration>', 'only those seen within this time, such as 1h').env(
        'CODER_PROVISIONER_LIST_MAX_AGE',
      ),
    )
    .addOption(organization())
    .action(lazily(async () => (await import('../commands/provisioners.ts')).listProvisioners))
  const jobs = provisioner.command('jobs').alias('job').description('what provisioners have to do')
  listed(jobs.command('list').alias('ls').description('list jobs'), 'provisionerJobs')
    .addOption(
      several('-s, --status <names>', 'only those', [
        'pending',
        'running',
        'succeeded',
        'canceling',
        'canceled',
        'failed',
        'unknown',
      ]).env('CODER_PROVISIONER_JOB_LIST_STATUS'),
    )
    .addOption(
      new Option('-l, --limit <number>', 'at most so many')
        .argParser(integer)
        .default(50)
        .env('CODER_PROVISIONER_JOB_LIST_LIMIT'),
    )
    .addOption(
      new Option('-i, --initiator <user>', 'only those that this user asked for').env(
        'CODER_PROVISIONER_JOB_LIST_INITIATOR',
      ),
    )
    .addOption(organization())
    .action(lazily(async () => (await import('../commands/provisioner-jobs.ts')).listJobs))
  jobs
    .command('cancel <id>')
    .description('cancel a job')
    .addOption(organization())
    .action(lazily(async () => (await import('../commands/provisioner-jobs.ts')).cancelJob))
}

/** For a command that parses its flags itself: its settings are known to another bundle. */
function passThrough(command: Command): Command {
  return command.allowUnknownOption().helpOption(false)
}
