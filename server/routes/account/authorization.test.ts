// The authorization checks of Coder's dashboard for each role, and invalid checks.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type AuthorizationCheck, checkAuthorization } from '../../../api/account/authorization.ts'
import { updateUserRoles } from '../../../api/account/users.ts'
import { createGroup } from '../../../api/organizations/groups.ts'
import { updateMemberRoles } from '../../../api/organizations/members.ts'
import { listOrganizations } from '../../../api/organizations/organizations.ts'
import { updateTemplateAcl } from '../../../api/templates/templates.ts'
import { startTestServer, type TestServer } from '../../testing/start-test-server.ts'
import { createTemplate } from '../../testing/workspace-fixtures.ts'

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

/** By the names of the dashboard. */
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

const memberChecks: Name[] = ['readWorkspaceProxies', 'viewAnyMembers']
const permittedChecks: Readonly<Record<string, readonly Name[]>> = {
  owner: Object.keys(checks) as Name[],
  member: memberChecks,
  'template-admin': [
    ...memberChecks,
    'viewAllUsers',
    'createTemplates',
    'updateTemplates',
    'deleteTemplates',
    'viewAnyGroup',
  ],
  'user-admin': [
    ...memberChecks,
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
    ...memberChecks,
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
    ...memberChecks,
    'createTemplates',
    'editAnyGroups',
    'assignAnyRoles',
    'viewAnyIdpSyncSettings',
    'editAnySettings',
    'viewAnyAuditLog',
    'viewAnyConnectionLog',
    'viewAnyAIBridgeInterception',
  ],
  'organization-auditor': [...memberChecks, 'viewAnyAuditLog', 'viewAnyConnectionLog'],
  'organization-user-admin': [
    'viewAllUsers',
    ...memberChecks,
    'editAnyGroups',
    'assignAnyRoles',
    'viewAnyIdpSyncSettings',
  ],
  'organization-template-admin': [...memberChecks, 'createTemplates'],
  'organization-workspace-creation-ban': memberChecks,
}

async function createUserWithRole(role: string, username = role.replaceAll('-', '').slice(0, 32)) {
  const created = await server.createUser(username)
  const user = created.user.id
  if (role.startsWith('organization-')) {
    const params = { organization: 'default', user }
    await server.client.call(updateMemberRoles, { params, body: { roles: [role] } })
  } else if (role !== 'member') {
    await server.client.call(updateUserRoles, { params: { user }, body: { roles: [role] } })
  }
  return created
}

const authorize = async (client: TestServer['client'], requested: Record<string, AuthorizationCheck>) =>
  client.call(checkAuthorization, { body: { checks: requested } })

describe('the checks of the dashboard', () => {
  test.each(Object.keys(permittedChecks).map((role) => [role]))('have the documented results for %s', async (role) => {
    const { client } = await createUserWithRole(role)
    const results = await authorize(client, checks)
    expect(Object.keys(results).filter((name) => results[name])).toEqual(
      Object.keys(checks).filter((name) => permittedChecks[role]?.includes(name as Name)),
    )
  })
})

describe('a check', () => {
  test('for an own object does not include the objects of others', async () => {
    const [ada, bob] = [await server.createUser('ada'), await server.createUser('bob')]
    const mayCreateWorkspace = (owner_id: string) => check('workspace', 'create', { owner_id })
    const requested = {
      mine: mayCreateWorkspace(ada.user.id),
      me: mayCreateWorkspace('me'),
      bobs: mayCreateWorkspace(bob.user.id),
    }
    expect(await authorize(ada.client, requested)).toEqual({ mine: true, me: true, bobs: false })
  })

  test('for any owner requires permission for all owners', async () => {
    const { client } = await createUserWithRole('organization-admin', 'organization-admin')
    const organization_id = (await server.client.call(listOrganizations))[0]?.id
    const requested = {
      anybody: check('workspace', 'create', { owner_id: '*' }),
      here: check('workspace', 'create', { owner_id: '*', organization_id }),
      elsewhere: check('workspace', 'create', { owner_id: '*', organization_id: 'coder' }),
    }
    expect(await authorize(server.client, requested)).toEqual({ anybody: true, here: true, elsewhere: true })
    expect(await authorize(client, requested)).toEqual({ anybody: false, here: true, elsewhere: false })
    const member = await server.createUser('plain-member')
    expect(await authorize(member.client, requested)).toEqual({ anybody: false, here: false, elsewhere: false })
  })

  test('of one template uses its access list', async () => {
    const { id: resource_id } = await createTemplate(server.client, 'shown', { 'main.tf': '' })
    const { user, client } = await server.createUser('painter')
    const requested = {
      read: check('template', 'read', { resource_id }),
      use: check('template', 'use', { resource_id }),
      update: check('template', 'update', { resource_id }),
      any: check('template', 'read'),
    }
    expect(await authorize(client, requested)).toEqual({ read: true, use: true, update: false, any: false })
    const body = { user_perms: { [user.id]: 'admin' as const } }
    await server.client.call(updateTemplateAcl, { params: { template: resource_id }, body })
    expect(await authorize(client, requested)).toMatchObject({ update: true, any: false })
  })

  test('of a group uses the permissions of its organization', async () => {
    const { id } = await server.client.call(createGroup, {
      params: { organization: 'default' },
      body: { name: 'developers' },
    })
    const requested = { rename: check('group', 'update', { resource_id: id }) }
    expect(await authorize(server.client, requested)).toEqual({ rename: true })
    expect(
      await authorize((await createUserWithRole('organization-user-admin', 'group-admin')).client, requested),
    ).toEqual({
      rename: true,
    })
    expect(await authorize((await server.createUser('onlooker')).client, requested)).toEqual({ rename: false })
  })

  test('of an unknown object, type or action is denied', async () => {
    const resource_id = '8a9f5a1e-0000-4000-8000-000000000001'
    const requested = {
      gone: check('template', 'read', { resource_id }),
      planet: check('planet', 'read'),
      fly: check('workspace', 'fly', { owner_id: 'me' }),
      list: check('user', 'list'),
    }
    const { client } = await server.createUser('dora')
    expect(await authorize(client, requested)).toEqual({ gone: false, planet: false, fly: false, list: false })
    expect(await authorize(client, { all: check('*', 'read') })).toEqual({ all: false })
    expect(await authorize(server.client, { all: check('*', 'read') })).toEqual({ all: true })
  })

  test.each([
    ['without a type', check('', 'read')],
    ['of an invalid ID', check('template', 'read', { resource_id: 'dev' })],
    ['of a type without lookup by ID', check('api_key', 'read', { resource_id: crypto.randomUUID() })],
  ])('%s is rejected with its name', async (_description, invalid) => {
    await expect(authorize(server.client, { strange: invalid })).rejects.toMatchObject({
      status: 400,
      validations: [{ field: 'checks.strange.object' }],
    })
  })

  test('is rejected in a request with more than 500 checks', async () => {
    const many = Object.fromEntries(Array.from({ length: 501 }, (_, at) => [`check${at}`, check('user', 'read')]))
    await expect(authorize(server.client, many)).rejects.toMatchObject({
      status: 400,
      validations: [{ field: 'checks' }],
    })
  })
})
