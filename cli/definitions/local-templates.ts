// Commands for a template in a local folder, which need no deployment.

import type { Command } from 'commander'
import { lazily, orderedOption, outputOption, repeatableOption, repeatableVerbatimOption } from './options.ts'

export function addLocalTemplateCommands(templates: Command): void {
  templates
    .command('validate [folder]')
    .description('Validate the template in a folder, without values or a deployment')
    .option('--json', 'Print JSON like `tofu validate -json`')
    .option('--strict', 'Exit with status 1 for warnings too, such as providers that this deployment does not have')
    .action(lazily(async () => (await import('../commands/local-templates/validate.ts')).validate))
  withVariables(templates.command('test [folder]'))
    .description('Run the *.tftest.hcl files of the template or module in a folder')
    .addOption(repeatableOption('--filter <file>', 'Run only this test file'))
    .option('--test-directory <folder>', 'Folder of test files, in addition to the template folder', 'tests')
    .option('--verbose', 'Show the plan or state of each run')
    .option('--json', 'Print one JSON object per event, like `tofu test -json`')
    .action(lazily(async () => (await import('../commands/local-templates/test.ts')).test))
  withValues(
    templates
      .command('console [folder]')
      .description('Evaluate expressions against the template in a folder')
      .addOption(repeatableVerbatimOption('-e, --expression <text>', 'Print the value of this expression')),
  ).action(lazily(async () => (await import('../commands/local-templates/console.ts')).openConsole))
  withValues(
    templates
      .command('plan [folder]')
      .description('Show the resources of a workspace of the template in a folder')
      .option('--json', 'Print JSON'),
  ).action(lazily(async () => (await import('../commands/local-templates/plan.ts')).plan))
  templates
    .command('graph [folder]')
    .description('Print the dependency graph of the template in a folder for Graphviz')
    .addOption(outputOption(['dot', 'json']))
    .action(lazily(async () => (await import('../commands/local-templates/graph.ts')).graph))
  templates
    .command('fmt [targets...]')
    .description('Format template files; `-` formats stdin')
    .option('--list [bool]', 'List the files that need formatting', true)
    .option('--write [bool]', 'Write the formatted files', true)
    .option('--diff', 'Show a diff of the changes')
    .option('--check', 'Write nothing; exit with status 3 when a file needs formatting')
    .option('--recursive', 'Format files in subfolders too')
    .action(lazily(async () => (await import('../commands/local-templates/fmt.ts')).format))
}

const withVariables = (command: Command): Command =>
  command
    .addOption(orderedOption('--var <name=value>', 'Value of a variable'))
    .addOption(orderedOption('--var-file <file>', 'File with variable values'))

const withValues = (command: Command): Command =>
  withVariables(command).addOption(repeatableVerbatimOption('--param <name=value>', 'Value of a parameter'))
