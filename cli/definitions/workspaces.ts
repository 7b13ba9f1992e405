// The commands about workspaces: making, listing, starting, stopping, deleting, looking at them.

import { type Command, Option } from 'commander'
import {
  lazily,
  organizationOption,
  outputOption,
  parseInteger,
  repeatableOption,
  switchVariable,
  withBuildParameterOptions,
  withListOptions,
  withParameterOptions,
  yesOption,
} from './options.ts'

export function addWorkspaceCommands(program: Command): void {
  addCreate(program)
  addTransitions(program)
  addInspection(program)
  addSettings(program)
  addSharing(program)
  addOpening(program)
  addStateCommands(program)
}

function addCreate(program: Command): void {
  withParameterOptions(
    program.command('create [workspace]').description('create a workspace'),
    'CODER_WORKSPACE_USE_PARAMETER_DEFAULTS',
  )
    .addOption(new Option('-t, --template <template>', 'template to create it from').env('CODER_TEMPLATE_NAME'))
    .addOption(
      new Option('--template-version <name>', 'version of the template; the active one when left out').env(
        'CODER_TEMPLATE_VERSION',
      ),
    )
    .addOption(new Option('--preset <name>', 'preset of the template, or `none`').env('CODER_PRESET_NAME'))
    .addOption(
      new Option('--start-at <schedule>', 'when it starts by itself, as in `coder schedule start`').env(
        'CODER_WORKSPACE_START_AT',
      ),
    )
    .addOption(
      new Option('--stop-after <duration>', 'when it stops by itself after a start, such as 8h').env(
        'CODER_WORKSPACE_STOP_AFTER',
      ),
    )
    .addOption(
      new Option('--automatic-updates <when>', 'whether starts take the active version')
        .choices(['always', 'never'])
        .default('never')
        .env('CODER_WORKSPACE_AUTOMATIC_UPDATES'),
    )
    .addOption(
      new Option('--copy-parameters-from <workspace>', 'workspace whose values it gets').env(
        'CODER_WORKSPACE_COPY_PARAMETERS_FROM',
      ),
    )
    .addOption(organizationOption())
    .addOption(new Option('--no-wait', 'do not wait until it is built').env(switchVariable('CODER_CREATE_NO_WAIT')))
    .option('-y, --yes', 'take defaults where nobody is there to ask')
    .allowExcessArguments()
    .action(lazily(async () => (await import('../commands/workspaces/create.ts')).create))
}

function addTransitions(program: Command): void {
  const transition = (name: string, description: string) =>
    program
      .command(`${name} <workspace>`)
      .description(description)
      .addOption(yesOption())
      .addOption(new Option('--provisioner-log-debug', 'log everything the build does').hideHelp())
      .addOption(
        new Option('--reason <reason>', 'why, for the log')
          .choices(['cli', 'vscode_connection', 'jetbrains_connection'])
          .hideHelp(),
      )
      .option('--no-wait', 'do not wait until it is done')
  withBuildParameterOptions(transition('start', 'start a workspace')).action(
    lazily(async () => (await import('../commands/workspaces/builds.ts')).start),
  )
  transition('stop', 'stop a workspace').action(
    lazily(async () => (await import('../commands/workspaces/builds.ts')).stop),
  )
  withBuildParameterOptions(transition('restart', 'stop a workspace and start it again')).action(
    lazily(async () => (await import('../commands/workspaces/builds.ts')).restart),
  )
  withBuildParameterOptions(transition('update', "start a workspace on its template's active version")).action(
    lazily(async () => (await import('../commands/workspaces/builds.ts')).update),
  )
  transition('delete', 'delete a workspace')
    .alias('rm')
    .option('--orphan', 'forget its resources without destroying them')
    .action(lazily(async () => (await import('../commands/workspaces/builds.ts')).remove))
}

function addInspection(program: Command): void {
  withListOptions(program.command('list').alias('ls').description('list workspaces'), 'workspaces')
    .option('-a, --all', 'those of everybody')
    .option('--search <query>', 'filter, such as `owner:me status:running`', 'owner:me')
    .addOption(new Option('--shared-with-me', 'those that others share with you').hideHelp())
    .action(lazily(async () => (await import('../commands/workspaces/list.ts')).list))
  program
    .command('show <workspace>')
    .description("show a workspace's resources and agents")
    .option('--details', 'with logs sources, scripts and listening ports')
    .addOption(outputOption(['text', 'json']))
    .action(lazily(async () => (await import('../commands/workspaces/show.ts')).show))
  program
    .command('logs <workspace>')
    .description("show the log of a workspace's build and agents")
    .option('-n, --build-number <number>', 'of that build; negative numbers count back from the last', parseInteger, 0)
    .option('-f, --follow', 'go on as lines are written')
    .action(lazily(async () => (await import('../commands/workspaces/logs.ts')).logs))
}

function addSettings(program: Command): void {
  const favorites = () => import('../commands/workspaces/favorites.ts')
  program
    .command('rename <workspace> <name>')
    .description('rename a workspace')
    .addOption(yesOption())
    .action(lazily(async () => (await import('../commands/workspaces/rename.ts')).rename))
  program
    .command('favorite <workspace>')
    .aliases(['fav', 'favourite'])
    .description('list a workspace first')
    .action(lazily(async () => (await favorites()).favorite))
  program
    .command('unfavorite <workspace>')
    .aliases(['unfav', 'unfavourite'])
    .description('list a workspace like all others')
    .action(lazily(async () => (await favorites()).unfavorite))
  program
    .command('autoupdate <workspace> <when>')
    .description('whether a workspace starts on the active version: `always` or `never`')
    .addOption(yesOption())
    .action(lazily(async () => (await import('../commands/workspaces/autoupdate.ts')).autoupdate))
}

function addSharing(program: Command): void {
  const load = () => import('../commands/workspaces/workspace-sharing.ts')
  const sharing = program.command('sharing').alias('share').description('share workspaces with others')
  const whom = (command: Command) =>
    withListOptions(command, 'shares')
      .addOption(repeatableOption('--user <name:role>', 'a user, with the role `use` or `admin`'))
      .addOption(repeatableOption('--group <name:role>', 'a group, with the role `use` or `admin`'))
  withListOptions(
    sharing.command('status <workspace>').alias('list').description('whom a workspace is shared with'),
    'shares',
  ).action(lazily(async () => (await load()).showShares))
  whom(sharing.command('add <workspace>').alias('share').description('share a workspace')).action(
    lazily(async () => (await load()).share),
  )
  whom(sharing.command('remove <workspace>').aliases(['unshare', 'rm']).description('take shares back')).action(
    lazily(async () => (await load()).unshare),
  )
}

function addOpening(program: Command): void {
  const open = program.command('open').description('open a workspace')
  open
    .command('vscode <workspace> [folder]')
    .description('in Visual Studio Code on this computer')
    .addOption(
      new Option('--generate-token', 'with a token, for an editor that is not signed in').env(
        'CODER_OPEN_VSCODE_GENERATE_TOKEN',
      ),
    )
    .action(lazily(async () => (await import('../commands/workspaces/open.ts')).openEditor))
  open
    .command('app <workspace> [slug]')
    .description('one of its apps, in the browser')
    .addOption(
      new Option('--region <name>', 'through which the app is reached').default('primary').env('CODER_OPEN_APP_REGION'),
    )
    .action(lazily(async () => (await import('../commands/workspaces/open.ts')).openApp))
}

function addStateCommands(program: Command): void {
  const state = program.command('state').description("repair a workspace's Terraform state by hand")
  state
    .command('pull <workspace> [file]')
    .description('write the state to a file, or to stdout')
    .option('-b, --build <number>', 'of that build', parseInteger)
    .action(lazily(async () => (await import('../commands/workspaces/state.ts')).pullState))
  state
    .command('push <workspace> <file>')
    .description('build from a state in a file, or `-` for stdin')
    .option('-b, --build <number>', 'of that build', parseInteger)
    .option('-n, --no-build', 'change the state without building')
    .action(lazily(async () => (await import('../commands/workspaces/state.ts')).pushState))
}

export function addScheduleCommands(program: Command): void {
  const schedule = program.command('schedule').description('when workspaces start and stop by themselves')
  withListOptions(schedule.command('show [workspace]').description('show the schedules of workspaces'), 'schedules')
    .option('-a, --all', 'those of everybody')
    .option('--search <query>', 'filter, such as `owner:me status:running`', 'owner:me')
    .action(lazily(async () => (await import('../commands/workspaces/workspace-schedules.ts')).showSchedules))
  schedule
    .command('start <workspace> <time> [days] [location]')
    .description('when it starts: `9:30AM Mon-Fri Europe/Dublin`, or `manual`')
    .action(lazily(async () => (await import('../commands/workspaces/workspace-schedules.ts')).scheduleStart))
  schedule
    .command('stop <workspace> <duration>')
    .description('how long after a start it stops: `8h`, or `manual`')
    .action(lazily(async () => (await import('../commands/workspaces/workspace-schedules.ts')).scheduleStop))
  schedule
    .command('extend <workspace> <duration>')
    .aliases(['override-stop'])
    .description('put off the stop of a running workspace until so long from now')
    .action(lazily(async () => (await import('../commands/workspaces/workspace-schedules.ts')).extend))
}
