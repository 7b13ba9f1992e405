// Organizations: members, roles, groups and settings.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createUser, getUser } from '../../../api/account/users.ts'
import {
  getGroup,
  getGroupByName,
  listGroups,
  listGroupsOfOrganization,
  updateGroup,
} from '../../../api/organizations/groups.ts'
import {
  addMember,
  getMember,
  listMembers,
  listMembersInPages,
  listOrganizationRoles,
  removeMember,
  updateMemberRoles,
} from '../../../api/organizations/members.ts'
import {
  getGroupSync,
  getWorkspaceSharing,
  updateOrganizationSync,
  updateWorkspaceSharing,
} from '../../../api/organizations/organization-settings.ts'
import {
  createOrganization,
  deleteOrganization,
  getOrganization,
  listOrganizations,
  updateOrganization,
} from '../../../api/organizations/organizations.ts'
import { startTestServer, type TestServer } from '../../testing/start-test-server.ts'

type TestUser = Awaited<ReturnType<TestServer['createUser']>>
let server: TestServer
let ada: TestUser
let bob: TestUser
let organizationId: string
beforeAll(async () => {
  server = await startTestServer()
  ada = await server.createUser('ada')
  bob = await server.createUser('bob')
  organizationId = (await server.client.call(getOrganization, { params: { organization: 'default' } })).id
})
afterAll(() => server.close())

const inOrganization = { params: { organization: 'default' } }
const memberParams = ({ user }: TestUser) => ({ params: { organization: 'default', user: user.id } })
const setRoles = (target: TestUser, roles: string[], client = server.client) =>
  client.call(updateMemberRoles, { ...memberParams(target), body: { roles } })

describe('the organization', () => {
  test('is unique, and found by ID, by name and as the default', async () => {
    expect(await ada.client.call(listOrganizations)).toHaveLength(1)
    for (const organization of [organizationId, 'coder', 'CODER', 'default']) {
      expect((await ada.client.call(getOrganization, { params: { organization } })).id).toBe(organizationId)
    }
    const elsewhere = { params: { organization: 'elsewhere' } }
    await expect(ada.client.call(getOrganization, elsewhere)).rejects.toMatchObject({ status: 404 })
  })

  test('is updated by authorized users, and cannot be created again or deleted', async () => {
    const body = { display_name: 'The Lab', description: 'All of us' }
    expect(await server.client.call(updateOrganization, { ...inOrganization, body })).toMatchObject({
      name: 'coder',
      ...body,
    })
    await expect(ada.client.call(updateOrganization, { ...inOrganization, body })).rejects.toMatchObject({
      status: 404,
    })
    await expect(server.client.call(createOrganization, { body: { name: 'two' } })).rejects.toMatchObject({
      status: 400,
    })
    await expect(server.client.call(deleteOrganization, inOrganization)).rejects.toMatchObject({ status: 400 })
  })
})

describe('members', () => {
  test('are listed completely and in pages', async () => {
    const all = await server.client.call(listMembers, inOrganization)
    expect(all.map(({ username }) => username)).toEqual(expect.arrayContaining(['ada', 'bob']))
    const page = await server.client.call(listMembersInPages, { ...inOrganization, query: { limit: 1, offset: 1 } })
    expect(page.count).toBe(all.length)
    expect(page.members).toEqual(all.slice(1, 2))
    const after = await server.client.call(listMembersInPages, {
      ...inOrganization,
      query: { after_id: all[0]?.user_id },
    })
    expect(after.members).toEqual(all.slice(1))
  })

  test('receive organization roles from an organization admin, not from themselves, and no site roles', async () => {
    await setRoles(ada, ['organization-admin'])
    expect((await setRoles(bob, ['organization-template-admin'], ada.client)).roles).toEqual([
      {
        name: 'organization-template-admin',
        display_name: 'Organization Template Admin',
        organization_id: organizationId,
      },
    ])
    expect((await bob.client.call(getMember, memberParams(bob))).roles).toHaveLength(1)
    await expect(setRoles(ada, [], ada.client)).rejects.toMatchObject({ status: 400 })
    await expect(setRoles(bob, ['owner'], ada.client)).rejects.toMatchObject({ status: 400 })
    await expect(setRoles(ada, [], bob.client)).rejects.toMatchObject({ status: 404 })
    await setRoles(bob, [])
    await setRoles(ada, [])
  })

  test('can list the roles', async () => {
    const roles = await ada.client.call(listOrganizationRoles, inOrganization)
    expect(roles.filter(({ assignable }) => assignable)).toEqual([])
    expect(roles.map(({ name }) => name)).toContain('organization-workspace-creation-ban')
    expect(roles.map(({ name }) => name)).not.toContain('organization-member')
  })

  test('can be added and removed', async () => {
    const { id } = await server.client.call(createUser, {
      body: { username: 'guest', email: 'guest@example.com', login_type: 'none', user_status: 'active' },
    })
    const params = { organization: 'default', user: id }
    await expect(server.client.call(addMember, { params })).rejects.toMatchObject({ status: 400 })
    await server.client.call(removeMember, { params })
    await expect(server.client.call(getMember, { params })).rejects.toMatchObject({ status: 404 })
    expect((await server.client.call(getUser, { params: { user: id } })).organization_ids).toEqual([])
    await server.client.call(addMember, { params })
    expect((await server.client.call(getMember, { params })).username).toBe('guest')
    const own = { params: { organization: 'default', user: 'me' } }
    await expect(server.client.call(removeMember, own)).rejects.toMatchObject({ status: 400 })
  })

  test('who were removed have no access to the organization', async () => {
    const eve = await server.createUser('eve')
    await eve.client.call(getOrganization, inOrganization)
    await server.client.call(removeMember, memberParams(eve))
    await expect(eve.client.call(getOrganization, inOrganization)).rejects.toMatchObject({ status: 404 })
    await expect(eve.client.call(listGroupsOfOrganization, inOrganization)).rejects.toMatchObject({ status: 403 })
    expect(await eve.client.call(listOrganizations)).toEqual([])
  })
})

describe('the group Everyone', () => {
  test('is found by id, name, organization and member', async () => {
    const byId = await ada.client.call(getGroup, { params: { group: organizationId } })
    expect(byId).toMatchObject({ name: 'Everyone', organization_id: organizationId })
    expect(byId.members.map(({ username }) => username)).toEqual(['ada'])
    const whole = await server.client.call(getGroup, { params: { group: organizationId } })
    expect(whole.members).toHaveLength(byId.total_member_count)
    const params = { organization: 'default', groupname: 'Everyone' }
    expect(await ada.client.call(getGroupByName, { params })).toEqual(byId)
    expect(await ada.client.call(listGroupsOfOrganization, inOrganization)).toEqual([byId])
    const find = (query: object) => ada.client.call(listGroups, { query })
    expect(await find({})).toEqual([byId])
    expect(await find({ organization: 'coder', has_member: 'me', group_ids: organizationId })).toEqual([byId])
    expect(await find({ has_member: 'nobody-at-all' })).toEqual([])
    expect(await find({ organization: 'elsewhere' })).toEqual([])
  })

  test('cannot be changed', async () => {
    const call = { params: { group: organizationId }, body: { add_users: [ada.user.id] } }
    await expect(server.client.call(updateGroup, call)).rejects.toMatchObject({ status: 400 })
    await expect(ada.client.call(updateGroup, call)).rejects.toMatchObject({ status: 404 })
  })
})

describe('settings', () => {
  test('of workspace sharing are stored, and readable for every member', async () => {
    const set = (sharing_disabled: boolean) =>
      server.client.call(updateWorkspaceSharing, { ...inOrganization, body: { sharing_disabled } })
    expect(await set(true)).toEqual({ sharing_disabled: true })
    expect(await ada.client.call(getWorkspaceSharing, inOrganization)).toEqual({ sharing_disabled: true })
    expect(await set(false)).toEqual({ sharing_disabled: false })
  })

  test('of an identity provider are empty, and changes are rejected', async () => {
    expect(await server.client.call(getGroupSync, inOrganization)).toMatchObject({ field: '', mapping: {} })
    await expect(server.client.call(updateOrganizationSync, { body: {} })).rejects.toMatchObject({ status: 400 })
    await expect(ada.client.call(getGroupSync, inOrganization)).rejects.toMatchObject({ status: 404 })
  })
})
