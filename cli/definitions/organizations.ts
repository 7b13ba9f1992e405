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
  addGroups(program.command('groups').alias('group').description('Manage groups'))
  addOrganizations(
    program
      .command('organizations')
      .aliases(['organization', 'org', 'orgs'])
      .description('Manage organizations')
      .addOption(organizationOption()),
  )
}

function addOrganizations(organizations: Command): void {
  withListOptions(organizations.command('list').alias('ls').description('List organizations'), 'organizations').action(
    lazily(async () => (await import('../commands/organizations/organizations.ts')).listOrganizationsCommand),
  )
  organizations
    .command('show [name]')
    .description('Show an organization, by name or ID; `me` for all of yours, `selected` for that of --org')
    .option('--only-id', 'Print only the id')
    .addOption(columnsOption('organizations'))
    .addOption(outputOption(['text', 'table', 'json']))
    .action(lazily(async () => (await import('../commands/organizations/organizations.ts')).showOrganization))
  addMembers(organizations)
  addOrganizationSettings(organizations)
}

function addMembers(organizations: Command): void {
  const load = () => import('../commands/organizations/members.ts')
  const members = organizations.command('members').alias('member').description('Manage the members of an organization')
  withListOptions(members.command('list').description('List members'), 'members').action(
    lazily(async () => (await load()).listMembersCommand),
  )
  members
    .command('add <user>')
    .description('Add a user to the organization')
    .action(lazily(async () => (await load()).addMemberCommand))
  members
    .command('remove <user>')
    .alias('rm')
    .description('Remove a user from the organization')
    .action(lazily(async () => (await load()).removeMemberCommand))
  members
    .command('edit-roles <user> [roles...]')
    .alias('edit-role')
    .description('Set the roles of a member in the organization')
    .action(lazily(async () => (await load()).editMemberRoles))
  const loadRoles = () => import('../commands/organizations/custom-roles.ts')
  const roles = organizations.command('roles').alias('role').description('Manage the roles of an organization')
  withListOptions(roles.command('show [names...]').description('Show the permissions of roles'), 'roles').action(
    lazily(async () => (await loadRoles()).showRoles),
  )
  const editing = (command: Command) =>
    command
      .option('--stdin', 'Read the role from stdin, in the format of `show --output json`')
      .option('--dry-run', 'Show the result without saving it')
      .addOption(yesOption())
  editing(roles.command('create [name]').description('Create a custom role')).action(
    lazily(async () => (await loadRoles()).createRole),
  )
  withListOptions(editing(roles.command('update [name]').description('Update a custom role')), 'roles').action(
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
    .description('Manage organization settings, as JSON')
  const show = command.command('show').description('Show a setting')
  const set = command.command('set').description('Set a setting to the JSON on stdin')
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
  withListOptions(groups.command('list').description('List groups'), 'groups')
    .addOption(organizationOption())
    .action(lazily(async () => (await import('../commands/organizations/groups.ts')).listGroupsCommand))
}

export function addProvisionerCommands(program: Command): void {
  const provisioner = program.command('provisioner').alias('provisioners').description('Manage provisioners')
  withListOptions(provisioner.command('list').alias('ls').description('List provisioners'), 'provisioners')
    .addOption(
      new Option('-l, --limit <number>', 'Maximum number of results')
        .argParser(parseInteger)
        .default(50)
        .env('CODER_PROVISIONER_LIST_LIMIT'),
    )
    .addOption(
      listOption('-s, --status <names>', 'Only provisioners with this status', ['offline', 'idle', 'busy']).env(
        'CODER_PROVISIONER_LIST_STATUS',
      ),
    )
    .addOption(
      new Option('-f, --show-offline', 'Include offline provisioners').env(
        switchVariable('CODER_PROVISIONER_SHOW_OFFLINE'),
      ),
    )
    .addOption(
      new Option('-m, --max-age <duration>', 'Only provisioners seen within this duration, such as 1h').env(
        'CODER_PROVISIONER_LIST_MAX_AGE',
      ),
    )
    .addOption(organizationOption())
    .action(lazily(async () => (await import('../commands/organizations/provisioner-daemons.ts')).listProvisioners))
  const jobs = provisioner.command('jobs').alias('job').description('Manage provisioner jobs')
  withListOptions(jobs.command('list').alias('ls').description('List jobs'), 'provisionerJobs')
    .addOption(
      listOption('-s, --status <names>', 'Only jobs with this status', [
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
      new Option('-l, --limit <number>', 'Maximum number of results')
        .argParser(parseInteger)
        .default(50)
        .env('CODER_PROVISIONER_JOB_LIST_LIMIT'),
    )
    .addOption(
      new Option('-i, --initiator <user>', 'Only jobs initiated by this user').env(
        'CODER_PROVISIONER_JOB_LIST_INITIATOR',
      ),
    )
    .addOption(organizationOption())
    .action(lazily(async () => (await import('../commands/organizations/provisioner-jobs.ts')).listJobs))
  jobs
    .command('cancel <id>')
    .description('Cancel a job')
    .addOption(organizationOption())
    .action(lazily(async () => (await import('../commands/organizations/provisioner-jobs.ts')).cancelJob))
}
