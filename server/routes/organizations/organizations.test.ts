// Organizations, who belongs to them with which roles, groups, and settings.

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

type Person = Awaited<ReturnType<TestServer['createUser']>>
let server: TestServer
let ada: Person
let bob: Person
let organizationId: string
beforeAll(async () => {
  server = await startTestServer()
  ada = await server.createUser('ada')
  bob = await server.createUser('bob')
  organizationId = (await server.client.call(getOrganization, { params: { organization: 'default' } })).id
})
afterAll(() => server.close())

const there = { params: { organization: 'default' } }
const memberAt = (person: Person) => ({ params: { organization: 'default', user: person.user.id } })
const setRoles = (person: Person, roles: string[], client = server.client) =>
  client.call(updateMemberRoles, { ...memberAt(person), body: { roles } })

describe('the organization', () => {
  test('is one, found by id, by name and as the default', async () => {
    expect(await ada.client.call(listOrganizations)).toHaveLength(1)
    for (const organization of [organizationId, 'coder', 'CODER', 'default']) {
      expect((await ada.client.call(getOrganization, { params: { organization } })).id).toBe(organizationId)
    }
    const elsewhere = { params: { organization: 'elsewhere' } }
    await expect(ada.client.call(getOrganization, elsewhere)).rejects.toMatchObject({ status: 404 })
  })

  test('is described anew by those who may, and neither doubled nor deleted', async () => {
    const body = { display_name: 'The Lab', description: 'All of us' }
    expect(await server.client.call(updateOrganization, { ...there, body })).toMatchObject({ name: 'coder', ...body })
    await expect(ada.client.call(updateOrganization, { ...there, body })).rejects.toMatchObject({ status: 404 })
    await expect(server.client.call(createOrganization, { body: { name: 'two' } })).rejects.toMatchObject({
      status: 400,
    })
    await expect(server.client.call(deleteOrganization, there)).rejects.toMatchObject({ status: 400 })
  })
})

describe('members', () => {
  test('are listed whole and in pages', async () => {
    const all = await server.client.call(listMembers, there)
    expect(all.map(({ username }) => username)).toEqual(expect.arrayContaining(['ada', 'bob']))
    const page = await server.client.call(listMembersInPages, { ...there, query: { limit: 1, offset: 1 } })
    expect(page.count).toBe(all.length)
    expect(page.members).toEqual(all.slice(1, 2))
    const after = await server.client.call(listMembersInPages, { ...there, query: { after_id: all[0]?.user_id } })
    expect(after.members).toEqual(all.slice(1))
  })

  test('are given roles by an organization admin, not by themselves, and not of the site', async () => {
    await setRoles(ada, ['organization-admin'])
    expect((await setRoles(bob, ['organization-template-admin'], ada.client)).roles).toEqual([
      {
        name: 'organization-template-admin',
        display_name: 'Organization Template Admin',
        organization_id: organizationId,
      },
    ])
    expect((await bob.client.call(getMember, memberAt(bob))).roles).toHaveLength(1)
    await expect(setRoles(ada, [], ada.client)).rejects.toMatchObject({ status: 400 })
    await expect(setRoles(bob, ['owner'], ada.client)).rejects.toMatchObject({ status: 400 })
    await expect(setRoles(ada, [], bob.client)).rejects.toMatchObject({ status: 404 })
    await setRoles(bob, [])
    await setRoles(ada, [])
  })

  test('see which roles there are', async () => {
    const roles = await ada.client.call(listOrganizationRoles, there)
    expect(roles.filter(({ assignable }) => assignable)).toEqual([])
    expect(roles.map(({ name }) => name)).toContain('organization-workspace-creation-ban')
    expect(roles.map(({ name }) => name)).not.toContain('organization-member')
  })

  test('come and go, and lose with the membership what it gave', async () => {
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

  test('who were put out reach nothing of the organization', async () => {
    const eve = await server.createUser('eve')
    await eve.client.call(getOrganization, there)
    await server.client.call(removeMember, memberAt(eve))
    await expect(eve.client.call(getOrganization, there)).rejects.toMatchObject({ status: 404 })
    await expect(eve.client.call(listGroupsOfOrganization, there)).rejects.toMatchObject({ status: 403 })
    expect(await eve.client.call(listOrganizations)).toEqual([])
  })
})

describe('the group of everybody', () => {
  test('is found by id, name, organization and member', async () => {
    const byId = await ada.client.call(getGroup, { params: { group: organizationId } })
    expect(byId).toMatchObject({ name: 'Everyone', organization_id: organizationId })
    expect(byId.members.map(({ username }) => username)).toEqual(['ada'])
    const whole = await server.client.call(getGroup, { params: { group: organizationId } })
    expect(whole.members).toHaveLength(byId.total_member_count)
    const params = { organization: 'default', groupname: 'Everyone' }
    expect(await ada.client.call(getGroupByName, { params })).toEqual(byId)
    expect(await ada.client.call(listGroupsOfOrganization, there)).toEqual([byId])
    const find = (query: object) => ada.client.call(listGroups, { query })
    expect(await find({})).toEqual([byId])
    expect(await find({ organization: 'coder', has_member: 'me', group_ids: organizationId })).toEqual([byId])
    expect(await find({ has_member: 'nobody-at-all' })).toEqual([])
    expect(await find({ organization: 'elsewhere' })).toEqual([])
  })

  test('stays as it is', async () => {
    const call = { params: { group: organizationId }, body: { add_users: [ada.user.id] } }
    await expect(server.client.call(updateGroup, call)).rejects.toMatchObject({ status: 400 })
    await expect(ada.client.call(updateGroup, call)).rejects.toMatchObject({ status: 404 })
  })
})

describe('settings', () => {
  test('of sharing are kept, and read by every member', async () => {
    const set = (sharing_disabled: boolean) =>
      server.client.call(updateWorkspaceSharing, { ...there, body: { sharing_disabled } })
    expect(await set(true)).toEqual({ sharing_disabled: true })
    expect(await ada.client.call(getWorkspaceSharing, there)).toEqual({ sharing_disabled: true })
    expect(await set(false)).toEqual({ sharing_disabled: false })
  })

  test('of an identity provider are empty, and refused', async () => {
    expect(await server.client.call(getGroupSync, there)).toMatchObject({ field: '', mapping: {} })
    await expect(server.client.call(updateOrganizationSync, { body: {} })).rejects.toMatchObject({ status: 400 })
    await expect(ada.client.call(getGroupSync, there)).rejects.toMatchObject({ status: 404 })
  })
})
