// The questions that Coder's dashboard asks before it draws a page, by role; and questions that make no sense.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type AuthorizationCheck, checkAuthorization } from '../../../api/account/authorization.ts'
import { updateUserRoles } from '../../../api/account/users.ts'
import { createGroup } from '../../../api/organizations/groups.ts'
import { updateMemberRoles } from '../../../api/organizations/members.ts'
import { listOrganizations } from '../../../api/organizations/organizations.ts'
import { updateTemplateAcl } from '../../../api/templates/templates.ts'
import { createTemplate } from '../../testing/workspace-fixtures.ts'
import { startTestServer, type TestServer } from '../../testing/start-test-server.ts'

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server.close())

const check = (resource_type: string, action: string, more: object = {}): AuthorizationCheck => ({
  object: { resource_type, ...more },
  action,
})
const anyOrg = { any_org: true }

/** As the dashboard names them. */
const checks = {
  viewAllUsers: check('user', 'read'),
  updateUsers: check('user', 'update'),
  createUser: check('user', 'create'),
  createTemplates: check('template', 'create', anyOrg),
  updateTemplates: check('template', 'update'),
  deleteTemplates: check('template', 'delete'),
  viewDeploymentConfig: check('deployment_config', 'read'),
  editDeploymentConfig: check('deployment_config', 'update'),
  viewDeploymentStats: check('deployment_stats', 'read'),
  readWorkspaceProxies: check('workspace_proxy', 'read'),
  editWorkspaceProxies: check('workspace_proxy', 'create'),
  createOrganization: check('organization', 'create'),
  viewAnyGroup: check('group', 'read'),
  createGroup: check('group', 'create'),
  viewAllLicenses: check('license', 'read'),
  viewNotificationTemplate: check('notification_template', 'read'),
  viewOrganizationIDPSyncSettings: check('idpsync_settings', 'read'),
  viewAnyMembers: check('organization_member', 'read', anyOrg),
  editAnyGroups: check('group', 'update', anyOrg),
  assignAnyRoles: check('assign_org_role', 'assign', anyOrg),
  viewAnyIdpSyncSettings: check('idpsync_settings', 'read', anyOrg),
  editAnySettings: check('organization', 'update', anyOrg),
  viewAnyAuditLog: check('audit_log', 'read', anyOrg),
  viewAnyConnectionLog: check('connection_log', 'read', anyOrg),
  viewDebugInfo: check('debug_info', 'read'),
  viewAnyAIBridgeInterception: check('aibridge_interception', 'read', anyOrg),
  createOAuth2App: check('oauth2_app', 'create'),
  editOAuth2App: check('oauth2_app', 'update'),
  deleteOAuth2App: check('oauth2_app', 'delete'),
  viewOAuth2AppSecrets: check('oauth2_app_secret', 'read'),
}
type Name = keyof typeof checks

const everybody: Name[] = ['readWorkspaceProxies', 'viewAnyMembers']
const permittedChecks: Readonly<Record<string, readonly Name[]>> = {
  owner: Object.keys(checks) as Name[],
  member: everybody,
  'template-admin': [
    ...everybody,
    'viewAllUsers',
    'createTemplates',
    'updateTemplates',
    'deleteTemplates',
    'viewAnyGroup',
  ],
  'user-admin': [
    ...everybody,
    'viewAllUsers',
    'updateUsers',
    'createUser',
    'viewAnyGroup',
    'createGroup',
    'viewOrganizationIDPSyncSettings',
    'editAnyGroups',
    'assignAnyRoles',
    'viewAnyIdpSyncSettings',
  ],
  auditor: [
    ...everybody,
    'viewAllUsers',
    'viewDeploymentConfig',
    'viewDeploymentStats',
    'viewAnyGroup',
    'viewAnyAuditLog',
    'viewAnyConnectionLog',
    'viewAnyAIBridgeInterception',
  ],
  'organization-admin': [
    'viewAllUsers',
    ...everybody,
    'createTemplates',
    'editAnyGroups',
    'assignAnyRoles',
    'viewAnyIdpSyncSettings',
    'editAnySettings',
    'viewAnyAuditLog',
    'viewAnyConnectionLog',
    'viewAnyAIBridgeInterception',
  ],
  'organization-auditor': [...everybody, 'viewAnyAuditLog', 'viewAnyConnectionLog'],
  'organization-user-admin': [
    'viewAllUsers',
    ...everybody,
    'editAnyGroups',
    'assignAnyRoles',
    'viewAnyIdpSyncSettings',
  ],
  'organization-template-admin': [...everybody, 'createTemplates'],
  'organization-workspace-creation-ban': everybody,
}

async function createUserWithRole(role: string, username = role.replaceAll('-', '').slice(0, 32)) {
  const person = await server.createUser(username)
  const user = person.user.id
  if (role.startsWith('organization-')) {
    const params = { organization: 'default', user }
    await server.client.call(updateMemberRoles, { params, body: { roles: [role] } })
  } else if (role !== 'member') {
    await server.client.call(updateUserRoles, { params: { user }, body: { roles: [role] } })
  }
  return person
}

const ask = async (client: TestServer['client'], asked: Record<string, AuthorizationCheck>) =>
  client.call(checkAuthorization, { body: { checks: asked } })

describe('what the dashboard asks', () => {
  test.each(Object.keys(permittedChecks).map((role) => [role]))('is answered to %s', async (role) => {
    const { client } = await createUserWithRole(role)
    const answers = await ask(client, checks)
    expect(Object.keys(answers).filter((name) => answers[name])).toEqual(
      Object.keys(checks).filter((name) => permittedChecks[role]?.includes(name as Name)),
    )
  })
})

describe('a check', () => {
  test('of one’s own is not one of somebody else’s', async () => {
    const [ada, bob] = [await server.createUser('ada'), await server.createUser('bob')]
    const workspaceOf = (owner_id: string) => check('workspace', 'create', { owner_id })
    const asked = { mine: workspaceOf(ada.user.id), me: workspaceOf('me'), bobs: workspaceOf(bob.user.id) }
    expect(await ask(ada.client, asked)).toEqual({ mine: true, me: true, bobs: false })
  })

  test('for anybody is answered yes to who may do it for everybody', async () => {
    const { client } = await createUserWithRole('organization-admin', 'chair')
    const organization_id = (await server.client.call(listOrganizations))[0]?.id
    const asked = {
      anybody: check('workspace', 'create', { owner_id: '*' }),
      here: check('workspace', 'create', { owner_id: '*', organization_id }),
      elsewhere: check('workspace', 'create', { owner_id: '*', organization_id: 'coder' }),
    }
    expect(await ask(server.client, asked)).toEqual({ anybody: true, here: true, elsewhere: true })
    expect(await ask(client, asked)).toEqual({ anybody: false, here: true, elsewhere: false })
    const member = await server.createUser('modest')
    expect(await ask(member.client, asked)).toEqual({ anybody: false, here: false, elsewhere: false })
  })

  test('of one template asks who may use that one', async () => {
    const { id: resource_id } = await createTemplate(server.client, 'shown', { 'main.tf': '' })
    const { user, client } = await server.createUser('painter')
    const asked = {
      read: check('template', 'read', { resource_id }),
      use: check('template', 'use', { resource_id }),
      update: check('template', 'update', { resource_id }),
      any: check('template', 'read'),
    }
    expect(await ask(client, asked)).toEqual({ read: true, use: true, update: false, any: false })
    const body = { user_perms: { [user.id]: 'admin' as const } }
    await server.client.call(updateTemplateAcl, { params: { template: resource_id }, body })
    expect(await ask(client, asked)).toMatchObject({ update: true, any: false })
  })

  test('of a group asks about its organization', async () => {
    const { id } = await server.client.call(createGroup, {
      params: { organization: 'default' },
      body: { name: 'developers' },
    })
    const asked = { rename: check('group', 'update', { resource_id: id }) }
    expect(await ask(server.client, asked)).toEqual({ rename: true })
    expect(await ask((await createUserWithRole('organization-user-admin', 'keeper')).client, asked)).toEqual({
      rename: true,
    })
    expect(await ask((await server.createUser('onlooker')).client, asked)).toEqual({ rename: false })
  })

  test('of what there is not is answered with no', async () => {
    const resource_id = '8a9f5a1e-0000-4000-8000-000000000001'
    const asked = {
      gone: check('template', 'read', { resource_id }),
      planet: check('planet', 'read'),
      fly: check('workspace', 'fly', { owner_id: 'me' }),
      list: check('user', 'list'),
    }
    const { client } = await server.createUser('asker')
    expect(await ask(client, asked)).toEqual({ gone: false, planet: false, fly: false, list: false })
    expect(await ask(client, { all: check('*', 'read') })).toEqual({ all: false })
    expect(await ask(server.client, { all: check('*', 'read') })).toEqual({ all: true })
  })

  test.each([
    ['without a type', check('', 'read')],
    ['of an id that is none', check('template', 'read', { resource_id: 'dev' })],
    ['of a thing that has no owner to look up', check('api_key', 'read', { resource_id: crypto.randomUUID() })],
  ])('%s is refused by its name', async (_what, asked) => {
    await expect(ask(server.client, { strange: asked })).rejects.toMatchObject({
      status: 400,
      validations: [{ field: 'checks.strange.object' }],
    })
  })

  test('is one of at most a few hundred', async () => {
    const many = Object.fromEntries(Array.from({ length: 501 }, (_, at) => [`check${at}`, check('user', 'read')]))
    await expect(ask(server.client, many)).rejects.toMatchObject({ status: 400, validations: [{ field: 'checks' }] })
  })
})
