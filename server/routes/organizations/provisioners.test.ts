// Provisioner daemons, keys and jobs, the tags that route jobs, and external accounts.

import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { exchangeExternalAuthDevice, getExternalAuth, listExternalAuths } from '../../../api/account/external-auth.ts'
import { zeroUuid } from '../../../api/common.ts'
import {
  getProvisionerJob,
  listProvisionerDaemons,
  listProvisionerJobs,
} from '../../../api/organizations/provisioner-daemons.ts'
import {
  createProvisionerKey,
  deleteProvisionerKey,
  getProvisionerKey,
  listDaemonsByKey,
  listProvisionerKeys,
} from '../../../api/organizations/provisioner-keys.ts'
import { tarType, uploadFile } from '../../../api/templates/files.ts'
import {
  cancelTemplateVersion,
  createDryRun,
  createTemplateVersion,
  evaluateDynamicParameters,
  getRichParameters,
  getTemplateVersion,
  getTemplateVersionResources,
  getTemplateVersionVariables,
} from '../../../api/templates/template-versions.ts'
import { type Template, updateTemplate } from '../../../api/templates/templates.ts'
import { getBuild, getBuildResources } from '../../../api/workspaces/builds.ts'
import { packTar } from '../../archives/archive.ts'
import { rawRequest, webSocketHeaders } from '../../testing/raw-request.ts'
import { startTestServer, type TestServer } from '../../testing/start-test-server.ts'
import { createTemplate, createWorkspace, until, waitForBuild } from '../../testing/workspace-fixtures.ts'

let server: TestServer
let template: Template
const params = { organization: 'default' }
const main = `
data "coder_parameter" "zone" {
  name    = "zone"
  default = ""
  mutable = true
}
data "coder_workspace_tags" "here" {
  tags = data.coder_parameter.zone.value == "" ? {} : { zone = data.coder_parameter.zone.value }
}`

beforeAll(async () => {
  server = await startTestServer()
  template = await createTemplate(server.client, 'routed', { 'main.tf': main })
})
afterAll(() => server.close())

const upload = async (text: string) =>
  (
    await server.client.call(uploadFile, {
      bytes: { type: tarType, data: await packTar([['main.tf', Buffer.from(text)]]) },
    })
  ).hash

const importVersion = async (text: string, settings: object = {}) =>
  server.client.call(createTemplateVersion, {
    params,
    body: { storage_method: 'file', provisioner: 'terraform', file_id: await upload(text), ...settings },
  })

describe('jobs', () => {
  test('are listed newest first with their metadata, and filtered', async () => {
    const workspace = await createWorkspace(server.client, template.id, 'plain')
    const build = await waitForBuild(server.client, workspace.latest_build.id)
    expect(build.matched_provisioners).toEqual({ count: 0, available: 0, most_recently_seen: null })
    const list = (query = {}) => server.client.call(listProvisionerJobs, { params, query })
    const [newest] = await list({ limit: 1 })
    expect(newest).toMatchObject({
      id: workspace.latest_build.job.id,
      type: 'workspace_build',
      status: 'succeeded',
      metadata: {
        template_name: 'routed',
        workspace_name: 'plain',
        workspace_id: workspace.id,
      },
    })
    expect(newest).not.toHaveProperty('available_workers')
    expect((await list({ status: 'failed,canceled' })).length).toBe(0)
    expect((await list({ ids: newest?.id })).map(({ id }) => id)).toEqual([newest?.id])
    expect((await list({ initiator: 'me' })).length).toBeGreaterThan(1)
    expect((await list({ initiator: newest?.initiator_id })).length).toBeGreaterThan(1)
    expect((await list({ initiator: '' })).length).toBeGreaterThan(1)
    expect(await list({ initiator: randomUUID() })).toEqual([])
    expect((await list({ tags: '{"scope":"organization"}' })).length).toBeGreaterThan(1)
    expect((await list({ tags: '{"scope":"user"}' })).length).toBe(0)
    const job = await server.client.call(getProvisionerJob, { params: { ...params, job: newest?.id ?? '' } })
    expect(job.metadata.template_name).toBe('routed')
  })

  test.each([
    [{ ids: 'x' }, 'ids'],
    [{ status: 'done' }, 'status'],
    [{ tags: '[1]' }, 'tags'],
    [{ tags: '{' }, 'tags'],
    [{ initiator: 'nobody' }, 'initiator'],
    [{ limit: '-1' }, 'limit'],
    [{ offset: '1' }, 'offset'],
  ])('the filter %j is rejected with the field', async (query, field) => {
    const response = await fetch(
      `${server.url}/api/v2/organizations/default/provisionerjobs?${new URLSearchParams(query as Record<string, string>)}`,
      { headers: { 'coder-session-token': server.token } },
    )
    expect(response.status).toBe(400)
    expect(await response.json()).toMatchObject({ validations: [{ field }] })
  })

  test('are hidden from members', async () => {
    const { client } = await server.createUser('bystander')
    await expect(client.call(listProvisionerJobs, { params })).rejects.toMatchObject({ status: 404 })
  })
})

describe('tags', () => {
  test('leave a job pending until a matching daemon exists, and the response reports that there is none', async () => {
    const version = await importVersion('', { tags: { gpu: 'yes' } })
    expect(version.template_id).toBe(zeroUuid)
    expect(version.matched_provisioners).toMatchObject({ count: 0, available: 0, most_recently_seen: null })
    expect(version.job).toMatchObject({ status: 'pending', tags: { gpu: 'yes', scope: 'organization', owner: '' } })
    const id = { templateversion: version.id }
    await expect(server.client.call(getRichParameters, { params: id })).rejects.toMatchObject({ status: 425 })
    await expect(server.client.call(evaluateDynamicParameters, { params: id, body: {} })).rejects.toMatchObject({
      status: 425,
    })
    await expect(server.client.call(createDryRun, { params: id, body: {} })).rejects.toMatchObject({ status: 425 })
    const form = await rawRequest(server.url, {
      path: `/api/v2/templateversions/${version.id}/dynamic-parameters`,
      headers: { ...webSocketHeaders, 'coder-session-token': server.token },
    })
    expect(form.status).toBe(425)
    await expect(server.client.call(getTemplateVersionResources, { params: id })).rejects.toMatchObject({ status: 412 })
    const [job] = await server.client.call(listProvisionerJobs, { params, query: { status: 'pending' } })
    expect(job).toMatchObject({ id: version.job.id, available_workers: [], queue_position: 1, queue_size: 1 })
    await server.client.call(cancelTemplateVersion, { params: id })
    expect((await server.client.call(getTemplateVersion, { params: id })).job.status).toBe('canceled')
  })

  test('computed from parameters route the build', async () => {
    const workspace = await createWorkspace(server.client, template.id, 'far', { zone: 'moon' })
    expect(workspace.latest_build.job).toMatchObject({ status: 'pending', tags: { zone: 'moon' } })
    const build = await server.client.call(getBuild, { params: { workspacebuild: workspace.latest_build.id } })
    expect(build.matched_provisioners?.count).toBe(0)
    const seen = new Date()
    await server.context.db
      .insertInto('provisioner_daemons')
      .values({
        name: 'on-the-moon',
        tags: JSON.stringify({ scope: 'organization', owner: '', zone: 'moon' }),
        last_seen_at: seen,
        organization_id: workspace.organization_id,
      })
      .execute()
    const next = await createWorkspace(server.client, template.id, 'farther', { zone: 'moon' })
    expect(next.latest_build.matched_provisioners).toEqual({
      count: 1,
      available: 1,
      most_recently_seen: seen.toISOString(),
    })
    await expect(server.client.call(getBuildResources, { params: { workspacebuild: build.id } })).rejects.toMatchObject(
      { status: 400, message: "Job hasn't completed!" },
    )
  })
})

describe('an import', () => {
  const tagged = `
variable "site" {
  default = "here"
}
data "coder_parameter" "gpu" {
  name    = "gpu"
  default = "small"
}
data "coder_workspace_tags" "wanted" {
  tags = { site = var.site, gpu = data.coder_parameter.gpu.value }
}`

  test('is routed by the tags of the template, evaluated with the variables of the request and parameter defaults', async () => {
    const version = await importVersion(tagged, { user_variable_values: [{ name: 'site', value: 'far' }] })
    expect(version.job).toMatchObject({ status: 'pending', tags: { site: 'far', gpu: 'small', scope: 'organization' } })
    expect(version.matched_provisioners).toMatchObject({ count: 0 })
    const named = await importVersion(tagged, { tags: { gpu: 'large' } })
    expect(named.job.tags).toMatchObject({ site: 'here', gpu: 'large' })
    for (const { id } of [version, named])
      await server.client.call(cancelTemplateVersion, { params: { templateversion: id } })
  })

  test('of an unreadable template is accepted, and the job fails with the reason', async () => {
    const version = await importVersion(`${tagged}\nlocals {`)
    const job = await until('the import to end', async () => {
      const now = await server.client.call(getTemplateVersion, { params: { templateversion: version.id } })
      return now.job.completed_at !== undefined && now.job
    })
    expect(job).toMatchObject({ status: 'failed', tags: { scope: 'organization', owner: '' } })
    expect(job.error).toContain('main.tf')
  })
})

test('tags computed by a template with classic parameters route its builds', async () => {
  await server.client.call(updateTemplate, {
    params: { template: template.id },
    body: { use_classic_parameter_flow: true },
  })
  const workspace = await createWorkspace(server.client, template.id, 'classic', { zone: 'sun' })
  expect(workspace.latest_build.job).toMatchObject({ status: 'pending', tags: { zone: 'sun' } })
})

test('an import without required variables reports them', async () => {
  const version = await importVersion(
    'variable "token" {\n  sensitive = true\n}\nvariable "size" {\n  default = "s"\n}',
  )
  const id = { templateversion: version.id }
  const { job } = await until('the import to end', async () => {
    const now = await server.client.call(getTemplateVersion, { params: id })
    return now.job.completed_at !== undefined && now
  })
  expect(job).toMatchObject({ status: 'failed', error_code: 'REQUIRED_TEMPLATE_VARIABLES' })
  const variables = await server.client.call(getTemplateVersionVariables, { params: id })
  expect(variables.map(({ name, required, sensitive }) => [name, required, sensitive])).toEqual([
    ['size', false, false],
    ['token', true, true],
  ])
})

test('keys of external daemons are created, returned once, listed and deleted', async () => {
  const list = () => server.client.call(listProvisionerKeys, { params })
  const create = (name: string) =>
    server.client.call(createProvisionerKey, { params, body: { name, tags: { zone: 'far' } } })
  const { key } = await create('far-away')
  expect(await list()).toMatchObject([{ name: 'far-away', tags: { zone: 'far' } }])
  expect(JSON.stringify(await list())).not.toContain(key)
  const found = await server.clientWith(undefined).call(getProvisionerKey, { params: { provisionerkey: key } })
  expect(found).toEqual((await list())[0])
  await expect(server.client.call(getProvisionerKey, { params: { provisionerkey: 'guessed' } })).rejects.toMatchObject({
    status: 404,
  })
  await expect(create('FAR-away')).rejects.toMatchObject({ status: 409, validations: [{ field: 'name' }] })
  for (const name of ['built-in', 'user-auth', 'psk', ''])
    await expect(create(name)).rejects.toMatchObject({ status: 400, validations: [{ field: 'name' }] })
  const byKey = await server.client.call(listDaemonsByKey, { params })
  expect(byKey.map(({ key: { name } }) => name)).toEqual(['built-in', 'far-away'])
  const { client } = await server.createUser('keyless')
  await expect(client.call(createProvisionerKey, { params, body: { name: 'mine' } })).rejects.toMatchObject({
    status: 403,
  })
  const named = { params: { organization: 'default', provisionerkey: 'far-away' } }
  await server.client.call(deleteProvisionerKey, named)
  await expect(server.client.call(deleteProvisionerKey, named)).rejects.toMatchObject({ status: 404 })
  expect(await list()).toEqual([])
})

test('daemons are listed with their tags and last job, and filtered', async () => {
  const workspace = await createWorkspace(server.client, template.id, 'last')
  await waitForBuild(server.client, workspace.latest_build.id)
  const list = (query = {}) => server.client.call(listProvisionerDaemons, { params, query })
  const all = await list()
  expect(all.length).toBeGreaterThan(0)
  expect(all.some(({ previous_job }) => previous_job?.template_name === 'routed')).toBe(true)
  expect((await list({ ids: all[0]?.id })).length).toBe(1)
  expect((await list({ status: 'offline' })).length).toBe(0)
  expect((await list({ tags: '{"gpu":"yes"}' })).length).toBe(0)
  await expect(list({ status: 'sleepy' })).rejects.toMatchObject({ validations: [{ field: 'status' }] })
})

test('an offline daemon is listed on request, up to the given age', async () => {
  const { db } = server.context
  const [away] = await server.client.call(listProvisionerDaemons, { params, query: {} })
  const { id: _id, ...row } = await db
    .selectFrom('provisioner_daemons')
    .selectAll()
    .where('id', '=', away?.id ?? '')
    .executeTakeFirstOrThrow()
  const gone = { name: 'gone', tags: JSON.stringify(row.tags), last_seen_at: new Date(Date.now() - 2 * 3_600_000) }
  await db
    .insertInto('provisioner_daemons')
    .values({ ...row, ...gone } as never)
    .execute()
  const names = async (query = {}) =>
    (await server.client.call(listProvisionerDaemons, { params, query })).map(({ name }) => name)
  expect(await names()).not.toContain('gone')
  expect(await names({ status: 'offline' })).toEqual(['gone'])
  expect(await names({ offline: true, max_age: '3h0m0s' })).toContain('gone')
  expect(await names({ offline: true, max_age: '1h30m0s' })).not.toContain('gone')
  await expect(names({ max_age: 'long' })).rejects.toMatchObject({ validations: [{ field: 'max_age' }] })
  await db.deleteFrom('provisioner_daemons').where('name', '=', 'gone').execute()
})

test('no external account exists', async () => {
  expect(await server.client.call(listExternalAuths)).toEqual({ providers: [], links: [] })
  const github = { externalauth: 'github' }
  await expect(server.client.call(getExternalAuth, { params: github })).rejects.toMatchObject({
    status: 404,
    detail: expect.stringContaining('External accounts'),
  })
  await expect(server.client.call(exchangeExternalAuthDevice, { params: github, body: {} })).rejects.toMatchObject({
    status: 404,
  })
})

test('an upload of a hostile archive is rejected with the name of the entry', async () => {
  const data = await packTar([
    ['main.tf', Buffer.from('')],
    ['../evil.tf', Buffer.from('')],
  ])
  await expect(server.client.call(uploadFile, { bytes: { type: tarType, data } })).rejects.toMatchObject({
    status: 400,
    detail: expect.stringContaining('"../evil.tf"'),
  })
  const zip = { type: 'application/zip' as const, data: Buffer.from('PK nonsense') }
  await expect(server.client.call(uploadFile, { bytes: zip })).rejects.toMatchObject({ status: 400 })
})
