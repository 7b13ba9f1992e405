// Every command, its arguments and flags, in one table. A command's code is loaded when it is called: `coder version`
// must not pay for `coder server`. Names and flags follow Coder's command line where it has them.

import { Command, Option } from 'commander'

/** The options are what the table below declares for the command: commander cannot tell. */
type Action<Options> = (args: readonly string[], options: Options) => Promise<void>

/** Calls the action with the positional arguments and all flags, global ones included. */
function lazily<Options>(load: () => Promise<Action<Options>>) {
  return async (...call: unknown[]): Promise<void> => {
    const command = call.at(-1) as Command
    const action = await load()
    await action(command.args, command.optsWithGlobals() as Options)
  }
}

export function buildProgram(): Command {
  const program = new Command('coder')
    .description('Coder Local: workspaces on this computer and others, in your own deployment.')
    .option('--url <url>', 'deployment to talk to [env CODER_URL]')
    .option('--token <token>', 'session token to use [env CODER_SESSION_TOKEN]')
    .option('--global-config <folder>', 'data folder of the local deployment [env CODER_CONFIG_DIR]')
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(text) })
    .showHelpAfterError('See `coder --help`.')
  addDeploymentCommands(program)
  addSignInCommands(program)
  addTemplateCommands(program)
  addWorkspaceCommands(program)
  return program
}

function addDeploymentCommands(program: Command): void {
  passThrough(program.command('server [flags...]').description('run a deployment in the foreground')).action(
    lazily(async () => (await import('./commands/server.ts')).server),
  )
  passThrough(program.command('agent [flags...]').description('run the workspace agent')).action(
    lazily(async () => (await import('./commands/agent.ts')).agent),
  )
  program
    .command('open [serverFlags...]', { hidden: true })
    .description('start or attach to the deployment of this computer and open it: in a window, or')
    .option('--browser', 'in the default browser')
    .option('--headless', 'nowhere: print a one-time link')
    .allowUnknownOption()
    .action(lazily(async () => (await import('./commands/open.ts')).open))
  program
    .command('login-link')
    .description('print a one-time link that signs in to the deployment of this computer')
    .action(lazily(async () => (await import('./commands/login-link.ts')).loginLink))
  program
    .command('version')
    .description('show the version')
    .addOption(output(['text', 'json']))
    .action(lazily(async () => (await import('./commands/version.ts')).showVersion))
}

/** For a command that parses its flags itself: its settings are known to another bundle. */
function passThrough(command: Command): Command {
  return command.allowUnknownOption().helpOption(false)
}

function addSignInCommands(program: Command): void {
  program
    .command('login [url]')
    .description('sign in to a deployment, and set it up if nobody has')
    .option('--username <name>', 'name of the first user, when the deployment has none [env CODER_FIRST_USER_USERNAME]')
    .option('--email <address>', 'email to sign in with [env CODER_FIRST_USER_EMAIL]')
    .option('--password <password>', 'password to sign in with [env CODER_FIRST_USER_PASSWORD]')
    .addOption(new Option('--first-user-username <name>').hideHelp())
    .addOption(new Option('--first-user-email <address>').hideHelp())
    .addOption(new Option('--first-user-password <password>').hideHelp())
    .action(lazily(async () => (await import('./commands/login.ts')).login))
  program
    .command('logout')
    .description('end the session of this command line')
    .option('-y, --yes', 'do not ask')
    .action(lazily(async () => (await import('./commands/logout.ts')).logout))
  program
    .command('whoami')
    .description('show who is signed in, and where')
    .addOption(output(['text', 'json']))
    .action(lazily(async () => (await import('./commands/whoami.ts')).whoami))
}

function addTemplateCommands(program: Command): void {
  const templates = program.command('templates').alias('template').description('manage templates')
  templates
    .command('push [name]')
    .description('make a template, or a new version of it, from a folder')
    .option('-d, --directory <folder>', 'folder to push', '.')
    .option('--name <version>', 'name of the version; made up when left out')
    .option('-m, --message <text>', 'what changed')
    .option('--variable <name=value>', 'value of a Terraform variable; may be repeated', collect, [])
    .option('--activate <bool>', 'make the version the active one', 'true')
    .option('-y, --yes', 'do not ask')
    .action(lazily(async () => (await import('./commands/templates-push.ts')).pushTemplate))
  templates
    .command('list')
    .alias('ls')
    .description('list templates')
    .addOption(output(['table', 'json']))
    .action(lazily(async () => (await import('./commands/templates-list.ts')).listTemplates))
}

function addWorkspaceCommands(program: Command): void {
  program
    .command('create [name]')
    .description('create a workspace')
    .option('-t, --template <name>', 'template to create it from')
    .option('--template-version <name>', 'version of the template; the active one when left out')
    .option('--parameter <name=value>', 'value of a parameter; may be repeated', collect, [])
    .option('-y, --yes', 'take defaults, do not ask')
    .action(lazily(async () => (await import('./commands/create.ts')).create))
  program
    .command('list')
    .alias('ls')
    .description('list workspaces')
    .option('-a, --all', 'those of everybody')
    .option('--search <query>', 'filter, such as `owner:me status:running`', 'owner:me')
    .option('-c, --column <names>', 'columns to show, separated by commas')
    .addOption(output(['table', 'json']))
    .action(lazily(async () => (await import('./commands/list.ts')).list))
  const transition = (name: string, description: string) =>
    program.command(`${name} <workspace>`).description(description).option('-y, --yes', 'do not ask')
  transition('start', 'start a workspace')
    .option('--parameter <name=value>', 'new value of a parameter; may be repeated', collect, [])
    .action(lazily(async () => (await import('./commands/transition.ts')).start))
  transition('stop', 'stop a workspace').action(lazily(async () => (await import('./commands/transition.ts')).stop))
  transition('delete', 'delete a workspace')
    .alias('rm')
    .option('--orphan', 'forget its resources without destroying them')
    .action(lazily(async () => (await import('./commands/transition.ts')).remove))
}

const output = (choices: readonly [string, ...string[]]) =>
  new Option('-o, --output <format>', 'output format').choices(choices).default(choices[0])

const collect = (value: string, earlier: string[]): string[] => [...earlier, value]
