// Groups: creation, members, use in access lists, and deletion.

import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { listAuditLogs } from '../../../api/deployment/audit.ts'
import {
  createGroup,
  deleteGroup,
  type Group,
  getGroup,
  getGroupByName,
  listGroups,
  listGroupsOfOrganization,
  updateGroup,
} from '../../../api/organizations/groups.ts'
import { addMember, removeMember } from '../../../api/organizations/members.ts'
import {
  getTemplate,
  getTemplateAcl,
  listTemplateAclAvailable,
  type Template,
  updateTemplateAcl,
} from '../../../api/templates/templates.ts'
import { getWorkspaceAcl, updateWorkspaceAcl } from '../../../api/workspaces/workspace-sharing.ts'
import { getWorkspace, listWorkspaces } from '../../../api/workspaces/workspaces.ts'
import { loadOwner } from '../../templates/load-owner.ts'
import { startTestServer, type TestServer } from '../../testing/start-test-server.ts'
import { createTemplate, createWorkspace, waitForBuild } from '../../testing/workspace-fixtures.ts'

type TestUser = Awaited<ReturnType<TestServer['createUser']>>

let server: TestServer
let template: Template
let ada: TestUser
let bob: TestUser
let group: Group
let count = 0
const inOrganization = { params: { organization: 'default' } }

beforeAll(async () => {
  server = await startTestServer()
  template = await createTemplate(server.client, 'plain', { 'main.tf': '' })
})
afterAll(() => server.close())
beforeEach(async () => {
  count++
  ada = await server.createUser(`ada-${count}`)
  bob = await server.createUser(`bob-${count}`)
  group = await server.client.call(createGroup, {
    ...inOrganization,
    body: { name: `painters-${count}`, display_name: 'Painters' },
  })
})

const groupParams = () => ({ params: { group: group.id } })
const update = (body: object, client = server.client) => client.call(updateGroup, { ...groupParams(), body })

test('a group is created, found by name and member, renamed and deleted', async () => {
  expect(group).toMatchObject({
    display_name: 'Painters',
    members: [],
    total_member_count: 0,
    organization_name: 'coder',
  })
  const filled = await update({ add_users: [ada.user.id, bob.user.id] })
  expect(filled.members.map(({ username }) => username)).toEqual([ada.user.username, bob.user.username])
  const byName = { params: { organization: 'default', groupname: group.name.toUpperCase() } }
  expect(await server.client.call(getGroupByName, byName)).toEqual(filled)
  const ofBob = await server.client.call(listGroups, { query: { has_member: bob.user.username } })
  expect(ofBob.map(({ name }) => name)).toEqual(['Everyone', group.name])
  const renamed = await update({ name: `sculptors-${count}`, remove_users: [bob.user.id] })
  expect([renamed.name, renamed.display_name, renamed.total_member_count]).toEqual([
    `sculptors-${count}`,
    'Painters',
    1,
  ])
  await server.client.call(deleteGroup, groupParams())
  await expect(server.client.call(getGroup, groupParams())).rejects.toMatchObject({ status: 404 })
})

test('changes of a group are audited', async () => {
  await update({ add_users: [ada.user.id] })
  const { audit_logs: entries } = await server.client.call(listAuditLogs, {
    query: { q: `resource_type:group resource_id:${group.id}`, limit: 10 },
  })
  expect(entries.map(({ action, status_code }) => [action, status_code])).toEqual([
    ['write', 200],
    ['create', 201],
  ])
  expect(entries[0]?.diff).toMatchObject({ members: { old: [], new: [ada.user.username] } })
})

test.each([
  [{ name: '' }, 400, 'name'],
  [{ name: 'everyone' }, 400, 'name'],
  [{ name: 'a b' }, 400, 'name'],
  [{ name: 'fine', quota_allowance: -5 }, 400, 'quota_allowance'],
])('%j is rejected', async (body, status, field) => {
  await expect(
    server.client.call(createGroup, { ...inOrganization, body: body as { name: string } }),
  ).rejects.toMatchObject({
    status,
    validations: [{ field }],
  })
})

test('group names are unique, and only members of the organization can be added', async () => {
  await expect(
    server.client.call(createGroup, { ...inOrganization, body: { name: group.name.toUpperCase() } }),
  ).rejects.toMatchObject({ status: 409, validations: [{ field: 'name' }] })
  await expect(update({ name: 'Everyone' })).rejects.toMatchObject({ status: 400 })
  const params = { organization: 'default', user: bob.user.id }
  await server.client.call(removeMember, { params })
  for (const id of [bob.user.id, 'nobody'])
    await expect(update({ add_users: [ada.user.id, id] })).rejects.toMatchObject({
      validations: [{ field: 'add_users' }],
    })
  expect((await server.client.call(getGroup, groupParams())).members).toEqual([])
  await server.client.call(addMember, { params })
})

test('a member sees groups but no other members, and cannot change groups', async () => {
  await update({ add_users: [ada.user.id, bob.user.id] })
  const visible = await ada.client.call(getGroup, groupParams())
  expect([visible.members.map(({ username }) => username), visible.total_member_count]).toEqual([
    [ada.user.username],
    2,
  ])
  expect((await ada.client.call(listGroupsOfOrganization, inOrganization)).map(({ name }) => name)).toContain(
    group.name,
  )
  const hiddenOrForbidden = { status: expect.toBeOneOf([403, 404]) }
  const mine = { ...inOrganization, body: { name: 'mine' } }
  await expect(ada.client.call(createGroup, mine)).rejects.toMatchObject(hiddenOrForbidden)
  await expect(update({ add_users: [ada.user.id] }, ada.client)).rejects.toMatchObject(hiddenOrForbidden)
  await expect(ada.client.call(deleteGroup, groupParams())).rejects.toMatchObject(hiddenOrForbidden)
})

test('template access of a group applies to its current members', async () => {
  const acl = (group_perms: Record<string, 'use' | 'admin' | ''>) =>
    server.client.call(updateTemplateAcl, { params: { template: template.id }, body: { group_perms } })
  const readTemplate = () => ada.client.call(getTemplate, { params: { template: template.id } })
  await acl({ [template.organization_id]: '', [group.id]: 'use' })
  await expect(readTemplate()).rejects.toMatchObject({ status: 404 })
  await update({ add_users: [ada.user.id] })
  expect((await readTemplate()).name).toBe('plain')
  const listed = await server.client.call(getTemplateAcl, { params: { template: template.id } })
  expect(listed.group).toMatchObject([{ id: group.id, role: 'use', members: [{ username: ada.user.username }] }])
  const available = await server.client.call(listTemplateAclAvailable, { params: { template: template.id }, query: {} })
  expect(available.groups.map(({ name }) => name)).toContain(group.name)
  await update({ remove_users: [ada.user.id] })
  await expect(readTemplate()).rejects.toMatchObject({ status: 404 })

  await update({ add_users: [ada.user.id] })
  await server.client.call(deleteGroup, groupParams())
  await expect(readTemplate()).rejects.toMatchObject({ status: 404 })
  expect((await server.client.call(getTemplateAcl, { params: { template: template.id } })).group).toEqual([])
  await acl({ [template.organization_id]: 'use' })
})

test('a workspace shared with a group is listed for the members of the group', async () => {
  const workspace = await createWorkspace(ada.client, template.id, 'shared')
  await waitForBuild(ada.client, workspace.latest_build.id)
  const readWorkspace = () => bob.client.call(getWorkspace, { params: { workspace: workspace.id } })
  await ada.client.call(updateWorkspaceAcl, {
    params: { workspace: workspace.id },
    body: { group_roles: { [group.id]: 'use' } },
  })
  await expect(readWorkspace()).rejects.toMatchObject({ status: 404 })
  await update({ add_users: [bob.user.id] })
  expect((await readWorkspace()).shared_with).toMatchObject([{ actor_type: 'group', name: group.name, roles: ['use'] }])
  const find = async (q: string) =>
    (await bob.client.call(listWorkspaces, { query: { q } })).workspaces.map(({ name }) => name)
  expect(await find('')).toEqual(['shared'])
  expect(await find(`shared_with_group:coder/${group.name}`)).toEqual(['shared'])
  await expect(find('shared_with_group:nobody')).rejects.toMatchObject({
    status: 400,
    validations: [{ field: 'shared_with_group' }],
  })
  // The current name is returned.
  await update({ name: `sculptors-${count}` })
  expect((await readWorkspace()).shared_with).toMatchObject([{ name: `sculptors-${count}` }])
  expect((await server.client.call(getWorkspaceAcl, { params: { workspace: workspace.id } })).group).toMatchObject([
    { name: `sculptors-${count}`, total_member_count: 1 },
  ])
  // Leaving the organization removes its group memberships for good.
  const params = { organization: 'default', user: bob.user.id }
  await server.client.call(removeMember, { params })
  await server.client.call(addMember, { params })
  await expect(readWorkspace()).rejects.toMatchObject({ status: 404 })
})

test('a build receives the groups of the workspace owner', async () => {
  await update({ add_users: [ada.user.id] })
  expect((await loadOwner(server.context.db, server.context.encryption, ada.user.id)).owner.groups).toEqual([
    'Everyone',
    group.name,
  ])
  expect((await loadOwner(server.context.db, server.context.encryption, bob.user.id)).owner.groups).toEqual([
    'Everyone',
  ])
})
