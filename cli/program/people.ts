// The commands about people: users, their tokens, the organizations they belong to.

import { type Command, Option } from 'commander'
import type { SettingName } from '../commands/organization-settings.ts'
import { columns, integer, lazily, listed, organization, output, repeated, yes } from './options.ts'

export function addPeopleCommands(program: Command): void {
  addUsers(program.command('users').alias('user').description('manage users'))
  addTokens(program.command('tokens').alias('token').description('manage your access tokens'))
  program
    .command('publickey')
    .alias('pubkey')
    .description('show the public key with which your workspaces speak to Git servers')
    .option('--reset', 'make a new one')
    .allowExcessArguments()
    .addOption(yes())
    .action(lazily(async () => (await import('../commands/publickey.ts')).showPublicKey))
  addGroups(program.command('groups').alias('group').description('manage groups'))
  addOrganizations(
    program
      .command('organizations')
      .aliases(['organization', 'org', 'orgs'])
      .description('manage organizations')
      .addOption(organization()),
  )
}

function addUsers(users: Command): void {
  const load = () => import('../commands/users.ts')
  users
    .command('create')
    .description('make a user')
    .option('-u, --username <name>', 'name of the user')
    .option('-e, --email <address>', 'email of the user')
    .option('-n, --full-name <name>', 'the name that people read')
    .option('-p, --password <password>', 'password; one is made up when left out')
    .addOption(
      new Option('--login-type <kind>', 'how the user signs in; `none` is for tokens alone').choices([
        'password',
        'none',
        'github',
        'oidc',
      ]),
    )
    .addOption(new Option('--disable-login', 'older name of --login-type none').hideHelp())
    .addOption(organization())
    .action(lazily(async () => (await load()).createUserCommand))
  listed(users.command('list').alias('ls').description('list users'), 'users')
    .option('--search <query>', 'filter, such as `status:active role:owner`', '')
    .addOption(new Option('--github-user-id <id>', 'the user of this account at GitHub').argParser(integer))
    .action(lazily(async () => (await load()).listUsersCommand))
  users
    .command('show <user>')
    .description('show a user, by name, id or `me`')
    .addOption(output(['table', 'json']))
    .action(lazily(async () => (await load()).showUser))
  users
    .command('delete <user>')
    .alias('rm')
    .description('delete a user')
    .addOption(yes())
    .action(lazily(async () => (await load()).deleteUserCommand))
  users
    .command('suspend <user>')
    .description("end a user's access until they are activated again")
    .addOption(yes())
    .addOption(columns('userChange'))
    .action(lazily(async () => (await load()).suspend))
  users
    .command('edit-roles <user>')
    .description("set a user's roles")
    .addOption(repeated('--roles <names>', 'the roles, separated by commas'))
    .addOption(yes())
    .action(lazily(async () => (await load()).editUserRoles))
  users
    .command('activate <user>')
    .alias('active')
    .description('give a suspended user access again')
    .addOption(yes())
    .addOption(columns('userChange'))
    .action(lazily(async () => (await load()).activate))
}

function addTokens(tokens: Command): void {
  const load = () => import('../commands/tokens.ts')
  tokens
    .command('create')
    .description('make a token')
    .addOption(new Option('-n, --name <name>', 'name of the token').env('CODER_TOKEN_NAME'))
    .addOption(new Option('--lifetime <duration>', 'how long it is good for, such as 30d').env('CODER_TOKEN_LIFETIME'))
    .addOption(new Option('-u, --user <user>', 'whose token; yours when left out').env('CODER_TOKEN_USER'))
    .addOption(repeated('--scope <name>', 'what it may be used for, such as `workspace:read`'))
    .addOption(repeated('--allow <type:id>', 'what it may be used on, such as `workspace:<id>`'))
    .action(lazily(async () => (await load()).createTokenCommand))
  listed(tokens.command('list').alias('ls').description('list tokens'), 'tokens')
    .option('-a, --all', 'those of everybody')
    .option('--include-expired', 'with those that have run out')
    .action(lazily(async () => (await load()).listTokensCommand))
  listed(tokens.command('view <name>').description('show a token, by name or id'), 'token').action(
    lazily(async () => (await load()).viewToken),
  )
  tokens
    .command('remove <name>')
    .aliases(['delete', 'rm'])
    .description('take a token back, by name, id, or itself')
    .action(lazily(async () => (await load()).removeToken))
}

function addOrganizations(organizations: Command): void {
  listed(organizations.command('list').alias('ls').description('list organizations'), 'organizations').action(
    lazily(async () => (await import('../commands/organizations.ts')).listOrganizationsCommand),
  )
  organizations
    .command('show [name]')
    .description('show an organization, by name or id; `me` for all of yours, `selected` for that of --org')
    .option('--only-id', 'print its id alone')
    .addOption(columns('organizations'))
    .addOption(output(['text', 'table', 'json']))
    .action(lazily(async () => (await import('../commands/organizations.ts')).showOrganization))
  addMembers(organizations)
  addOrganizationSettings(organizations)
}

function addMembers(organizations: Command): void {
  const load = () => import('../commands/members.ts')
  const members = organizations.command('members').alias('member').description('who belongs to an organization')
  listed(members.command('list').description('list the members'), 'members').action(
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
  const roles = organizations.command('roles').alias('role').description('the roles of an organization')
  listed(roles.command('show [names...]').description('show what roles may do'), 'roles').action(
    lazily(async () => (await load()).showRoles),
  )
  const editing = (command: Command) =>
    command
      .option('--stdin', 'read the role from stdin, as `show --output json` writes it')
      .option('--dry-run', 'show what it would be, and do nothing')
      .addOption(yes())
  const loadRoles = () => import('../commands/organization-roles.ts')
  editing(roles.command('create [name]').description('make a role of your own')).action(
    lazily(async () => (await loadRoles()).createRole),
  )
  listed(editing(roles.command('update [name]').description('change a role of your own')), 'roles').action(
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
  const load = () => import('../commands/organization-settings.ts')
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
  listed(groups.command('list').description('list groups'), 'groups')
    .addOption(organization())
    .action(lazily(async () => (await import('../commands/groups.ts')).listGroupsCommand))
}
