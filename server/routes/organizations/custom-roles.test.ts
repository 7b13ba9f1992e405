// Roles of an organization's own: made, given, asked by the policy, changed and taken back.

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
import { createTemplate, createWorkspace, waitForBuild } from '../../testing/workspace-fixtures.ts'
import { startTestServer, type TestServer } from '../../testing/start-test-server.ts'

type Person = Awaited<ReturnType<TestServer['createUser']>>

let server: TestServer
let template: Template
let ada: Person
let name: string
let count = 0
const there = { params: { organization: 'default' } }

beforeAll(async () => {
  server = await startTestServer()
  template = await createTemplate(server.client, 'plain', { 'main.tf': '' })
  // Nobody has it by being a member.
  const body = { group_perms: { [template.organization_id]: '' as const } }
  await server.client.call(updateTemplateAcl, { params: { template: template.id }, body })
})
afterAll(() => server.close())
beforeEach(async () => {
  ada = await server.createUser(`ada-${++count}`)
  name = `keeper-${count}`
})

const permission = (resource_type: string, action: string, negate = false) => ({ resource_type, action, negate })
const make = (role: Partial<CustomRoleRequest>, client = server.client) =>
  client.call(createCustomRole, { ...there, body: { name, ...role } })
const change = (role: Partial<CustomRoleRequest>) =>
  server.client.call(updateCustomRole, { ...there, body: { name, ...role } })
const give = (roles: string[], client = server.client, to = ada) =>
  client.call(updateMemberRoles, { params: { organization: 'default', user: to.user.id }, body: { roles } })
const see = () => ada.client.call(getTemplate, { params: { template: template.id } })
const edit = () => ada.client.call(updateTemplate, { params: { template: template.id }, body: { description: 'mine' } })

test('a role gives what it says from the moment it is given, as it is changed, and no longer when it is gone', async () => {
  const made = await make({ display_name: 'Keeper', organization_permissions: [permission('template', 'read')] })
  expect(made).toMatchObject({ name, display_name: 'Keeper', site_permissions: [], user_permissions: [] })
  await expect(see()).rejects.toMatchObject({ status: 404 })
  const { roles } = await give([name])
  expect(roles).toMatchObject([{ name, display_name: 'Keeper' }])
  const member = { params: { organization: 'default', user: ada.user.id } }
  expect((await server.client.call(getMember, member)).roles).toMatchObject([{ display_name: 'Keeper' }])
  expect((await see()).name).toBe('plain')
  await expect(edit()).rejects.toMatchObject({ status: 404 })

  await change({ organization_permissions: [permission('template', '*')] })
  expect((await edit()).description).toBe('mine')
  await change({ organization_permissions: [permission('template', '*'), permission('template', 'update', true)] })
  await expect(edit()).rejects.toMatchObject({ status: 404 })
  await see()

  await server.client.call(deleteCustomRole, { params: { organization: 'default', rolename: name } })
  await expect(see()).rejects.toMatchObject({ status: 404 })
  expect((await server.client.call(getMember, member)).roles).toEqual([])
})

test('what it gives to members about their own it gives about nobody else’s', async () => {
  await make({
    organization_permissions: [permission('template', 'use'), permission('template', 'read')],
    organization_member_permissions: [permission('workspace', 'delete', true), permission('task', 'read')],
  })
  await give([name])
  const workspace = await createWorkspace(ada.client, template.id, 'mine')
  await waitForBuild(ada.client, workspace.latest_build.id)
  expect((await ada.client.call(getWorkspace, { params: { workspace: workspace.id } })).name).toBe('mine')
  const other = await server.createUser(`other-${count}`)
  await expect(other.client.call(getWorkspace, { params: { workspace: workspace.id } })).rejects.toMatchObject({
    status: 404,
  })
})

test('roles of one’s own are listed beside those built in, for whoever may give them', async () => {
  await make({ organization_permissions: [permission('template', 'read')] })
  const find = async (client = server.client) =>
    (await client.call(listOrganizationRoles, there)).find((role) => role.name === name)
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
])('%j makes no role', async (role, status) => {
  await expect(make(role)).rejects.toMatchObject({ status })
})

test('nobody makes or gives a role that is more than their own', async () => {
  await make({ organization_permissions: [permission('template', 'read')] })
  await expect(make({})).rejects.toMatchObject({ status: 409 })
  await expect(make({ name: 'mine' }, ada.client)).rejects.toMatchObject({ status: expect.toBeOneOf([403, 404]) })
  await give(['organization-admin'])
  const inside = { name: `inside-${count}`, organization_permissions: [permission('workspace', 'ssh')] }
  await expect(make(inside, ada.client)).rejects.toMatchObject({ status: 403 })
  await make({ name: `own-${count}`, organization_permissions: [permission('template', 'update')] }, ada.client)
  const bob = await server.createUser(`bob-${count}`)
  await give([`own-${count}`], ada.client, bob)
  await give(['organization-user-admin'], server.client, bob)
  await expect(give([name], bob.client)).rejects.toMatchObject({ status: 403 })
  await expect(give(['no-such-role'])).rejects.toMatchObject({ status: 400 })
})

test('built-in roles stay as they are', async () => {
  await expect(change({ name: 'organization-admin' })).rejects.toMatchObject({ status: 400 })
  const params = { organization: 'default', rolename: 'organization-auditor' }
  await expect(server.client.call(deleteCustomRole, { params })).rejects.toMatchObject({ status: 400 })
  await expect(
    server.client.call(deleteCustomRole, { params: { ...params, rolename: 'nothing' } }),
  ).rejects.toMatchObject({ status: 404 })
})
