// The commands about when workspaces start and stop by themselves.

import type { Command } from 'commander'
import { lazily, listed } from './options.ts'

export function addScheduleCommands(program: Command): void {
  const schedule = program.command('schedule').description('when workspaces start and stop by themselves')
  listed(schedule.command('show [workspace]').description('show the schedules of workspaces'))
    .option('-a, --all', 'those of everybody')
    .option('--search <query>', 'filter, such as `owner:me status:running`', 'owner:me')
    .action(lazily(async () => (await import('../commands/schedule.ts')).showSchedules))
}
