// Templates over REST: search, settings, access lists, versions and archiving.

import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { updateUserRoles } from '../../../api/account/users.ts'
import type { Client } from '../../../api/client.ts'
import {
  archiveTemplateVersion,
  cancelTemplateVersion,
  createTemplateVersion,
  getLegacyParameters,
  getTemplateVersion,
  getTemplateVersionPresets,
  unarchiveTemplateVersion,
  updateTemplateVersion,
} from '../../../api/templates/template-versions.ts'
import {
  archiveTemplateVersions,
  createTemplate as createTemplateEndpoint,
  deleteTemplate,
  getPreviousVersion,
  getTemplate,
  getTemplateAcl,
  getTemplateVersionByName,
  getVersionOfOrganization,
  invalidatePresets,
  listTemplateAclAvailable,
  listTemplateExamples,
  listTemplateExamplesOfOrganization,
  listTemplates,
  listTemplateVersions,
  promoteTemplateVersion,
  type Template,
  updateTemplate,
  updateTemplateAcl,
} from '../../../api/templates/templates.ts'
import { createWorkspace as createWorkspaceEndpoint } from '../../../api/workspaces/workspaces.ts'
import { loadTemplate } from '../../templates/to-template.ts'
import { startTestServer, type TestServer } from '../../testing/start-test-server.ts'
import { createTemplate, createWorkspace, importVersion, waitForBuild } from '../../testing/workspace-fixtures.ts'

let server: TestServer
let client: Client
beforeAll(async () => {
  server = await startTestServer()
  client = server.client
})
afterAll(() => server.close())

const paramsOf = ({ id }: Template) => ({ template: id })
const settingsOf = async (template: Template) => {
  const now = await client.call(getTemplate, { params: paramsOf(template) })
  return {
    default_ttl_ms: now.default_ttl_ms,
    activity_bump_ms: now.activity_bump_ms,
    allow_user_autostart: now.allow_user_autostart,
    allow_user_autostop: now.allow_user_autostop,
    allow_user_cancel_workspace_jobs: now.allow_user_cancel_workspace_jobs,
  }
}

describe('the search', () => {
  let red: Template
  const search = async (q: string) => (await client.call(listTemplates, { query: { q } })).map(({ name }) => name)
  beforeAll(async () => {
    red = await createTemplate(client, 'red-fox', { 'main.tf': '' })
    await createTemplate(client, 'red-owl', {
      'main.tf': 'resource "coder_agent" "a" {\n os = "linux"\n arch = "amd64"\n}',
    })
    const body = { ...(await settingsOf(red)), display_name: 'Rotfuchs', deprecation_message: 'use the owl' }
    await client.call(updateTemplate, { params: paramsOf(red), body })
  })

  test.each([
    ['rotfu', ['red-fox']],
    ['red', ['red-fox', 'red-owl']],
    ['name:owl', ['red-owl']],
    ['exact_name:RED-FOX', ['red-fox']],
    ['exact_name:red', []],
    ['exact_display_name:"rotfuchs"', ['red-fox']],
    ['display_name:fuchs', ['red-fox']],
    ['red deprecated:true', ['red-fox']],
    ['red deprecated:false', ['red-owl']],
    ['red author:me', ['red-fox', 'red-owl']],
    ['red author:nobody', []],
    ['red organization:coder', ['red-fox', 'red-owl']],
    ['red has-ai-task:true', []],
    ['red has-ai-task:false has_external_agent:false', ['red-fox', 'red-owl']],
    ['red deleted:true', []],
  ])('%s', async (q, names) => {
    expect(await search(q)).toEqual(names)
  })

  test('finds templates by ID', async () => {
    expect(await search(`ids:${red.id},8a9f5a1e-0000-4000-8000-000000000001`)).toEqual(['red-fox'])
    expect(await search(`ids:8a9f5a1e-0000-4000-8000-000000000001 ids:${red.id}`)).toEqual(['red-fox'])
  })

  test.each([
    ['color:red', 'color'],
    ['__proto__:x', '__proto__'],
    ['deprecated:perhaps', 'deprecated'],
    ['organization:nowhere', 'organization'],
    ['ids:nonsense', 'ids'],
    ['name:a name:b', 'name'],
    ['name:a:b', 'q'],
    [`${'('.repeat(1000)}:x`, '('.repeat(1000)],
  ])('rejects %s', async (q, field) => {
    await expect(search(q)).rejects.toMatchObject({
      status: 400,
      message: 'Invalid template search query.',
      validations: [{ field }],
    })
  })

  test.each(["'; drop table templates; --", '%', '_', '\\', '(a+)+$', '\u0000', '\ud800'])(
    'treats %j as text',
    async (q) => {
      expect(await search(`name:"${q}"`).catch((error) => error.status)).toEqual(expect.toBeOneOf([[], 400]))
    },
  )
})

test('random search queries are answered or rejected, and cause no server error', async () => {
  const words = [
    'name',
    'ids',
    'author',
    'deleted',
    'organization',
    'me',
    'true',
    ':',
    ':',
    '"',
    '"',
    ' ',
    ',',
    '%',
    "'",
    '\\',
    '(',
    'é',
    '😀',
    '-',
  ]
  // A fixed seed makes the test reproducible.
  let seed = 7
  const next = (below: number) => {
    seed = (seed * 48_271) % 2_147_483_647
    return seed % below
  }
  for (let run = 0; run < 300; run++) {
    const q = Array.from({ length: 1 + next(12) }, () => words[next(words.length)]).join('')
    const status = await client.call(listTemplates, { query: { q } }).then(
      () => 200,
      (error) => error.status,
    )
    expect([q, status]).toEqual([q, expect.toBeOneOf([200, 400])])
  }
})

describe('settings', () => {
  test('without a change return 304 and no body', async () => {
    const template = await createTemplate(client, 'still', { 'main.tf': '' })
    const response = await fetch(`${server.url}/api/v2/templates/${template.id}`, {
      method: 'PATCH',
      headers: { 'coder-session-token': server.token, 'content-type': 'application/json' },
      body: JSON.stringify(await settingsOf(template)),
    })
    expect([response.status, await response.text()]).toEqual([304, ''])
  })

  test('that are omitted become 0 or false for numbers and booleans, like in Go clients', async () => {
    const template = await createTemplate(client, 'go', { 'main.tf': '' })
    const body = { description: 'kept', max_port_share_level: 'public' as const, allow_user_autostop: true }
    await client.call(updateTemplate, { params: paramsOf(template), body })
    const changed = await client.call(updateTemplate, { params: paramsOf(template), body: { default_ttl_ms: 60_000 } })
    expect(changed).toMatchObject({
      default_ttl_ms: 60_000,
      activity_bump_ms: 0,
      allow_user_autostart: false,
      allow_user_autostop: false,
      description: 'kept',
      max_port_share_level: 'public',
      use_classic_parameter_flow: false,
    })
  })

  test('that are invalid are rejected with the field', async () => {
    const template = await createTemplate(client, 'strict', { 'main.tf': '' })
    const change = (body: object) => client.call(updateTemplate, { params: paramsOf(template), body })
    await expect(change({ failure_ttl_ms: 5 })).rejects.toMatchObject({ validations: [{ field: 'failure_ttl_ms' }] })
    await expect(change({ default_ttl_ms: -1 })).rejects.toMatchObject({ validations: [{ field: 'default_ttl_ms' }] })
    await expect(change({ autostop_requirement: { days_of_week: ['friday'], weeks: 17 } })).rejects.toMatchObject({
      validations: [{ field: 'autostop_requirement.weeks' }],
    })
    await expect(change({ autostart_requirement: { days_of_week: Array(8).fill('monday') } })).rejects.toMatchObject({
      validations: [{ field: 'autostart_requirement.days_of_week' }],
    })
    const days = await change({ autostart_requirement: { days_of_week: ['friday', 'monday', 'friday'] } })
    expect(days.autostart_requirement.days_of_week).toEqual(['monday', 'friday'])
    await expect(change({ name: 'still' })).rejects.toMatchObject({ status: 409 })
    expect((await change({ name: '', description: 'The same.' })).name).toBe('strict')
  })
})

test('the creation of a template validates and stores every field', async () => {
  const template_version_id = await importVersion(client, { 'main.tf': '' })
  const create = (body: object) =>
    client.call(createTemplateEndpoint, {
      params: { organization: 'default' },
      body: { name: 'fresh', template_version_id, ...body },
    })
  await expect(create({ dormant_ttl_ms: 1 })).rejects.toMatchObject({ validations: [{ field: 'dormant_ttl_ms' }] })
  await expect(create({ name: 'new' })).rejects.toMatchObject({ validations: [{ field: 'name' }] })
  await expect(create({ template_version_id: undefined })).rejects.toMatchObject({
    validations: [{ field: 'template_version_id' }],
  })
  expect(
    await create({
      display_name: 'Fresh',
      description: 'all of it',
      icon: '/icon/code.svg',
      default_ttl_ms: 60_000,
      activity_bump_ms: 120_000,
      autostop_requirement: { days_of_week: ['monday'], weeks: 2 },
      autostart_requirement: { days_of_week: ['friday'] },
      allow_user_cancel_workspace_jobs: false,
      allow_user_autostart: false,
      allow_user_autostop: false,
      failure_ttl_ms: 180_000,
      dormant_ttl_ms: 240_000,
      delete_ttl_ms: 300_000,
      require_active_version: true,
      max_port_share_level: 'authenticated',
      cors_behavior: 'passthru',
      template_use_classic_parameter_flow: true,
      disable_everyone_group_access: true,
    }),
  ).toMatchObject({
    name: 'fresh',
    display_name: 'Fresh',
    default_ttl_ms: 60_000,
    activity_bump_ms: 120_000,
    autostop_requirement: { days_of_week: ['monday'], weeks: 2 },
    autostart_requirement: { days_of_week: ['friday'] },
    allow_user_cancel_workspace_jobs: false,
    allow_user_autostart: false,
    allow_user_autostop: false,
    failure_ttl_ms: 180_000,
    time_til_dormant_ms: 240_000,
    time_til_dormant_autodelete_ms: 300_000,
    require_active_version: true,
    max_port_share_level: 'authenticated',
    cors_behavior: 'passthru',
    use_classic_parameter_flow: true,
  })
})

test('a template can be created from a version with a failed import, but only imported versions can be promoted', async () => {
  const params = { organization: 'default' }
  const importFailing = async (more: { name: string; template_id?: string }) => {
    await expect(importVersion(client, { 'main.tf': 'resource "x" {' }, more)).rejects.toThrow('The import failed')
    const { db } = server.context
    return (
      await db.selectFrom('template_versions').select('id').where('name', '=', more.name).executeTakeFirstOrThrow()
    ).id
  }
  const create = (template_version_id: string) =>
    client.call(createTemplateEndpoint, { params, body: { name: 'early', template_version_id } })
  const versionId = await importFailing({ name: 'too-early' })
  const template = await create(versionId)
  expect(template.active_version_id).toBe(versionId)
  const body = { name: 'none', template_id: template.id }
  await expect(client.call(createWorkspaceEndpoint, { params: { user: 'me' }, body })).rejects.toMatchObject({
    status: 400,
  })
  const id = await importFailing({ name: 'too-late', template_id: template.id })
  await expect(client.call(promoteTemplateVersion, { params: paramsOf(template), body: { id } })).rejects.toMatchObject(
    { status: 403 },
  )
  await expect(create('8a9f5a1e-0000-4000-8000-000000000001')).rejects.toMatchObject({
    status: 404,
    validations: [{ field: 'template_version_id' }],
  })
})

test('an admin of one template can add versions to it, but cannot create templates', async () => {
  const template = await createTemplate(client, 'tended', { 'main.tf': '' })
  const { user, client: theirs } = await server.createUser('gardener')
  await client.call(updateTemplateAcl, { params: paramsOf(template), body: { user_perms: { [user.id]: 'admin' } } })
  const createVersion = (body: object) =>
    theirs.call(createTemplateVersion, {
      params: { organization: 'default' },
      body: { storage_method: 'file', provisioner: 'terraform', example_id: 'parameters', ...body },
    })
  expect((await createVersion({ template_id: template.id, name: 'theirs' })).name).toBe('theirs')
  await expect(createVersion({})).rejects.toMatchObject({ status: 403 })
})

test('a version is created from a file or an example, and its owner tag is its creator', async () => {
  const createVersion = (body: object) =>
    client.call(createTemplateVersion, {
      params: { organization: 'default' },
      body: { storage_method: 'file', provisioner: 'terraform', ...body },
    })
  const both = [{ field: 'file_id' }, { field: 'example_id' }]
  await expect(createVersion({})).rejects.toMatchObject({ status: 400, validations: both })
  const file_id = '8a9f5a1e-0000-4000-8000-000000000001'
  await expect(createVersion({ file_id, example_id: 'parameters' })).rejects.toMatchObject({
    status: 400,
    validations: both,
  })
  await expect(createVersion({ file_id })).rejects.toMatchObject({ status: 404 })
  await expect(createVersion({ example_id: 'nothing' })).rejects.toMatchObject({ status: 400 })
  const version = await createVersion({ example_id: 'parameters', tags: { scope: 'user', owner: 'somebody' } })
  expect(version.job.tags).toEqual({ scope: 'user', owner: version.created_by.id })
})

test('the import of a template that requires an external account fails', async () => {
  const needs = (more: string) => ({ 'main.tf': `data "coder_external_auth" "git" {\n  id = "github"\n${more}}` })
  await expect(importVersion(client, needs(''))).rejects.toThrow('requires external authentication: github')
  await importVersion(client, needs('  optional = true\n'))
})

test('the invalidation of presets affects nothing, because there are no prebuilt workspaces', async () => {
  const { id } = await createTemplate(client, 'storeless', { 'main.tf': '' })
  expect(await client.call(invalidatePresets, { params: { template: id } })).toEqual({ invalidated: [] })
})

test('a template with workspaces cannot be deleted, and the error states their number', async () => {
  const template = await createTemplate(client, 'used', { 'main.tf': '' })
  expect(template).toMatchObject({ active_user_count: 0, build_time_stats: { start: { P50: null, P95: null } } })
  const workspace = await createWorkspace(client, template.id, 'user-of-it')
  await waitForBuild(client, workspace.latest_build.id)
  // A new database handle has no cached statistics.
  const uncached = await loadTemplate(server.context.db.withoutPlugins(), template.id)
  expect(uncached).toMatchObject({
    active_user_count: 1,
    build_time_stats: { start: { P50: expect.any(Number) }, stop: { P50: null } },
  })
  await expect(client.call(deleteTemplate, { params: paramsOf(template) })).rejects.toMatchObject({
    status: 400,
    detail: '1 workspace uses it.',
  })
})

test('template admins are notified of a deletion, and workspace owners of a deprecation', async () => {
  const template = await createTemplate(client, 'ending', { 'main.tf': '' })
  const workspace = await createWorkspace(client, template.id, 'of-ending')
  await waitForBuild(client, workspace.latest_build.id)
  const { db } = server.context
  const notifications = () =>
    db
      .selectFrom('notification_messages')
      .select('payload')
      .where(sql<boolean>`payload::text like '%ending%'`)
      .execute()
  const body = { ...(await settingsOf(template)), deprecation_message: 'moved' }
  await client.call(updateTemplate, { params: paramsOf(template), body })
  expect(JSON.stringify(await notifications())).toContain('moved')
  const gone = await createTemplate(client, 'gone-soon', { 'main.tf': '' })
  await db
    .updateTable('users')
    .set({ rbac_roles: ['template-admin'] })
    .where('id', '=', (await server.createUser('caretaker')).user.id)
    .execute()
  await client.call(deleteTemplate, { params: paramsOf(gone) })
  const rows = await db
    .selectFrom('notification_messages')
    .select('payload')
    .where(sql<boolean>`payload::text like '%gone-soon%'`)
    .execute()
  expect(rows.length).toBeGreaterThan(0)
})

describe('the access list', () => {
  test('controls access to a template', async () => {
    const template = await createTemplate(client, 'closed', { 'main.tf': '' })
    const organization = template.organization_id
    const { user, client: theirs } = await server.createUser('reader')
    const see = () => theirs.call(getTemplate, { params: paramsOf(template) })
    expect((await see()).name).toBe('closed')
    expect(await client.call(getTemplateAcl, { params: paramsOf(template) })).toMatchObject({
      users: [],
      group: [{ id: organization, role: 'use' }],
    })
    const change = (body: object) => client.call(updateTemplateAcl, { params: paramsOf(template), body })
    await change({ group_perms: { [organization]: '' } })
    await expect(see()).rejects.toMatchObject({ status: 404 })
    expect((await theirs.call(listTemplates, { query: { q: 'exact_name:closed' } })).length).toBe(0)
    await change({ user_perms: { [user.id]: 'use' } })
    expect((await see()).name).toBe('closed')
    await expect(
      theirs.call(updateTemplate, { params: paramsOf(template), body: { description: 'mine' } }),
    ).rejects.toMatchObject({ status: 404 })
    await change({ user_perms: { [user.id]: 'admin' } })
    await theirs.call(updateTemplate, { params: paramsOf(template), body: { description: 'mine' } })
    const { users } = await client.call(getTemplateAcl, { params: paramsOf(template) })
    expect(users.map(({ username, role }) => [username, role])).toEqual([['reader', 'admin']])
  })

  test('rejects unknown users', async () => {
    const template = await createTemplate(client, 'named', { 'main.tf': '' })
    const user_perms = { nobody: 'use' as const, '8a9f5a1e-0000-4000-8000-000000000001': 'admin' as const }
    await expect(
      client.call(updateTemplateAcl, { params: paramsOf(template), body: { user_perms } }),
    ).rejects.toMatchObject({ status: 400, validations: [{ field: 'user_perms' }, { field: 'user_perms' }] })
    const available = await client.call(listTemplateAclAvailable, { params: paramsOf(template) })
    expect(available.groups.map(({ id }) => id)).toEqual([template.organization_id])
    expect(available.users.length).toBeGreaterThan(0)
  })
})

describe('versions', () => {
  let template: Template
  let names: string[]
  const versionParams = (id: string) => ({ templateversion: id })
  beforeAll(async () => {
    template = await createTemplate(client, 'versioned', { 'main.tf': '# 1' })
    for (const name of ['two', 'three'])
      await importVersion(client, { 'main.tf': `# ${name}` }, { template_id: template.id, name })
    const { name } = await client.call(getTemplateVersion, { params: versionParams(template.active_version_id) })
    names = [name, 'two', 'three']
  })
  const list = (query = {}) => client.call(listTemplateVersions, { params: paramsOf(template), query })

  test('are listed in pages, oldest first', async () => {
    const all = await list()
    expect(all.map(({ name }) => name)).toEqual(names)
    expect((await list({ limit: 1, offset: 1 })).map(({ name }) => name)).toEqual(['two'])
    expect((await list({ after_id: all[0]?.id, limit: 1 })).map(({ name }) => name)).toEqual(['two'])
    await expect(list({ after_id: '8a9f5a1e-0000-4000-8000-000000000001' })).rejects.toMatchObject({ status: 400 })
  })

  test('are found by name, and so is the previous version', async () => {
    const params = { organization: 'coder', templatename: 'Versioned', templateversionname: 'three' }
    expect((await client.call(getVersionOfOrganization, { params })).name).toBe('three')
    expect((await client.call(getPreviousVersion, { params })).name).toBe('two')
    const first = { ...params, templateversionname: names[0] ?? '' }
    await expect(client.call(getPreviousVersion, { params: first })).rejects.toMatchObject({ status: 404 })
    const byName = { ...paramsOf(template), templateversionname: 'two' }
    expect((await client.call(getTemplateVersionByName, { params: byName })).name).toBe('two')
  })

  test('are renamed, but not to an existing name', async () => {
    const two = (await list())[1]?.id ?? ''
    const change = (body: object) => client.call(updateTemplateVersion, { params: versionParams(two), body })
    expect(await change({ message: 'better' })).toMatchObject({ name: 'two', message: 'better' })
    await expect(change({ name: 'three' })).rejects.toMatchObject({ status: 409, validations: [{ field: 'name' }] })
    await expect(change({ name: 'no way' })).rejects.toMatchObject({ status: 400, validations: [{ field: 'name' }] })
  })

  test('are archived when unused, and cannot be promoted then', async () => {
    const [first, two] = (await list()).map(({ id }) => id) as [string, string, string]
    const archive = (id: string) => client.call(archiveTemplateVersion, { params: versionParams(id) })
    await expect(archive(first)).rejects.toMatchObject({ status: 400, detail: expect.stringContaining('active') })
    await archive(two)
    await expect(archive(two)).rejects.toMatchObject({ status: 400 })
    expect((await list()).map(({ name }) => name)).not.toContain('two')
    expect((await list({ include_archived: true })).map(({ name }) => name)).toContain('two')
    const promote = () => client.call(promoteTemplateVersion, { params: paramsOf(template), body: { id: two } })
    await expect(promote()).rejects.toMatchObject({ status: 400 })
    const creation = client.call(createWorkspaceEndpoint, {
      params: { user: 'me' },
      body: { name: 'late', template_version_id: two },
    })
    await expect(creation).rejects.toMatchObject({ status: 400, validations: [{ field: 'template_version_id' }] })
    await client.call(unarchiveTemplateVersion, { params: versionParams(two) })
    await promote()
    expect((await client.call(getTemplate, { params: paramsOf(template) })).active_version_id).toBe(two)
  })

  test('of a template are archived together, except those in use', async () => {
    const workspace = await createWorkspace(client, template.id, 'holds-two')
    await waitForBuild(client, workspace.latest_build.id)
    const three = (await list()).find(({ name }) => name === 'three')?.id ?? ''
    await client.call(promoteTemplateVersion, { params: paramsOf(template), body: { id: three } })
    const failed = await importVersion(
      client,
      { 'main.tf': 'broken {' },
      { template_id: template.id, name: 'bad' },
    ).catch(() => 'failed')
    expect(failed).toBe('failed')
    const archive = (all: boolean) =>
      client.call(archiveTemplateVersions, { params: paramsOf(template), body: { all } })
    const onlyFailed = await archive(false)
    expect(onlyFailed.archived_ids).toHaveLength(1)
    const rest = await archive(true)
    expect(rest.template_id).toBe(template.id)
    expect((await list()).map(({ name }) => name)).toEqual(['two', 'three'])
  })

  test('without presets return null for presets and an empty list of legacy parameters', async () => {
    const params = versionParams(template.active_version_id)
    expect(await client.call(getTemplateVersionPresets, { params })).toBeNull()
    expect(await client.call(getLegacyParameters, { params })).toEqual([])
    await expect(client.call(cancelTemplateVersion, { params })).rejects.toMatchObject({ status: 400 })
  })
})

test('the organization lists the same template examples', async () => {
  const examples = await client.call(listTemplateExamplesOfOrganization, { params: { organization: 'default' } })
  expect(examples.map(({ id }) => id)).toContain('this-computer')
})

test('template examples are visible only to users who can read every template', async () => {
  const member = await server.createUser('no-author')
  const params = { organization: 'default' }
  await expect(member.client.call(listTemplateExamples)).rejects.toMatchObject({ status: 404 })
  const ofOrganization = member.client.call(listTemplateExamplesOfOrganization, { params })
  await expect(ofOrganization).rejects.toMatchObject({ status: 404 })
  await client.call(updateUserRoles, { params: { user: member.user.id }, body: { roles: ['auditor'] } })
  expect((await member.client.call(listTemplateExamples)).length).toBeGreaterThan(0)
})

test('a new template with an existing name is rejected with 409 before its version is checked', async () => {
  const { name, active_version_id: template_version_id } = await createTemplate(client, 'only-one', { 'main.tf': '' })
  const params = { organization: 'default' }
  const create = (body: { name: string; template_version_id: string }) =>
    client.call(createTemplateEndpoint, { params, body })
  await expect(create({ name: name.toUpperCase(), template_version_id })).rejects.toMatchObject({ status: 409 })
  await expect(create({ name: 'another', template_version_id })).rejects.toMatchObject({ status: 400 })
})
