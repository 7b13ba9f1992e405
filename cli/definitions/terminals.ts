// Commands for terminal sessions, their command history and recordings.

import { type Command, InvalidArgumentError, Option } from 'commander'
import { lazily, parseInteger, withListOptions } from './options.ts'

export function addTerminalCommands(program: Command): void {
  program
    .command('terminal <workspace> [terminal]')
    .description('Attach to a terminal session of a workspace; it keeps running after you detach')
    .option('--new', 'Start a new session')
    .option('--read-only', 'Do not send input; Ctrl-C detaches')
    .option('--profile <name>', 'Terminal profile for a new session')
    .option('--record <file>', 'Record the output into an asciicast file')
    .addOption(
      new Option(
        '--escape-char <character>',
        'Escape character: at the start of a line, followed by a dot, it detaches; `none` disables it',
      ).default('~'),
    )
    .action(lazily(async () => (await import('../commands/agents/terminal.ts')).openTerminal))

  const load = () => import('../commands/agents/terminals.ts')
  const terminals = program.command('terminals').description('Manage the terminal sessions of workspaces')
  withListOptions(
    terminals.command('list [workspace]', { isDefault: true }).description('List open sessions'),
    'terminals',
  ).action(lazily(async () => (await load()).list))
  terminals
    .command('close <workspace> <terminal>')
    .description('Close a session and terminate its processes')
    .action(lazily(async () => (await load()).close))
  withListOptions(
    terminals.command('history [words...]').description('Search the command history of your terminals'),
    'terminalHistory',
  )
    .option('-w, --workspace <workspace>', 'Only this workspace')
    .option('-n, --limit <number>', 'Maximum number of results', parseInteger, 50)
    .action(lazily(async () => (await load()).history))
  terminals
    .command('replay <file>')
    .description('Replay a recording')
    .option('--speed <factor>', 'Speed factor', parsePositive, 1)
    .option('--idle-limit <seconds>', 'Maximum pause in seconds', parsePositive)
    .action(lazily(async () => (await load()).replay))
}

function parsePositive(text: string): number {
  const number = Number(text)
  if (number > 0) return number
  throw new InvalidArgumentError('The value must be a number greater than 0.')
}
