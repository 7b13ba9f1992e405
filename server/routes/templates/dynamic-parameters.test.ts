// Dynamic parameters over REST and WebSocket, and their values in workspaces and dry runs.

import { once } from 'node:events'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import WebSocket from 'ws'
import { getUser, updateUserRoles } from '../../../api/account/users.ts'
import {
  createDryRun,
  type DynamicParametersResponse,
  evaluateDynamicParameters,
  followDryRunLogs,
  getDryRun,
  getDryRunLogs,
  getDryRunResources,
  openDynamicParameters,
} from '../../../api/templates/template-versions.ts'
import { promoteTemplateVersion, type Template } from '../../../api/templates/templates.ts'
import { createBuild, getBuildParameters } from '../../../api/workspaces/builds.ts'
import {
  resolveAutostart,
  updateWorkspaceAutomaticUpdates,
  updateWorkspaceAutostart,
} from '../../../api/workspaces/workspace-schedules.ts'
import { purgeDryRuns } from '../../autobuild/purge.ts'
import { startTestServer, type TestServer } from '../../testing/start-test-server.ts'
import {
  build,
  createTemplate,
  createWorkspace,
  importVersion,
  until,
  waitForBuild,
} from '../../testing/workspace-fixtures.ts'

const main = `
data "coder_workspace_owner" "me" {}
data "coder_parameter" "cloud" {
  name    = "cloud"
  default = "aws"
  order   = 1
  mutable = true
  option {
    name  = "AWS"
    value = "aws"
  }
  option {
    name  = "Hetzner"
    value = "hetzner"
  }
}
data "coder_parameter" "region" {
  count   = data.coder_parameter.cloud.value == "aws" ? 1 : 0
  name    = "region"
  default = "eu"
  order   = 2
  mutable = true
  styling = jsonencode({ placeholder = "near \${data.coder_workspace_owner.me.name}", color = "red" })
}
data "coder_parameter" "disk" {
  name    = "disk"
  type    = "number"
  default = 10
  order   = 3
  mutable = true
  validation {
    min       = 1
    max       = data.coder_parameter.cloud.value == "aws" ? 100 : 20
    monotonic = "increasing"
  }
}
data "coder_parameter" "size" {
  name  = "size"
  type    = "number"
  order   = 4
}
data "coder_parameter" "once" {
  name      = "once"
  default   = "no"
  order     = 5
  mutable   = true
  ephemeral = true
}
resource "terraform_data" "machine" {
  count = data.coder_workspace_owner.me.name == "" ? 0 : 1
  input = data.coder_parameter.size.value
}
`

let server: TestServer
let template: Template
beforeAll(async () => {
  server = await startTestServer()
  template = await createTemplate(server.client, 'dynamic', { 'main.tf': main })
})
afterAll(() => server.close())

const versionParams = () => ({ templateversion: template.active_version_id })

async function openSocket(query = {}, token = server.token) {
  const url = server.client.url(openDynamicParameters, { params: versionParams(), query })
  const socket = new WebSocket(url.replace(/^http/, 'ws'), { headers: { 'coder-session-token': token } })
  const frames: DynamicParametersResponse[] = []
  const waiters: ((frame: DynamicParametersResponse) => void)[] = []
  socket.on('message', (data) => {
    const frame = JSON.parse(String(data))
    const resolve = waiters.shift()
    if (resolve) resolve(frame)
    else frames.push(frame)
  })
  const next = async () =>
    frames.shift() ?? (await new Promise<DynamicParametersResponse>((resolve) => waiters.push(resolve)))
  return { socket, next, send: (frame: unknown) => socket.send(JSON.stringify(frame)) }
}

const namesIn = ({ parameters }: DynamicParametersResponse) => parameters.map(({ name }) => name)

describe('the socket', () => {
  test('sends an initial evaluation, and answers each request with its ID', async () => {
    const { socket, next, send } = await openSocket()
    const first = await next()
    const me = await server.client.call(getUser, { params: { user: 'me' } })
    expect(first.id).toBe(-1)
    expect(first.diagnostics).toEqual([])
    expect(namesIn(first)).toEqual(['cloud', 'region', 'disk', 'size', 'once'])
    expect(first.parameters[1]).toEqual({
      name: 'region',
      display_name: '',
      description: '',
      type: 'string',
      form_type: 'input',
      styling: { placeholder: `near ${me.username}` },
      mutable: true,
      default_value: { value: 'eu', valid: true },
      icon: '',
      options: [],
      validations: [],
      required: false,
      order: 2,
      ephemeral: false,
      value: { value: 'eu', valid: true },
      diagnostics: [],
    })
    expect(first.parameters[3]).toMatchObject({
      required: true,
      default_value: { value: '', valid: false },
      value: { value: '', valid: false },
      diagnostics: [{ severity: 'error', extra: { code: 'required' } }],
    })
    send({ id: 1, inputs: { cloud: 'hetzner', disk: '50' } })
    send({ id: 2, inputs: { cloud: 'aws', disk: '50', size: '4' } })
    const [second, third] = [await next(), await next()]
    expect([second.id, third.id]).toEqual([1, 2])
    expect(namesIn(second)).toEqual(['cloud', 'disk', 'size', 'once'])
    expect(second.parameters[1]?.validations[0]).toMatchObject({ validation_min: 1, validation_max: 20 })
    expect(second.parameters[1]?.diagnostics[0]?.detail).toContain('must be from 1 to 20')
    expect(third.parameters.flatMap(({ diagnostics }) => diagnostics)).toEqual([])
    socket.close()
    await once(socket, 'close')
  })

  test('evaluates for the owner of the workspace', async () => {
    const { user } = await server.createUser('grace')
    const { socket, next, send } = await openSocket({ user_id: user.id })
    expect((await next()).parameters[1]?.styling.placeholder).toBe('near grace')
    send({ id: 1, inputs: {}, owner_id: (await server.createUser('linus')).user.id })
    expect((await next()).parameters[1]?.styling.placeholder).toBe('near linus')
    send({ id: 2, inputs: {}, owner_id: '8a9f5a1e-0000-4000-8000-000000000001' })
    expect(await next()).toMatchObject({ id: 2, parameters: [], diagnostics: [{ severity: 'error' }] })
    socket.close()
    await once(socket, 'close')
  })

  test.each(['no json', '[]', '{"id":"x"}', '{"inputs":{"a":1}}', '{"owner_id":"me"}'])(
    'closes on the invalid message %s',
    async (text) => {
      const { socket, next } = await openSocket()
      await next()
      socket.send(text)
      const [code] = await once(socket, 'close')
      expect(code).toBe(1007)
    },
  )

  test('treats names of Object properties as parameter names', async () => {
    const { socket, next } = await openSocket()
    await next()
    socket.send('{"id":1,"inputs":{"__proto__":"x","constructor":"y","toString":"z"}}')
    expect((await next()).parameters[0]?.value).toEqual({ value: 'aws', valid: true })
    socket.close()
    await once(socket, 'close')
  })
})

test('a single evaluation over HTTP has the same result', async () => {
  const response = await server.client.call(evaluateDynamicParameters, {
    params: versionParams(),
    body: { id: 7, inputs: { cloud: 'hetzner' }, owner_id: '00000000-0000-0000-0000-000000000000' },
  })
  expect(response.id).toBe(7)
  expect(namesIn(response)).toEqual(['cloud', 'disk', 'size', 'once'])
})

test('a member can evaluate the parameters of a template they can use', async () => {
  const { client } = await server.createUser('member')
  const response = await client.call(evaluateDynamicParameters, { params: versionParams(), body: {} })
  expect(response.parameters[1]?.styling.placeholder).toBe('near member')
})

test('an error in the template is reported with its line', async () => {
  const broken = await importVersion(server.client, {
    'main.tf': `data "coder_parameter" "kind" {
  name    = "kind"
  default = "small"
}
data "coder_parameter" "size" {
  name  = "size"
  count = { small = 1 }[data.coder_parameter.kind.value]
}`,
  })
  const params = { templateversion: broken }
  const response = await server.client.call(evaluateDynamicParameters, { params, body: { inputs: { kind: 'large' } } })
  const problems = [...response.diagnostics, ...response.parameters.flatMap(({ diagnostics }) => diagnostics)]
  expect(problems).toMatchObject([{ detail: expect.stringMatching(/\(main\.tf:7:\d+\)$/) }])
  expect(problems[0]?.extra.in_full).toMatch(/\n {2}7: {3}count = .*\n +\^+\n/)
})

describe('a workspace', () => {
  test('is rejected with the name of each invalid parameter', async () => {
    const creation = createWorkspace(server.client, template.id, 'wrong', { cloud: 'hetzner', disk: '50' })
    await expect(creation).rejects.toMatchObject({
      status: 400,
      validations: [
        { field: 'disk', detail: expect.stringContaining('must be from 1 to 20') },
        { field: 'size', detail: expect.stringContaining('is required') },
      ],
    })
  })

  test('keeps its parameter values between builds, within the rules of the template', async () => {
    const workspace = await createWorkspace(server.client, template.id, 'right', { disk: '30', size: '2', once: 'yes' })
    const first = await waitForBuild(server.client, workspace.latest_build.id)
    expect(first.job.error).toBeUndefined()
    const valuesOf = async (id: string) =>
      Object.fromEntries(
        (await server.client.call(getBuildParameters, { params: { workspacebuild: id } })).map((p) => [
          p.name,
          p.value,
        ]),
      )
    expect(await valuesOf(first.id)).toEqual({ cloud: 'aws', region: 'eu', disk: '30', size: '2', once: 'yes' })
    const second = await build(server.client, workspace.id, 'start')
    expect(await valuesOf(second.id)).toMatchObject({ disk: '30', once: 'no' })
    const params = { workspace: workspace.id }
    const start = (values: Record<string, string>) =>
      server.client.call(createBuild, {
        params,
        body: {
          transition: 'start',
          rich_parameter_values: Object.entries(values).map(([name, value]) => ({ name, value })),
        },
      })
    await expect(start({ disk: '20' })).rejects.toMatchObject({ validations: [{ field: 'disk' }] })
    await expect(start({ size: '3' })).rejects.toMatchObject({
      validations: [{ field: 'size', detail: expect.stringContaining('Its value is "2"') }],
    })
    const third = await waitForBuild(server.client, (await start({ disk: '40', nonsense: 'x' })).id)
    expect(await valuesOf(third.id)).toEqual({ cloud: 'aws', region: 'eu', disk: '40', size: '2', once: 'no' })
  })
})

test('autostart reports a mismatch when a new version rejects the parameter values', async () => {
  const own = await createTemplate(server.client, 'follows', { 'main.tf': '' })
  const workspace = await createWorkspace(server.client, own.id, 'follower')
  await waitForBuild(server.client, workspace.latest_build.id)
  const params = { workspace: workspace.id }
  await server.client.call(updateWorkspaceAutostart, { params, body: { schedule: 'CRON_TZ=UTC 0 9 * * *' } })
  await server.client.call(updateWorkspaceAutomaticUpdates, { params, body: { automatic_updates: 'always' } })
  const promote = async (text: string) => {
    const id = await importVersion(server.client, { 'main.tf': text }, { template_id: own.id })
    await server.client.call(promoteTemplateVersion, { params: { template: own.id }, body: { id } })
    return (await server.client.call(resolveAutostart, { params })).parameter_mismatch
  }
  expect(await promote('data "coder_parameter" "a" {\n  name = "a"\n}')).toBe(true)
  expect(await promote('data "coder_parameter" "a" {\n  name = "a"\n  default = "x"\n}')).toBe(false)
})

describe('a dry run', () => {
  const startDryRun = (values: Record<string, string>) =>
    server.client.call(createDryRun, {
      params: versionParams(),
      body: {
        workspace_name: 'tried',
        rich_parameter_values: Object.entries(values).map(([name, value]) => ({ name, value })),
      },
    })
  const waitForDryRun = async (jobID: string) =>
    until('the dry run to end', async () => {
      const job = await server.client.call(getDryRun, { params: { ...versionParams(), jobID } })
      return job.completed_at !== undefined && job
    })

  test('returns the planned resources without creating them', async () => {
    const started = await startDryRun({ size: '2' })
    expect(started).toMatchObject({
      type: 'template_version_dry_run',
      input: { template_version_id: template.active_version_id },
    })
    expect((await waitForDryRun(started.id)).status).toBe('succeeded')
    const params = { ...versionParams(), jobID: started.id }
    const resources = await server.client.call(getDryRunResources, { params })
    expect(resources.map(({ type, name, workspace_transition }) => [type, name, workspace_transition])).toEqual([
      ['terraform_data', 'machine', 'start'],
    ])
    const lines = await server.client.call(getDryRunLogs, { params })
    expect(lines.at(-1)?.output).toBe('Done.')
    const following = await fetch(server.client.url(followDryRunLogs, { params, query: { follow: 'true' } }), {
      headers: { 'coder-session-token': server.token },
    })
    expect(following.status).toBe(426)
  })

  test('is deleted after several days', async () => {
    const { id } = await waitForDryRun((await startDryRun({ size: '2' })).id)
    expect(await purgeDryRuns(server.context.db, new Date())).toBe(0)
    const later = new Date(Date.now() + 8 * 24 * 60 * 60_000)
    expect(await purgeDryRuns(server.context.db, later)).toBeGreaterThan(0)
    const params = { ...versionParams(), jobID: id }
    await expect(server.client.call(getDryRun, { params })).rejects.toMatchObject({ status: 404 })
  })

  test('fails like a build', async () => {
    const job = await waitForDryRun((await startDryRun({})).id)
    expect(job).toMatchObject({ status: 'failed', error: expect.stringContaining('Missing parameter value') })
  })

  test('is visible to its initiator and to template admins', async () => {
    const { client } = await server.createUser('stranger')
    const params = { ...versionParams(), jobID: (await startDryRun({ size: '2' })).id }
    await expect(client.call(getDryRun, { params })).rejects.toMatchObject({ status: 404 })
    const admin = await server.createUser('gardener')
    const body = { roles: ['template-admin'] }
    await server.client.call(updateUserRoles, { params: { user: 'gardener' }, body })
    expect((await admin.client.call(getDryRun, { params })).id).toBe(params.jobID)
  })
})
