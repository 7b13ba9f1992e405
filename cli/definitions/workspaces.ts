// Commands for workspaces and their schedules.

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
    program.command('create [workspace]').description('Create a workspace'),
    'CODER_WORKSPACE_USE_PARAMETER_DEFAULTS',
  )
    .addOption(new Option('-t, --template <template>', 'Template of the workspace').env('CODER_TEMPLATE_NAME'))
    .addOption(
      new Option('--template-version <name>', 'Template version; the active one by default').env(
        'CODER_TEMPLATE_VERSION',
      ),
    )
    .addOption(new Option('--preset <name>', 'Preset of the template, or `none`').env('CODER_PRESET_NAME'))
    .addOption(
      new Option('--start-at <schedule>', 'Autostart schedule, as for `coder schedule start`').env(
        'CODER_WORKSPACE_START_AT',
      ),
    )
    .addOption(
      new Option('--stop-after <duration>', 'Stop automatically this long after a start, such as 8h').env(
        'CODER_WORKSPACE_STOP_AFTER',
      ),
    )
    .addOption(
      new Option('--automatic-updates <when>', 'Whether starts use the active version')
        .choices(['always', 'never'])
        .default('never')
        .env('CODER_WORKSPACE_AUTOMATIC_UPDATES'),
    )
    .addOption(
      new Option('--copy-parameters-from <workspace>', 'Workspace to copy the parameter values from').env(
        'CODER_WORKSPACE_COPY_PARAMETERS_FROM',
      ),
    )
    .addOption(organizationOption())
    .addOption(new Option('--no-wait', 'Do not wait for the build').env(switchVariable('CODER_CREATE_NO_WAIT')))
    .option('-y, --yes', 'Use default values instead of prompting when not interactive')
    .allowExcessArguments()
    .action(lazily(async () => (await import('../commands/workspaces/create.ts')).create))
}

function addTransitions(program: Command): void {
  const transition = (name: string, description: string) =>
    program
      .command(`${name} <workspace>`)
      .description(description)
      .addOption(yesOption())
      .addOption(new Option('--provisioner-log-debug', 'Log debug output of the build').hideHelp())
      .addOption(
        new Option('--reason <reason>', 'Reason for the build log')
          .choices(['cli', 'vscode_connection', 'jetbrains_connection'])
          .hideHelp(),
      )
      .option('--no-wait', 'Do not wait for the build')
  withBuildParameterOptions(transition('start', 'Start a workspace')).action(
    lazily(async () => (await import('../commands/workspaces/builds.ts')).start),
  )
  transition('stop', 'Stop a workspace').action(
    lazily(async () => (await import('../commands/workspaces/builds.ts')).stop),
  )
  withBuildParameterOptions(transition('restart', 'Restart a workspace')).action(
    lazily(async () => (await import('../commands/workspaces/builds.ts')).restart),
  )
  withBuildParameterOptions(transition('update', 'Update a workspace to the active version and start it')).action(
    lazily(async () => (await import('../commands/workspaces/builds.ts')).update),
  )
  transition('delete', 'Delete a workspace')
    .alias('rm')
    .option('--orphan', 'Delete the workspace without destroying its resources')
    .action(lazily(async () => (await import('../commands/workspaces/builds.ts')).remove))
}

function addInspection(program: Command): void {
  withListOptions(program.command('list').alias('ls').description('List workspaces'), 'workspaces')
    .option('-a, --all', 'List the workspaces of all users')
    .option('--search <query>', 'Search query, such as `owner:me status:running`', 'owner:me')
    .addOption(new Option('--shared-with-me', 'List the workspaces shared with you').hideHelp())
    .action(lazily(async () => (await import('../commands/workspaces/list.ts')).list))
  program
    .command('show <workspace>')
    .description('Show the resources and agents of a workspace')
    .option('--details', 'Include log sources, scripts and listening ports')
    .addOption(outputOption(['text', 'json']))
    .action(lazily(async () => (await import('../commands/workspaces/show.ts')).show))
  program
    .command('logs <workspace>')
    .description('Show the logs of a workspace build and its agents')
    .option('-n, --build-number <number>', 'Build number; negative numbers count back from the latest', parseInteger, 0)
    .option('-f, --follow', 'Follow the logs')
    .action(lazily(async () => (await import('../commands/workspaces/logs.ts')).logs))
}

function addSettings(program: Command): void {
  const favorites = () => import('../commands/workspaces/favorites.ts')
  program
    .command('rename <workspace> <name>')
    .description('Rename a workspace')
    .addOption(yesOption())
    .action(lazily(async () => (await import('../commands/workspaces/rename.ts')).rename))
  program
    .command('favorite <workspace>')
    .aliases(['fav', 'favourite'])
    .description('Add a workspace to the favorites')
    .action(lazily(async () => (await favorites()).favorite))
  program
    .command('unfavorite <workspace>')
    .aliases(['unfav', 'unfavourite'])
    .description('Remove a workspace from the favorites')
    .action(lazily(async () => (await favorites()).unfavorite))
  program
    .command('autoupdate <workspace> <when>')
    .description('Set whether a workspace starts on the active version: `always` or `never`')
    .addOption(yesOption())
    .action(lazily(async () => (await import('../commands/workspaces/autoupdate.ts')).autoupdate))
}

function addSharing(program: Command): void {
  const load = () => import('../commands/workspaces/workspace-sharing.ts')
  const sharing = program.command('sharing').alias('share').description('Share workspaces with others')
  const withShareOptions = (command: Command) =>
    withListOptions(command, 'shares')
      .addOption(repeatableOption('--user <name:role>', 'User with the role `use` or `admin`'))
      .addOption(repeatableOption('--group <name:role>', 'Group with the role `use` or `admin`'))
  withListOptions(
    sharing
      .command('status <workspace>')
      .alias('list')
      .description('Show the users and groups that a workspace is shared with'),
    'shares',
  ).action(lazily(async () => (await load()).showShares))
  withShareOptions(sharing.command('add <workspace>').alias('share').description('Share a workspace')).action(
    lazily(async () => (await load()).share),
  )
  withShareOptions(
    sharing.command('remove <workspace>').aliases(['unshare', 'rm']).description('Remove shares'),
  ).action(lazily(async () => (await load()).unshare))
}

const editorNames = {
  vscode: 'Visual Studio Code',
  cursor: 'Cursor',
  windsurf: 'Windsurf',
  zed: 'Zed, over SSH',
  jetbrains: 'JetBrains Toolbox',
} as const

function addOpening(program: Command): void {
  const open = program.command('open').description('Open a workspace')
  for (const [editor, name] of Object.entries(editorNames)) {
    open
      .command(`${editor} <workspace> [folder]`)
      .description(`Open a workspace in ${name}`)
      .addOption(
        new Option('--generate-token', 'Include a token for an editor that is not signed in').env(
          'CODER_OPEN_VSCODE_GENERATE_TOKEN',
        ),
      )
      .action(
        lazily(async () =>
          (await import('../commands/workspaces/open.ts')).openEditor(editor as keyof typeof editorNames),
        ),
      )
  }
  open
    .command('terminal <workspace>')
    .description('Open a terminal of a workspace in the browser')
    .action(lazily(async () => (await import('../commands/workspaces/open.ts')).openTerminal))
  open
    .command('app <workspace> [slug]')
    .description('Open an app in the browser')
    .addOption(new Option('--region <name>', 'Region of the app').default('primary').env('CODER_OPEN_APP_REGION'))
    .action(lazily(async () => (await import('../commands/workspaces/open.ts')).openApp))
}

function addStateCommands(program: Command): void {
  const state = program.command('state').description('Repair the Terraform state of a workspace manually')
  state
    .command('pull <workspace> [file]')
    .description('Download the state to a file, or to stdout')
    .option('-b, --build <number>', 'Build number', parseInteger)
    .action(lazily(async () => (await import('../commands/workspaces/state.ts')).pullState))
  state
    .command('push <workspace> <file>')
    .description('Build from a state in a file, or from stdin with `-`')
    .option('-b, --build <number>', 'Build number', parseInteger)
    .option('-n, --no-build', 'Replace the state without building')
    .action(lazily(async () => (await import('../commands/workspaces/state.ts')).pushState))
}

export function addScheduleCommands(program: Command): void {
  const schedule = program.command('schedule').description('Manage the automatic start and stop of workspaces')
  withListOptions(schedule.command('show [workspace]').description('Show the schedules of workspaces'), 'schedules')
    .option('-a, --all', 'Show the workspaces of all users')
    .option('--search <query>', 'Search query, such as `owner:me status:running`', 'owner:me')
    .action(lazily(async () => (await import('../commands/workspaces/workspace-schedules.ts')).showSchedules))
  schedule
    .command('start <workspace> <time> [days] [location]')
    .description('Set when a workspace starts: `9:30AM Mon-Fri Europe/Dublin`, or `manual`')
    .action(lazily(async () => (await import('../commands/workspaces/workspace-schedules.ts')).scheduleStart))
  schedule
    .command('stop <workspace> <duration>')
    .description('Set how long after a start a workspace stops: `8h`, or `manual`')
    .action(lazily(async () => (await import('../commands/workspaces/workspace-schedules.ts')).scheduleStop))
  schedule
    .command('extend <workspace> <duration>')
    .aliases(['override-stop'])
    .description('Extend the deadline of a running workspace to this long from now')
    .action(lazily(async () => (await import('../commands/workspaces/workspace-schedules.ts')).extend))
}
