// Commands for use inside a workspace.

import { type Command, Option } from 'commander'
import { columnsOption, lazily, outputOption, withAgentOptions, yesOption } from './options.ts'

export function addInsideWorkspaceCommands(program: Command): void {
  program
    .command('dotfiles <repository>')
    .description('Apply your dotfiles from a Git repository')
    .addOption(
      new Option('--symlink-dir <folder>', 'Folder for the links; your home folder by default').env(
        'CODER_SYMLINK_DIR',
      ),
    )
    .addOption(
      new Option('--repo-dir <folder>', 'Folder for the repository, below the data folder')
        .default('dotfiles')
        .env('CODER_DOTFILES_REPO_DIR'),
    )
    .option('-b, --branch <name>', 'Branch to use')
    .addOption(yesOption())
    .action(lazily(async () => (await import('../commands/agents/dotfiles.ts')).dotfiles))
  addStat(program)
  withAgentOptions(
    program
      .command('external-auth')
      .description('Use linked external accounts')
      .command('access-token <provider>')
      .description('Print the access token of a linked account'),
  )
    .option('--extra <field>', 'Print this field of the token instead')
    .action(lazily(async () => (await import('../commands/account/external-auth.ts')).printAccessToken))
  withAgentOptions(program.command('gitssh [arguments...]', { hidden: true }))
    .description('Run ssh with the Git SSH key of the workspace owner')
    .allowUnknownOption()
    .helpOption(false)
    .action(lazily(async () => (await import('../commands/agents/gitssh.ts')).gitssh))
  withAgentOptions(program.command('gitaskpass <question>', { hidden: true }))
    .description('Answer the credential prompts of Git')
    .action(lazily(async () => (await import('../commands/account/external-auth.ts')).answerGit))
}

function addStat(program: Command): void {
  const load = () => import('../commands/agents/stat.ts')
  const stat = program
    .command('stat')
    .description('Show resource usage of the computer and the container')
    .addOption(columnsOption('stats'))
    .addOption(outputOption())
    .action(lazily(async () => (await load()).stat))
  const part = (name: string, description: string) =>
    stat
      .command(name)
      .description(description)
      .addOption(outputOption(['text', 'json']))
  part('cpu', 'Show CPU usage in cores')
    .option('--host', 'Show the computer instead of the container')
    .allowExcessArguments()
    .action(lazily(async () => (await load()).statCpu))
  part('mem', 'Show memory usage')
    .option('--host', 'Show the computer instead of the container')
    .addOption(prefix())
    .allowExcessArguments()
    .action(lazily(async () => (await load()).statMemory))
  part('disk', 'Show the usage of a disk')
    .option('--path <folder>', 'Folder on the disk', '/')
    .addOption(prefix())
    .action(lazily(async () => (await load()).statDisk))
}

const prefix = () =>
  new Option('--prefix <name>', 'Binary prefix of the unit').choices(['Ki', 'Mi', 'Gi', 'Ti']).default('Gi')
