// The commands about templates.

import { type Command, Option } from 'commander'
import { daysOfWeek } from '../../lib/days-of-week.ts'
import { addLocalTemplateCommands } from './local-templates.ts'
import {
  lazily,
  listOption,
  organizationOption,
  parseBoolean,
  parseInteger,
  repeatableOption,
  withListOptions,
  yesOption,
} from './options.ts'

export function addTemplateCommands(program: Command): void {
  const templates = program.command('templates').alias('template').description('manage templates')
  addPush(templates)
  addSettings(templates)
  addManagement(templates)
  addVersions(templates.command('versions').alias('version').description('manage the versions of a template'))
  const presets = templates.command('presets').alias('preset').description('manage the presets of a template')
  withListOptions(
    presets.command('list <template>').alias('ls').description("list the presets of a template's version"),
    'presets',
  )
    .option('--template-version <name>', 'of that version; the active one when left out')
    .addOption(organizationOption())
    .action(lazily(async () => (await import('../commands/templates/presets.ts')).listPresets))
  addLocalTemplateCommands(templates)
}

function addPush(templates: Command): void {
  templates
    .command('init [directory]')
    .description('write a starter template into a folder')
    .option('--id <name>', 'which one')
    .action(lazily(async () => (await import('../commands/templates/init.ts')).initTemplate))
  const push = (name: string, description: string) =>
    templates
      .command(name)
      .description(description)
      .option('-d, --directory <folder>', 'folder to push, or `-` for a tar archive on stdin', '.')
      .addOption(repeatableOption('--variable <name=value>', 'value of a Terraform variable'))
      .addOption(repeatableOption('--var <name=value>', 'the same as --variable'))
      .option('--variables-file <file>', 'values of Terraform variables, as YAML')
      .addOption(
        repeatableOption('--provisioner-tag <name=value>', 'tag of the provisioners that may build it; `-` for none'),
      )
      .option('-m, --message <text>', 'what changed')
      .addOption(new Option('--ignore-lockfile', 'do not remark on a missing .terraform.lock.hcl'))
      .addOption(organizationOption())
      .addOption(yesOption())
  push('push [template]', 'make a template, or a new version of it, from a folder')
    .option('--name <version>', 'name of the version; made up when left out')
    .addOption(
      new Option('--activate [bool]', 'make the version the active one')
        .argParser(parseBoolean)
        .default(true)
        .preset(true),
    )
    .addOption(new Option('--always-prompt', 'ask for every variable'))
    .action(lazily(async () => (await import('../commands/templates/push.ts')).pushTemplate))
  durations(push('create [name]', 'older name of `push` for a new template'), { ttl: '24h', other: '0h' })
    .option('--private', 'for nobody but template admins until somebody is let in')
    .addOption(
      new Option('--require-active-version [bool]', 'builds use the active version')
        .argParser(parseBoolean)
        .preset(true),
    )
    .action(lazily(async () => (await import('../commands/templates/push.ts')).pushTemplate))
}

const durations = (command: Command, { ttl, other }: { ttl?: string; other?: string } = {}): Command =>
  command
    .option('--default-ttl <duration>', 'workspaces stop by themselves after this long, such as 8h', ttl)
    .option('--failure-ttl <duration>', 'a failed start is stopped after this long; 0 for never', other)
    .option('--dormancy-threshold <duration>', 'unused workspaces become dormant after this long; 0 for never', other)
    .option('--dormancy-auto-deletion <duration>', 'dormant workspaces are deleted after this long; 0 for never', other)

function addSettings(templates: Command): void {
  const flag = (name: string, description: string) =>
    new Option(`--${name} [bool]`, description).argParser(parseBoolean).preset(true)
  durations(templates.command('edit <template>').description("change a template's settings"))
    .option('--name <name>', 'another name')
    .option('--display-name <text>', 'the name that people read')
    .option('--description <text>', 'what it is for')
    .option('--deprecated <message>', 'why no new workspaces are to be made from it; empty to take it back')
    .option('--icon <address>', 'address of its picture')
    .option('--activity-bump <duration>', 'how long activity puts off the stop')
    .addOption(
      listOption('--autostart-requirement-weekdays <days>', 'days on which workspaces may start by themselves', [
        ...daysOfWeek,
        'all',
      ]),
    )
    .addOption(
      listOption('--autostop-requirement-weekdays <days>', 'days on which workspaces must be restarted', [
        ...daysOfWeek,
        'none',
      ]),
    )
    .option('--autostop-requirement-weeks <number>', 'every so many weeks', parseInteger)
    .addOption(flag('allow-user-cancel-workspace-jobs', 'owners may cancel builds'))
    .addOption(flag('allow-user-autostart', 'owners may set when their workspaces start'))
    .addOption(flag('allow-user-autostop', 'owners may set when their workspaces stop'))
    .addOption(flag('require-active-version', 'builds use the active version'))
    .addOption(flag('private', 'for nobody but template admins until somebody is let in'))
    .addOption(organizationOption())
    .addOption(yesOption())
    .action(lazily(async () => (await import('../commands/templates/edit.ts')).editTemplate))
}

function addManagement(templates: Command): void {
  withListOptions(templates.command('list').alias('ls').description('list templates'), 'templates')
    .allowExcessArguments()
    .action(lazily(async () => (await import('../commands/templates/list.ts')).listTemplates))
  templates
    .command('pull <name> [destination]')
    .description('write a version of a template into a folder')
    .option('--tar', 'as a tar archive to stdout')
    .option('--zip', 'as a zip archive to stdout')
    .option('--version <name>', 'which one: a name, `active` or `latest`; the active one when left out')
    .addOption(organizationOption())
    .addOption(yesOption())
    .action(lazily(async () => (await import('../commands/templates/pull.ts')).pullTemplate))
  templates
    .command('archive [names...]')
    .description('take the versions that nothing uses out of sight')
    .option('--all', 'also those whose import succeeded')
    .addOption(organizationOption())
    .addOption(yesOption())
    .action(lazily(async () => (await import('../commands/templates/archive.ts')).archiveUnused))
  templates
    .command('delete [names...]')
    .alias('rm')
    .description('delete templates that no workspace is made from')
    .addOption(organizationOption())
    .addOption(yesOption())
    .action(lazily(async () => (await import('../commands/templates/delete.ts')).deleteTemplates))
}

function addVersions(versions: Command): void {
  withListOptions(
    versions.command('list <template>').alias('ls').description('list the versions of a template'),
    'templateVersions',
  )
    .option('--include-archived', 'with archived ones')
    .addOption(organizationOption())
    .action(lazily(async () => (await import('../commands/templates/template-versions.ts')).listVersions))
  versions
    .command('promote')
    .description('make a version the active one')
    .addOption(new Option('-t, --template <template>', 'template').makeOptionMandatory().env('CODER_TEMPLATE_NAME'))
    .addOption(
      new Option('--template-version <name>', 'version').makeOptionMandatory().env('CODER_TEMPLATE_VERSION_NAME'),
    )
    .addOption(organizationOption())
    .allowExcessArguments()
    .action(lazily(async () => (await import('../commands/templates/template-versions.ts')).promoteVersion))
  const archiving = (name: string, description: string) =>
    versions
      .command(`${name} <template> [versions...]`)
      .description(description)
      .addOption(organizationOption())
      .addOption(yesOption())
  archiving('archive', 'take versions out of sight').action(
    lazily(async () => (await import('../commands/templates/archive.ts')).archiveVersions),
  )
  archiving('unarchive', 'bring archived versions back').action(
    lazily(async () => (await import('../commands/templates/archive.ts')).unarchiveVersions),
  )
}
