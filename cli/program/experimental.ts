// `coder exp`: what Coder's command line keeps below that name.

import { type Command, Option } from 'commander'
import { agentSocketVariable } from '../../api/agent-socket.ts'
import { lazily, output } from './options.ts'

export function addExperimentalCommands(program: Command): void {
  const exp = program.command('exp').description('what may still change: tools for AI, order of scripts, load')
  addSync(exp)
}

function addSync(exp: Command): void {
  const load = () => import('../commands/sync.ts')
  const sync = exp.command('sync').description('the order in which scripts of a workspace do their work')
  const asking = (name: string, description: string) =>
    sync
      .command(name)
      .description(description)
      .addOption(new Option('--socket-path <path>', "the agent's socket").env(agentSocketVariable))
  asking('ping', 'whether the agent of the workspace answers').action(lazily(async () => (await load()).pingAgent))
  asking('want <unit> <dependencies...>', 'say which units have to complete before this one starts').action(
    lazily(async () => (await load()).wantUnits),
  )
  asking('start <unit>', 'begin a unit, once everything it depends on has completed')
    .option('--timeout <duration>', 'how long to wait', '5m')
    .action(lazily(async () => (await load()).startUnit))
  asking('complete <unit>', 'say that a unit has done its work').action(lazily(async () => (await load()).completeUnit))
  asking('status <unit>', 'how far a unit is, and what it waits for')
    .addOption(output(['text', 'json']))
    .action(lazily(async () => (await load()).showUnit))
}
