// Commands about organizations: members, roles, settings, groups, provisioners.

import { type Command, Option } from 'commander'
import type { SettingName } from '../commands/organizations/organization-settings.ts'
import {
  columnsOption,
  lazily,
  listOption,
  organizationOption,
  outputOption,
  parseInteger,
  switchVariable,
  withListOptions,
  yesOption,
} from './options.ts'

export function addOrganizationCommands(program: Command): void {
  addGroups(program.command('groups').alias('group').description('manage groups'))
  addOrganizations(
    program
      .command('organizations')
      .aliases(['organization', 'org', 'orgs'])
      .description('manage organizations')
      .addOption(organizationOption()),
  )
}

function addOrganizations(organizations: Command): void {
  withListOptions(organizations.command('list').alias('ls').description('list organizations'), 'organizations').action(
    lazily(async () => (await import('../commands/organizations/organizations.ts')).listOrganizationsCommand),
  )
  organizations
    .command('show [name]')
    .description('show an organization, by name or id; `me` for all of yours, `selected` for that of --org')
    .option('--only-id', 'print its id alone')
    .addOption(columnsOption('organizations'))
    .addOption(outputOption(['text', 'table', 'json']))
    .action(lazily(async () => (await import('../commands/organizations/organizations.ts')).showOrganization))
  addMembers(organizations)
  addOrganizationSettings(organizations)
}

function addMembers(organizations: Command): void {
  const load = () => import('../commands/organizations/members.ts')
  const members = organizations.command('members').alias('member').description('who belongs to an organization')
  withListOptions(members.command('list').description('list the members'), 'members').action(
    lazily(async () => (await load()).listMembersCommand),
  )
  members
    .command('add <user>')
    .description('make a user a member')
    .action(lazily(async () => (await load()).addMemberCommand))
  members
    .command('remove <user>')
    .alias('rm')
    .description('end a membership')
    .action(lazily(async () => (await load()).removeMemberCommand))
  members
    .command('edit-roles <user> [roles...]')
    .alias('edit-role')
    .description("set a member's roles in the organization")
    .action(lazily(async () => (await load()).editMemberRoles))
  const loadRoles = () => import('../commands/organizations/custom-roles.ts')
  const roles = organizations.command('roles').alias('role').description('the roles of an organization')
  withListOptions(roles.command('show [names...]').description('show what roles may do'), 'roles').action(
    lazily(async () => (await loadRoles()).showRoles),
  )
  const editing = (command: Command) =>
    command
      .option('--stdin', 'read the role from stdin, as `show --output json` writes it')
      .option('--dry-run', 'show what it would be, and do nothing')
      .addOption(yesOption())
  editing(roles.command('create [name]').description('make a role of your own')).action(
    lazily(async () => (await loadRoles()).createRole),
  )
  withListOptions(editing(roles.command('update [name]').description('change a role of your own')), 'roles').action(
    lazily(async () => (await loadRoles()).updateRole),
  )
}

/** With their other names. */
const settings = {
  'group-sync': ['groupsync'],
  'organization-sync': ['org-sync', 'organizationsync', 'orgsync'],
  'role-sync': ['rolesync'],
  'workspace-sharing': ['workspacesharing'],
} satisfies Readonly<Record<SettingName, readonly string[]>>

function addOrganizationSettings(organizations: Command): void {
  const load = () => import('../commands/organizations/organization-settings.ts')
  const command = organizations
    .command('settings')
    .alias('setting')
    .description('what holds in an organization, as JSON')
  const show = command.command('show').description('show a setting')
  const set = command.command('set').description('set a setting to what is on stdin')
  for (const [key, aliases] of Object.entries(settings)) {
    const name = key as SettingName
    show
      .command(name)
      .aliases(aliases)
      .action(lazily(async () => (await load()).showSetting(name)))
    set
      .command(name)
      .aliases(aliases)
      .action(lazily(async () => (await load()).setSetting(name)))
  }
}

function addGroups(groups: Command): void {
  withListOptions(groups.command('list').description('list groups'), 'groups')
    .addOption(organizationOption())
    .action(lazily(async () => (await import('../commands/organizations/groups.ts')).listGroupsCommand))
}

export function addProvisionerCommands(program: Command): void {
  const provisioner = program.command('provisioner').alias('provisioners').description('who carries out builds')
  withListOptions(provisioner.command('list').alias('ls').description('list provisioners'), 'provisioners')
    .addOption(
      new Option('-l, --limit <number>', 'at most so many')
        .argParser(parseInteger)
        .default(50)
        .env('CODER_PROVISIONER_LIST_LIMIT'),
    )
    .addOption(
      listOption('-s, --status <names>', 'only those', ['offline', 'idle', 'busy']).env(
        'CODER_PROVISIONER_LIST_STATUS',
      ),
    )
    .addOption(
      new Option('-f, --show-offline', 'with those that are away').env(
        switchVariable('CODER_PROVISIONER_SHOW_OFFLINE'),
      ),
    )
    .addOption(
      new Option('-m, --max-age <duration>', 'only those seen within this time, such as 1h').env(
        'CODER_PROVISIONER_LIST_MAX_AGE',
      ),
    )
    .addOption(organizationOption())
    .action(lazily(async () => (await import('../commands/organizations/provisioner-daemons.ts')).listProvisioners))
  const jobs = provisioner.command('jobs').alias('job').description('what provisioners have to do')
  withListOptions(jobs.command('list').alias('ls').description('list jobs'), 'provisionerJobs')
    .addOption(
      listOption('-s, --status <names>', 'only those', [
        'pending',
        'running',
        'succeeded',
        'canceling',
        'canceled',
        'failed',
        'unknown',
      ]).env('CODER_PROVISIONER_JOB_LIST_STATUS'),
    )
    .addOption(
      new Option('-l, --limit <number>', 'at most so many')
        .argParser(parseInteger)
        .default(50)
        .env('CODER_PROVISIONER_JOB_LIST_LIMIT'),
    )
    .addOption(
      new Option('-i, --initiator <user>', 'only those that this user asked for').env(
        'CODER_PROVISIONER_JOB_LIST_INITIATOR',
      ),
    )
    .addOption(organizationOption())
    .action(lazily(async () => (await import('../commands/organizations/provisioner-jobs.ts')).listJobs))
  jobs
    .command('cancel <id>')
    .description('cancel a job')
    .addOption(organizationOption())
    .action(lazily(async () => (await import('../commands/organizations/provisioner-jobs.ts')).cancelJob))
}
