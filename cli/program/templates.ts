// The commands about templates.

import type { Command } from 'commander'
import { collect, lazily, output, yes } from './options.ts'
import { addTemplateTools } from './template-tools.ts'

export function addTemplateCommands(program: Command): void {
  const templates = program.command('templates').alias('template').description('manage templates')
  templates
    .command('push [name]')
    .description('make a template, or a new version of it, from a folder')
    .option('-d, --directory <folder>', 'folder to push', '.')
    .option('--name <version>', 'name of the version; made up when left out')
    .option('-m, --message <text>', 'what changed')
    .option('--variable <name=value>', 'value of a Terraform variable; may be repeated', collect, [])
    .option('--activate <bool>', 'make the version the active one', 'true')
    .addOption(yes())
    .action(lazily(async () => (await import('../commands/templates-push.ts')).pushTemplate))
  templates
    .command('list')
    .alias('ls')
    .description('list templates')
    .addOption(output())
    .action(lazily(async () => (await import('../commands/templates-list.ts')).listTemplates))
  addTemplateTools(templates)
}
