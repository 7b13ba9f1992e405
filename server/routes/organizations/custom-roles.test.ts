// Custom roles of an organization: creation, assignment, enforcement, changes and deletion.

import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import {
  type CustomRoleRequest,
  createCustomRole,
  deleteCustomRole,
  getMember,
  listOrganizationRoles,
  updateCustomRole,
  updateMemberRoles,
} from '../../../api/organizations/members.ts'
import { getTemplate, type Template, updateTemplate, updateTemplateAcl } from '../../../api/templates/templates.ts'
import { getWorkspace } from '../../../api/workspaces/workspaces.ts'
import { startTestServer, type TestServer } from '../../testing/start-test-server.ts'
import { createTemplate, createWorkspace, waitForBuild } from '../../testing/workspace-fixtures.ts'

type TestUser = Awaited<ReturnType<TestServer['createUser']>>

let server: TestServer
let template: Template
let ada: TestUser
let name: string
let count = 0
const inOrganization = { params: { organization: 'default' } }

beforeAll(async () => {
  server = await startTestServer()
  template = await createTemplate(server.client, 'plain', { 'main.tf': '' })
  // Membership alone gives no access.
  const body = { group_perms: { [template.organization_id]: '' as const } }
  await server.client.call(updateTemplateAcl, { params: { template: template.id }, body })
})
afterAll(() => server.close())
beforeEach(async () => {
  ada = await server.createUser(`ada-${++count}`)
  name = `template-reader-${count}`
})

const permission = (resource_type: string, action: string, negate = false) => ({ resource_type, action, negate })
const createRole = (role: Partial<CustomRoleRequest>, client = server.client) =>
  client.call(createCustomRole, { ...inOrganization, body: { name, ...role } })
const updateRole = (role: Partial<CustomRoleRequest>) =>
  server.client.call(updateCustomRole, { ...inOrganization, body: { name, ...role } })
const assignRoles = (roles: string[], client = server.client, to = ada) =>
  client.call(updateMemberRoles, { params: { organization: 'default', user: to.user.id }, body: { roles } })
const readTemplate = () => ada.client.call(getTemplate, { params: { template: template.id } })
const editTemplate = () =>
  ada.client.call(updateTemplate, { params: { template: template.id }, body: { description: 'mine' } })

test('a role applies from its assignment until its deletion, and changes apply immediately', async () => {
  const created = await createRole({
    display_name: 'Template reader',
    organization_permissions: [permission('template', 'read')],
  })
  expect(created).toMatchObject({ name, display_name: 'Template reader', site_permissions: [], user_permissions: [] })
  await expect(readTemplate()).rejects.toMatchObject({ status: 404 })
  const { roles } = await assignRoles([name])
  expect(roles).toMatchObject([{ name, display_name: 'Template reader' }])
  const member = { params: { organization: 'default', user: ada.user.id } }
  expect((await server.client.call(getMember, member)).roles).toMatchObject([{ display_name: 'Template reader' }])
  expect((await readTemplate()).name).toBe('plain')
  await expect(editTemplate()).rejects.toMatchObject({ status: 404 })

  await updateRole({ organization_permissions: [permission('template', '*')] })
  expect((await editTemplate()).description).toBe('mine')
  await updateRole({ organization_permissions: [permission('template', '*'), permission('template', 'update', true)] })
  await expect(editTemplate()).rejects.toMatchObject({ status: 404 })
  await readTemplate()

  await server.client.call(deleteCustomRole, { params: { organization: 'default', rolename: name } })
  await expect(readTemplate()).rejects.toMatchObject({ status: 404 })
  expect((await server.client.call(getMember, member)).roles).toEqual([])
})

test('member permissions apply only to the member’s own objects', async () => {
  await createRole({
    organization_permissions: [permission('template', 'use'), permission('template', 'read')],
    organization_member_permissions: [permission('workspace', 'delete', true), permission('task', 'read')],
  })
  await assignRoles([name])
  const workspace = await createWorkspace(ada.client, template.id, 'mine')
  await waitForBuild(ada.client, workspace.latest_build.id)
  expect((await ada.client.call(getWorkspace, { params: { workspace: workspace.id } })).name).toBe('mine')
  const other = await server.createUser(`other-${count}`)
  await expect(other.client.call(getWorkspace, { params: { workspace: workspace.id } })).rejects.toMatchObject({
    status: 404,
  })
})

test('custom roles are listed with the built-in roles and with whether the caller can assign them', async () => {
  await createRole({ organization_permissions: [permission('template', 'read')] })
  const find = async (client = server.client) =>
    (await client.call(listOrganizationRoles, inOrganization)).find((role) => role.name === name)
  expect(await find()).toMatchObject({ built_in: false, assignable: true, organization_id: template.organization_id })
  expect(await find(ada.client)).toMatchObject({ assignable: false })
})

test.each([
  [{ name: 'organization-admin' }, 409],
  [{ name: 'a b' }, 400],
  [{ organization_permissions: [permission('template', 'paint')] }, 400],
  [{ organization_permissions: [permission('canvas', 'read')] }, 400],
  [{ site_permissions: [permission('template', 'read')] }, 400],
  [{ user_permissions: [permission('template', 'read')] }, 400],
])('%j is rejected', async (role, status) => {
  await expect(createRole(role)).rejects.toMatchObject({ status })
})

test('a role with more permissions than one’s own can be neither created nor assigned', async () => {
  await createRole({ organization_permissions: [permission('template', 'read')] })
  await expect(createRole({})).rejects.toMatchObject({ status: 409 })
  await expect(createRole({ name: 'mine' }, ada.client)).rejects.toMatchObject({ status: expect.toBeOneOf([403, 404]) })
  await assignRoles(['organization-admin'])
  const inside = { name: `inside-${count}`, organization_permissions: [permission('workspace', 'ssh')] }
  await expect(createRole(inside, ada.client)).rejects.toMatchObject({ status: 403 })
  await createRole({ name: `own-${count}`, organization_permissions: [permission('template', 'update')] }, ada.client)
  const bob = await server.createUser(`bob-${count}`)
  await assignRoles([`own-${count}`], ada.client, bob)
  await assignRoles(['organization-user-admin'], server.client, bob)
  await expect(assignRoles([name], bob.client)).rejects.toMatchObject({ status: 403 })
  await expect(assignRoles(['no-such-role'])).rejects.toMatchObject({ status: 400 })
})

test('built-in roles cannot be changed or deleted', async () => {
  await expect(updateRole({ name: 'organization-admin' })).rejects.toMatchObject({ status: 400 })
  const params = { organization: 'default', rolename: 'organization-auditor' }
  await expect(server.client.call(deleteCustomRole, { params })).rejects.toMatchObject({ status: 400 })
  await expect(
    server.client.call(deleteCustomRole, { params: { ...params, rolename: 'nothing' } }),
  ).rejects.toMatchObject({ status: 404 })
})
