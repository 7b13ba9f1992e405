// The commands about workspaces: making, listing, starting, stopping, deleting.

import type { Command } from 'commander'
import { collect, columns, lazily, output, yes } from './options.ts'

export function addWorkspaceCommands(program: Command): void {
  program
    .command('create [name]')
    .description('create a workspace')
    .option('-t, --template <name>', 'template to create it from')
    .option('--template-version <name>', 'version of the template; the active one when left out')
    .option('--parameter <name=value>', 'value of a parameter; may be repeated', collect, [])
    .option('-y, --yes', 'take defaults, do not ask')
    .action(lazily(async () => (await import('../commands/create.ts')).create))
  program
    .command('list')
    .alias('ls')
    .description('list workspaces')
    .option('-a, --all', 'those of everybody')
    .option('--search <query>', 'filter, such as `owner:me status:running`', 'owner:me')
    .addOption(columns())
    .addOption(output())
    .action(lazily(async () => (await import('../commands/list.ts')).list))
  const transition = (name: string, description: string) =>
    program.command(`${name} <workspace>`).description(description).addOption(yes())
  transition('start', 'start a workspace')
    .option('--parameter <name=value>', 'new value of a parameter; may be repeated', collect, [])
    .action(lazily(async () => (await import('../commands/transition.ts')).start))
  transition('stop', 'stop a workspace').action(lazily(async () => (await import('../commands/transition.ts')).stop))
  transition('delete', 'delete a workspace')
    .alias('rm')
    .option('--orphan', 'forget its resources without destroying them')
    .action(lazily(async () => (await import('../commands/transition.ts')).remove))
}
