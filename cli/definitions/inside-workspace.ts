// The commands that are used inside a workspace.

import { type Command, Option } from 'commander'
import { columnsOption, lazily, outputOption, withAgentOptions, yesOption } from './options.ts'

export function addInsideWorkspaceCommands(program: Command): void {
  program
    .command('dotfiles <repository>')
    .description('bring your own settings from a Git repository')
    .addOption(
      new Option('--symlink-dir <folder>', 'where to link dotfiles; your home folder when left out').env(
        'CODER_SYMLINK_DIR',
      ),
    )
    .addOption(
      new Option('--repo-dir <folder>', 'where to keep the repository, below the data folder')
        .default('dotfiles')
        .env('CODER_DOTFILES_REPO_DIR'),
    )
    .option('-b, --branch <name>', 'branch to use')
    .addOption(yesOption())
    .action(lazily(async () => (await import('../commands/agents/dotfiles.ts')).dotfiles))
  addStat(program)
  withAgentOptions(
    program
      .command('external-auth')
      .description('accounts elsewhere that are linked to yours')
      .command('access-token <provider>')
      .description('print the access token of a linked account'),
  )
    .option('--extra <field>', 'print this field of the token instead')
    .action(lazily(async () => (await import('../commands/account/external-auth.ts')).printAccessToken))
  withAgentOptions(program.command('gitssh [arguments...]', { hidden: true }))
    .description("ssh with the key of the workspace's owner")
    .allowUnknownOption()
    .helpOption(false)
    .action(lazily(async () => (await import('../commands/agents/gitssh.ts')).gitssh))
  withAgentOptions(program.command('gitaskpass <question>', { hidden: true }))
    .description('answers the questions of git')
    .action(lazily(async () => (await import('../commands/account/external-auth.ts')).answerGit))
}

function addStat(program: Command): void {
  const load = () => import('../commands/agents/stat.ts')
  const stat = program
    .command('stat')
    .description('what the computer, or the container, has and uses')
    .addOption(columnsOption('stats'))
    .addOption(outputOption())
    .action(lazily(async () => (await load()).stat))
  const part = (name: string, description: string) =>
    stat
      .command(name)
      .description(description)
      .addOption(outputOption(['text', 'json']))
  part('cpu', 'the processor, in cores')
    .option('--host', 'of the computer, also in a container')
    .allowExcessArguments()
    .action(lazily(async () => (await load()).statCpu))
  part('mem', 'memory')
    .option('--host', 'of the computer, also in a container')
    .addOption(prefix())
    .allowExcessArguments()
    .action(lazily(async () => (await load()).statMemory))
  part('disk', 'the disk of a folder')
    .option('--path <folder>', 'which one', '/')
    .addOption(prefix())
    .action(lazily(async () => (await load()).statDisk))
}

const prefix = () =>
  new Option('--prefix <name>', 'of the unit, in powers of 1024').choices(['Ki', 'Mi', 'Gi', 'Ti']).default('Gi')
