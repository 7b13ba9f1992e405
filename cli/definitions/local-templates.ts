// The commands about a template in a folder of this computer: they need no deployment.

import type { Command } from 'commander'
import { lazily, orderedOption, outputOption, repeatableOption, repeatableVerbatimOption } from './options.ts'

export function addLocalTemplateCommands(templates: Command): void {
  templates
    .command('validate [folder]')
    .description('check the template in a folder, without values and without a deployment')
    .option('--json', 'as `tofu validate -json` writes it')
    .action(lazily(async () => (await import('../commands/local-templates/validate.ts')).validate))
  withVariables(templates.command('test [folder]'))
    .description('run the *.tftest.hcl files of the template or module in a folder')
    .addOption(repeatableOption('--filter <file>', 'run only this test file'))
    .option('--test-directory <folder>', 'where test files are, beside the folder itself', 'tests')
    .option('--verbose', 'show what each run has planned or made')
    .option('--json', 'one line of JSON per event, as `tofu test -json`')
    .action(lazily(async () => (await import('../commands/local-templates/test.ts')).test))
  withValues(
    templates
      .command('console [folder]')
      .description('try expressions on the template in a folder')
      .addOption(repeatableVerbatimOption('-e, --expression <text>', 'print the value of this expression')),
  ).action(lazily(async () => (await import('../commands/local-templates/console.ts')).openConsole))
  withValues(
    templates
      .command('plan [folder]')
      .description('show what a workspace of the template in a folder would be made of')
      .option('--json', 'as JSON'),
  ).action(lazily(async () => (await import('../commands/local-templates/plan.ts')).plan))
  templates
    .command('graph [folder]')
    .description('show what in the template of a folder needs what, for Graphviz')
    .addOption(outputOption(['dot', 'json']))
    .action(lazily(async () => (await import('../commands/local-templates/graph.ts')).graph))
  templates
    .command('fmt [targets...]')
    .description('bring files of a template into the canonical form; `-` formats stdin')
    .option('--list [bool]', 'name the files whose form differs', true)
    .option('--write [bool]', 'write them', true)
    .option('--diff', 'show what changes')
    .option('--check', 'write nothing; exit with 3 when a file needs formatting')
    .option('--recursive', 'also files in folders below')
    .action(lazily(async () => (await import('../commands/local-templates/fmt.ts')).format))
}

const withVariables = (command: Command): Command =>
  command
    .addOption(orderedOption('--var <name=value>', 'value of a variable'))
    .addOption(orderedOption('--var-file <file>', 'file of values of variables'))

const withValues = (command: Command): Command =>
  withVariables(command).addOption(repeatableVerbatimOption('--param <name=value>', 'value of a parameter'))
