// Workspace builds with the real engine: start, stop, deletion, and failures.

import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { tarType, uploadFile } from '../../api/templates/files.ts'
import {
  createTemplateVersion,
  getRichParameters,
  getTemplateVersion,
  getTemplateVersionLogs,
} from '../../api/templates/template-versions.ts'
import {
  createBuild,
  getBuildLogs,
  getBuildParameters,
  getBuildTimings,
  type WorkspaceBuild,
} from '../../api/workspaces/builds.ts'
import {
  createWorkspace as createWorkspaceEndpoint,
  getWorkspace,
  listWorkspaces,
} from '../../api/workspaces/workspaces.ts'
import { packTar } from '../archives/archive.ts'
import { startTestServer, type TestServer } from '../testing/start-test-server.ts'
import {
  build,
  createTemplate,
  createWorkspace,
  expectSuccess,
  until,
  waitForBuild,
} from '../testing/workspace-fixtures.ts'

let server: TestServer
let folder: string
beforeAll(async () => {
  server = await startTestServer()
  folder = mkdtempSync(join(tmpdir(), 'lifecycle-'))
})
afterAll(async () => {
  await server.close()
  rmSync(folder, { recursive: true })
})

/** Creates a file while the workspace runs, so that tests can check for resources without the state. */
const markerTemplate = `
terraform {
  required_providers {
    coder = { source = "coder/coder" }
  }
}
data "coder_workspace" "me" {}
data "coder_parameter" "marker" {
  name    = "marker"
  mutable = false
}
data "coder_parameter" "size" {
  name    = "size"
  type    = "number"
  default = 1
  mutable = true
  validation {
    min = 1
    max = 4
  }
}
resource "terraform_data" "marker" {
  count = data.coder_workspace.me.start_count
  input = data.coder_parameter.marker.value
  provisioner "local-exec" {
    command = "echo \${data.coder_parameter.size.value} > '\${self.input}'"
  }
  provisioner "local-exec" {
    when    = destroy
    command = "rm '\${self.input}'"
  }
}
`

async function readLog(buildId: string): Promise<string> {
  const lines = await server.client.call(getBuildLogs, { params: { workspacebuild: buildId } })
  return lines.map(({ output }) => output).join('\n')
}

async function start(templateId: string, name: string, parameters: Record<string, string>): Promise<WorkspaceBuild> {
  const { latest_build } = await createWorkspace(server.client, templateId, name, parameters)
  return expectSuccess(server.client, await waitForBuild(server.client, latest_build.id))
}

test('a workspace is started, stopped and deleted with its resources', async () => {
  const template = await createTemplate(server.client, 'marker', { 'main.tf': markerTemplate })
  const marker = join(folder, 'marker')
  const started = await start(template.id, 'otter', { marker, size: '3' })
  expect(started).toMatchObject({ status: 'running', build_number: 1, transition: 'start' })
  expect(started.resources).toMatchObject([{ type: 'terraform_data', name: 'marker', workspace_transition: 'start' }])
  expect(readFileSync(marker, 'utf8')).toBe('3\n')

  const log = await readLog(started.id)
  expect(log).toContain('embedded engine')
  expect(log).toContain('terraform_data.marker')
  const timings = await server.client.call(getBuildTimings, { params: { workspacebuild: started.id } })
  expect(timings.provisioner_timings.map(({ resource }) => resource)).toContain('terraform_data.marker[0]')
  expect(new Set(timings.provisioner_timings.map(({ stage }) => stage))).toEqual(
    new Set(['init', 'plan', 'apply', 'graph']),
  )
  // Coder's dashboard rejects spans of zero length.
  for (const { started_at, ended_at } of timings.provisioner_timings)
    expect(Date.parse(ended_at)).toBeGreaterThan(Date.parse(started_at))

  const stopped = await build(server.client, started.workspace_id, 'stop')
  expect(stopped.status).toBe('stopped')
  expect(stopped.resources).toEqual([])
  expect(existsSync(marker)).toBe(false)

  const again = await build(server.client, started.workspace_id, 'start')
  expect(readFileSync(marker, 'utf8')).toBe('3\n')
  expect(await server.client.call(getBuildParameters, { params: { workspacebuild: again.id } })).toEqual([
    { name: 'marker', value: marker },
    { name: 'size', value: '3' },
  ])

  await build(server.client, started.workspace_id, 'delete')
  expect(existsSync(marker)).toBe(false)
  await expect(server.client.call(getWorkspace, { params: { workspace: started.workspace_id } })).rejects.toMatchObject(
    { status: 410 },
  )
  // The name can be used again.
  const { latest_build } = await createWorkspace(server.client, template.id, 'otter', { marker })
  await waitForBuild(server.client, latest_build.id)
})

test('invalid parameters are reported by name before a build starts', async () => {
  const template = await createTemplate(server.client, 'parameters', { 'main.tf': markerTemplate })
  const create = (parameters: Record<string, string>) =>
    createWorkspace(server.client, template.id, 'heron', parameters)
  await expect(create({})).rejects.toMatchObject({ status: 400, validations: [{ field: 'marker' }] })
  await expect(create({ marker: 'x', size: '9' })).rejects.toMatchObject({
    status: 400,
    validations: [{ field: 'size' }],
  })
  const marker = join(folder, 'heron')
  const started = await start(template.id, 'heron', { marker })
  await expect(create({ marker })).rejects.toMatchObject({ status: 409, validations: [{ field: 'name' }] })
  await expect(
    server.client.call(createBuild, {
      params: { workspace: started.workspace_id },
      body: { transition: 'start', rich_parameter_values: [{ name: 'marker', value: 'elsewhere' }] },
    }),
  ).rejects.toMatchObject({ status: 400, validations: [{ field: 'marker' }] })
  await build(server.client, started.workspace_id, 'delete')
})

test('a build that fails halfway keeps its resources, and a deletion removes them', async () => {
  const template = await createTemplate(server.client, 'halfway', {
    'main.tf': `${markerTemplate}
resource "terraform_data" "broken" {
  depends_on = [terraform_data.marker]
  provisioner "local-exec" {
    command = "echo the disk is full >&2; exit 3"
  }
}
`,
  })
  const marker = join(folder, 'halfway')
  const { id, latest_build } = await createWorkspace(server.client, template.id, 'halfway', { marker })
  const failed = await waitForBuild(server.client, latest_build.id)
  expect(failed.job.status).toBe('failed')
  expect(failed.job.error).toContain('main.tf:')
  expect(await readLog(failed.id)).toContain('the disk is full')
  expect(existsSync(marker)).toBe(true)
  await build(server.client, id, 'delete')
  expect(existsSync(marker)).toBe(false)
})

async function importFailing(main: string) {
  const data = await packTar([['main.tf', Buffer.from(main)]])
  const { hash } = await server.client.call(uploadFile, { bytes: { type: tarType, data } })
  const { id } = await server.client.call(createTemplateVersion, {
    params: { organization: 'default' },
    body: { storage_method: 'file', file_id: hash, provisioner: 'terraform' },
  })
  const params = { templateversion: id }
  const version = await until('the import to complete', async () => {
    const now = await server.client.call(getTemplateVersion, { params })
    return now.job.completed_at !== undefined && now
  })
  const lines = await server.client.call(getTemplateVersionLogs, { params })
  const errors = lines.filter(({ log_level }) => log_level === 'error').map(({ output }) => output)
  return { version, errors: errors.join('\n') }
}

test.each([
  ['a syntax error', 'resource "terraform_data" "x" {\n  input = = 1\n}\n', '2:'],
  ['an unknown resource', 'resource "terraform_dat" "x" {\n}\n', '1:'],
  ['a cycle', 'locals {\n  a = local.b\n  b = local.a\n}\n', 'main.tf'],
  ['an unknown reference', 'output "x" {\n  value = terraform_data.missing.id\n}\n', '2:'],
])('%s is reported with file, line and caret', async (_name, main, line) => {
  const { version, errors } = await importFailing(main)
  expect(version.job.status).toBe('failed')
  expect(version.job.error).toContain('main.tf')
  expect(errors).toContain(`main.tf${line === 'main.tf' ? '' : `:${line}`}`)
  expect(errors).toMatch(/\^/)
})

test('an import without a value for a required variable reports its name', async () => {
  const { version } = await importFailing('variable "region" {\n  type = string\n}\n')
  expect(version.job).toMatchObject({
    status: 'failed',
    error_code: 'REQUIRED_TEMPLATE_VARIABLES',
    error: expect.stringContaining('region'),
  })
})

test('a member cannot use a template with host access', async () => {
  const template = await createTemplate(server.client, 'mine', { 'main.tf': markerTemplate })
  const { client } = await server.createUser('grace')
  const body = { name: 'nope', template_id: template.id, rich_parameter_values: [{ name: 'marker', value: 'x' }] }
  await expect(client.call(createWorkspaceEndpoint, { params: { user: 'me' }, body })).rejects.toMatchObject({
    status: 403,
  })
  await expect(server.client.call(createWorkspaceEndpoint, { params: { user: 'grace' }, body })).rejects.toMatchObject({
    status: 403,
  })
})

test('a list contains the visible workspaces that match the query, running ones first', async () => {
  const template = await createTemplate(server.client, 'empty', { 'main.tf': 'data "coder_workspace" "me" {}\n' })
  const member = await server.createUser('hopper')
  const create = async (client: typeof member.client, name: string) => {
    const { id, latest_build } = await createWorkspace(client, template.id, name)
    await waitForBuild(client, latest_build.id)
    return id
  }
  const stopped = await create(member.client, 'alpha')
  await create(member.client, 'beta')
  const foreign = await create(server.client, 'gamma')
  await build(member.client, stopped, 'stop')
  const names = async (q: string, client = member.client, page = {}) => {
    const { workspaces, count } = await client.call(listWorkspaces, { query: { q, ...page } })
    return { names: workspaces.map(({ name }) => name), count }
  }
  expect(await names('')).toEqual({ names: ['beta', 'alpha'], count: 2 })
  expect(await names('', member.client, { limit: 1, offset: 1 })).toEqual({ names: ['alpha'], count: 2 })
  expect((await names('status:stopped')).names).toEqual(['alpha'])
  expect((await names('eta')).names).toEqual(['beta'])
  expect((await names('owner:me template:empty', server.client)).names).toEqual(['gamma'])
  expect((await names('hopper/alpha', server.client)).names).toEqual(['alpha'])
  await expect(names('color:red')).rejects.toMatchObject({ status: 400, validations: [{ field: 'color' }] })
  await expect(member.client.call(getWorkspace, { params: { workspace: foreign } })).rejects.toMatchObject({
    status: 404,
  })
})

test('the parameters of an import are listed in order', async () => {
  const template = await createTemplate(server.client, 'shown', { 'main.tf': markerTemplate })
  const parameters = await server.client.call(getRichParameters, {
    params: { templateversion: template.active_version_id },
  })
  expect(parameters).toMatchObject([
    { name: 'marker', required: true, mutable: false, type: 'string' },
    { name: 'size', required: false, default_value: '1', validation_min: 1, validation_max: 4 },
  ])
})

test('identical templates share a file', async () => {
  const first = await createTemplate(server.client, 'twice-a', { 'main.tf': 'data "coder_workspace" "me" {}\n' })
  const second = await createTemplate(server.client, 'twice-b', { 'main.tf': 'data "coder_workspace" "me" {}\n' })
  const [a, b] = await Promise.all(
    [first, second].map(({ active_version_id }) =>
      server.client.call(getTemplateVersion, { params: { templateversion: active_version_id } }),
    ),
  )
  expect(a?.job.file_id).toBe(b?.job.file_id)
})
