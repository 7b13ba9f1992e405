// Builds the tree of commands from definitions/, which declare commands, arguments and options; commands/ implements them.
// Names and flags are those of Coder's command line where it has them.

import { Command, type HelpContext, Option } from 'commander'
import { addSignInCommands, addUserCommands } from './definitions/account.ts'
import { addDeploymentCommands, addNotificationCommands, addSupportCommands } from './definitions/deployment.ts'
import { addExperimentalCommands } from './definitions/experimental.ts'
import { addInsideWorkspaceCommands } from './definitions/inside-workspace.ts'
import { addLocalCommands } from './definitions/local.ts'
import { printOptionSources } from './definitions/option-sources.ts'
import { parseBoolean, repeatableOption, switchVariable } from './definitions/options.ts'
import { addOrganizationCommands, addProvisionerCommands } from './definitions/organizations.ts'
import { addConnectionCommands } from './definitions/ssh.ts'
import { addTaskCommands } from './definitions/tasks.ts'
import { addTemplateCommands } from './definitions/templates.ts'
import { addTerminalCommands } from './definitions/terminals.ts'
import { addScheduleCommands, addWorkspaceCommands } from './definitions/workspaces.ts'

/** By the headings of `coder --help`. `frequent` lists the commands of a group whose start-up time matters: for them, only
 *  their group is built. */
const commandGroups: readonly (readonly [
  heading: string,
  add: (program: Command) => void,
  frequent?: readonly string[],
])[] = [
  [
    'Workspaces',
    addWorkspaceCommands,
    ['create', 'list', 'ls', 'show', 'logs', 'start', 'stop', 'restart', 'update', 'open'],
  ],
  ['Workspaces', addTerminalCommands, ['terminal', 'terminals']],
  ['Workspaces', addConnectionCommands, ['ssh', 'vscodessh']],
  ['Workspaces', addScheduleCommands, ['schedule']],
  ['Workspaces', addTaskCommands, ['task', 'tasks']],
  ['Templates', addTemplateCommands, ['templates', 'template']],
  ['Account and organizations', addSignInCommands, ['login', 'logout', 'whoami']],
  ['Account and organizations', addUserCommands, ['users', 'user', 'tokens', 'token']],
  ['Account and organizations', addOrganizationCommands],
  ['Deployment', addDeploymentCommands, ['version', 'server', 'agent']],
  ['Deployment', addLocalCommands, ['desktop', 'login-link']],
  ['Deployment', addProvisionerCommands],
  ['Deployment', addNotificationCommands],
  ['Deployment', addSupportCommands],
  ['Inside a workspace', addInsideWorkspaceCommands, ['gitssh', 'gitaskpass', 'stat']],
  ['Experimental', addExperimentalCommands],
]

/** Options of Coder's command line without an effect here, accepted for the sake of scripts. */
const ignoredOptions = (): Option[] => [
  new Option('--no-version-warning', 'Ignored: no version warning is ever printed').env('CODER_NO_VERSION_WARNING'),
  new Option('--no-feature-warning', 'Ignored: no feature warning is ever printed').env('CODER_NO_FEATURE_WARNING'),
  new Option('--disable-direct-connections', 'Ignored: there are no direct connections').env(
    'CODER_DISABLE_DIRECT_CONNECTIONS',
  ),
  new Option('--disable-network-telemetry', 'Ignored: there is no network telemetry').env(
    'CODER_DISABLE_NETWORK_TELEMETRY',
  ),
  new Option('--use-keyring [bool]', 'Ignored: sessions are stored in files')
    .argParser(parseBoolean)
    .default(true)
    .env('CODER_USE_KEYRING'),
  new Option('--force-tty', 'Ignored').env('CODER_FORCE_TTY'),
  new Option('--no-open', 'Ignored: no browser is opened').hideHelp(),
]

/** Called without a subcommand, prints help with exit status 0. `help` with an unknown command is an error. */
class CommandWithSubcommands extends Command {
  override createCommand(name?: string): Command {
    return new CommandWithSubcommands(name)
  }

  override help(context?: HelpContext | ((text: string) => string)): never {
    const [word, topic] = this.args
    const isUnknown = typeof context === 'object' && context.error && word === 'help' && topic !== undefined
    if (isUnknown) this.error(`error: unknown command '${topic}'`)
    return super.help()
  }
}

/** @param word the first word of the command line; builds only its group if it is a frequent command */
export function buildCommandTree(word?: string): Command {
  const program = new CommandWithSubcommands('coder')
    .description('Coder Local: workspaces on this computer and others, in your own deployment')
    .addOption(new Option('--url <url>', 'URL of the deployment').env('CODER_URL'))
    .addOption(new Option('--token <token>', 'Session token').env('CODER_SESSION_TOKEN'))
    .addOption(
      new Option('--global-config <folder>', 'Data folder of the local deployment, and folder of stored logins').env(
        'CODER_CONFIG_DIR',
      ),
    )
    .addOption(repeatableOption('--header <name=value>', 'Header for every request').env('CODER_HEADER'))
    .addOption(
      new Option('--header-command <command>', 'Command that prints headers for every request').env(
        'CODER_HEADER_COMMAND',
      ),
    )
    .addOption(
      new Option('-v, --verbose', 'On errors, print the failed request and the stack trace').env(
        switchVariable('CODER_VERBOSE'),
      ),
    )
    .option('--debug-options', 'Print the source of each option value and exit')
    .helpOption('-h, --help', 'Display help for command')
    .helpCommand('help [command]', 'Display help for command')
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(text) })
    .showHelpAfterError('See `coder --help`.')
    .hook('preAction', printOptionSources)
  for (const option of ignoredOptions()) program.addOption(option)
  const needed = commandGroups.filter(([, , frequent]) => word !== undefined && frequent?.includes(word))
  for (const [heading, add] of needed.length > 0 ? needed : commandGroups) {
    program.commandsGroup(`${heading}:`)
    add(program)
  }
  return program
}
