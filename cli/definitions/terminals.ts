// The commands about terminals: attaching to one, listing and closing them, what ran in them, playing recordings.

import { type Command, InvalidArgumentError, Option } from 'commander'
import { lazily, parseInteger, withListOptions } from './options.ts'

export function addTerminalCommands(program: Command): void {
  program
    .command('terminal <workspace> [terminal]')
    .description('a terminal of a workspace, here; the same as in the window, and it goes on without you')
    .option('--new', 'another one, whatever there are')
    .option('--read-only', 'only look; Ctrl-C leaves')
    .option('--profile <name>', 'of those in your settings, where the terminal is started')
    .option('--record <file>', 'write what is shown into an asciicast file')
    .addOption(
      new Option('--escape-char <character>', 'at the beginning of a line, and then a dot: leave; or `none`').default(
        '~',
      ),
    )
    .action(lazily(async () => (await import('../commands/agents/terminal.ts')).openTerminal))

  const load = () => import('../commands/agents/terminals.ts')
  const terminals = program.command('terminals').description('the terminals of workspaces')
  withListOptions(
    terminals.command('list [workspace]', { isDefault: true }).description('which there are'),
    'terminals',
  ).action(lazily(async () => (await load()).list))
  terminals
    .command('close <workspace> <terminal>')
    .description('end one and whatever runs in it')
    .action(lazily(async () => (await load()).close))
  withListOptions(
    terminals.command('history [words...]').description('commands that ran in your terminals'),
    'terminalHistory',
  )
    .option('-w, --workspace <workspace>', 'in this workspace only')
    .option('-n, --limit <number>', 'at most so many, the newest', parseInteger, 50)
    .action(lazily(async () => (await load()).history))
  terminals
    .command('replay <file>')
    .description('play a recording')
    .option('--speed <factor>', 'how much faster', positive, 1)
    .option('--idle-limit <seconds>', 'wait at most so long where nothing happens', positive)
    .action(lazily(async () => (await load()).replay))
}

function positive(text: string): number {
  const number = Number(text)
  if (number > 0) return number
  throw new InvalidArgumentError('Write a number above 0.')
}
