// The commands about when workspaces start and stop by themselves.

import type { Command } from 'commander'
import { lazily, listed } from './options.ts'

export function addScheduleCommands(program: Command): void {
  const schedule = program.command('schedule').description('when workspaces start and stop by themselves')
  listed(schedule.command('show [workspace]').description('show the schedules of workspaces'), 'schedules')
    .option('-a, --all', 'those of everybody')
    .option('--search <query>', 'filter, such as `owner:me status:running`', 'owner:me')
    .action(lazily(async () => (await import('../commands/schedule.ts')).showSchedules))
  schedule
    .command('start <workspace> <time> [days] [location]')
    .description('when it starts: `9:30AM Mon-Fri Europe/Dublin`, or `manual`')
    .action(lazily(async () => (await import('../commands/schedule.ts')).scheduleStart))
  schedule
    .command('stop <workspace> <duration>')
    .description('how long after a start it stops: `8h`, or `manual`')
    .action(lazily(async () => (await import('../commands/schedule.ts')).scheduleStop))
  schedule
    .command('extend <workspace> <duration>')
    .aliases(['override-stop'])
    .description('put off the stop of a running workspace until so long from now')
    .action(lazily(async () => (await import('../commands/schedule.ts')).extend))
}
