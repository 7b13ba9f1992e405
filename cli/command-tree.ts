// The command line's root. Every command, its arguments and flags stand in the tables of program/, one file a subject;
// what a command does is in commands/. Names and flags follow Coder's command line where it has them.

import { Command, type HelpContext, Option } from 'commander'
import { addSignInCommands, addUserCommands } from './definitions/account.ts'
import { addDeploymentCommands, addNotificationCommands, addSupportCommands } from './definitions/deployment.ts'
import { addExperimentalCommands } from './definitions/experimental.ts'
import { addInsideWorkspaceCommands } from './definitions/inside-workspace.ts'
import { addLocalCommands } from './definitions/local.ts'
import { printOptionSources } from './definitions/option-sources.ts'
import { parseBoolean, repeatableOption, switchVariable } from './definitions/options.ts'
import { addOrganizationCommands, addProvisionerCommands } from './definitions/organizations.ts'
import { addTaskCommands } from './definitions/tasks.ts'
import { addTemplateCommands } from './definitions/templates.ts'
import { addTerminalCommands } from './definitions/terminals.ts'
import { addUnsupportedCommands } from './definitions/unsupported.ts'
import { addScheduleCommands, addWorkspaceCommands } from './definitions/workspaces.ts'

/** Under the headings that `coder --help` shows; those that are typed often, with which commands they add, for they are put
 *  together without the others. */
const commandGroups: readonly (readonly [
  heading: string,
  add: (program: Command) => void,
  often?: readonly string[],
])[] = [
  [
    'Workspaces',
    addWorkspaceCommands,
    ['create', 'list', 'ls', 'show', 'logs', 'start', 'stop', 'restart', 'update', 'open'],
  ],
  ['Workspaces', addTerminalCommands, ['terminal', 'terminals']],
  ['Workspaces', addScheduleCommands, ['schedule']],
  ['Workspaces', addTaskCommands, ['task', 'tasks']],
  ['Templates', addTemplateCommands, ['templates', 'template']],
  ['You and others', addSignInCommands, ['login', 'logout', 'whoami']],
  ['You and others', addUserCommands, ['users', 'user', 'tokens', 'token']],
  ['You and others', addOrganizationCommands],
  ['Deployment', addDeploymentCommands, ['version', 'server', 'agent']],
  ['Deployment', addLocalCommands, ['desktop', 'login-link']],
  ['Deployment', addProvisionerCommands],
  ['Deployment', addNotificationCommands],
  ['Deployment', addSupportCommands],
  ['Inside of a workspace', addInsideWorkspaceCommands, ['gitssh', 'gitaskpass', 'stat']],
  ['Experiments', addExperimentalCommands],
  ['', addUnsupportedCommands],
]

/** What Coder's command line has for its own network, editions and log: taken, so that scripts made for it run. */
const ignoredOptions = (): Option[] => [
  new Option('--no-version-warning', 'changes nothing: such a warning is never written').env(
    'CODER_NO_VERSION_WARNING',
  ),
  new Option('--no-feature-warning', 'changes nothing: such a warning is never written').env(
    'CODER_NO_FEATURE_WARNING',
  ),
  new Option('--disable-direct-connections', 'changes nothing: there are none').env('CODER_DISABLE_DIRECT_CONNECTIONS'),
  new Option('--disable-network-telemetry', 'changes nothing: there is none').env('CODER_DISABLE_NETWORK_TELEMETRY'),
  new Option('--use-keyring [bool]', 'changes nothing: sessions are kept in files')
    .argParser(parseBoolean)
    .default(true)
    .env('CODER_USE_KEYRING'),
  new Option('--force-tty', 'changes nothing').env('CODER_FORCE_TTY'),
  new Option('--no-open', 'changes nothing: no browser is opened').hideHelp(),
]

/** A command above others, called alone, was asked what there is: that is an answer, not a mistake. */
class CommandWithSubcommands extends Command {
  override createCommand(name?: string): Command {
    return new CommandWithSubcommands(name)
  }

  override help(context?: HelpContext | ((text: string) => string)): never {
    const [word, asked] = this.args
    const isUnknown = typeof context === 'object' && context.error && word === 'help' && asked !== undefined
    if (isUnknown) this.error(`error: unknown command '${asked}'`)
    return super.help()
  }
}

/** @param word the first one that is typed, where only what it needs is to be there. */
export function buildCommandTree(word?: string): Command {
  const program = new CommandWithSubcommands('coder')
    .description('Coder Local: workspaces on this computer and others, in your own deployment.')
    .addOption(new Option('--url <url>', 'deployment to talk to').env('CODER_URL'))
    .addOption(new Option('--token <token>', 'session token to use').env('CODER_SESSION_TOKEN'))
    .addOption(
      new Option('--global-config <folder>', 'folder of the local deployment, and of logins').env('CODER_CONFIG_DIR'),
    )
    .addOption(repeatableOption('--header <name=value>', 'header to send with every request').env('CODER_HEADER'))
    .addOption(new Option('--header-command <command>', 'command that prints such headers').env('CODER_HEADER_COMMAND'))
    .addOption(
      new Option('-v, --verbose', 'with an error, tell the request that failed and where').env(
        switchVariable('CODER_VERBOSE'),
      ),
    )
    .option('--debug-options', 'print where the value of each flag comes from, and do nothing')
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(text) })
    .showHelpAfterError('See `coder --help`.')
    .hook('preAction', printOptionSources)
  for (const option of ignoredOptions()) program.addOption(option)
  const needed = commandGroups.filter(([, , often]) => word !== undefined && often?.includes(word))
  for (const [heading, add] of needed.length > 0 ? needed : commandGroups) {
    program.commandsGroup(`${heading}:`)
    add(program)
  }
  return program
}
