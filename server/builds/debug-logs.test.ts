// Builds with the log level "debug": they log the steps of the engine, and require permission to change the template.

import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Client } from '../../api/client.ts'
import { createTemplate as createTemplateEndpoint } from '../../api/templates/templates.ts'
import { createBuild, getBuildLogs } from '../../api/workspaces/builds.ts'
import { startTestServer, type TestServer } from '../testing/start-test-server.ts'
import { createWorkspace, expectSuccess, importVersion, waitForBuild } from '../testing/workspace-fixtures.ts'

let server: TestServer
let templateId: string
const secret = 'correct horse battery'
beforeAll(async () => {
  server = await startTestServer()
  const more = { user_variable_values: [{ name: 'token', value: secret }] }
  const version = await importVersion(server.client, { 'main.tf': template, 'a.auto.tfvars': 'zone = "b"\n' }, more)
  const params = { organization: 'default' }
  const body = { name: 'steps', template_version_id: version }
  templateId = (await server.client.call(createTemplateEndpoint, { params, body })).id
})
afterAll(async () => server.close())

const template = `
variable "token" {
  sensitive = true
}
variable "zone" {
  default = "a"
}
variable "size" {
  default = 1
}
data "coder_workspace" "me" {}
data "coder_parameter" "color" {
  name    = "color"
  default = "red"
}
locals {
  label = "\${data.coder_parameter.color.value}-\${var.zone}"
}
resource "terraform_data" "box" {
  count = data.coder_workspace.me.start_count
  input = "\${local.label}-\${var.token}"
}
`

async function readLog(client: Client, buildId: string) {
  const build = await expectSuccess(client, await waitForBuild(client, buildId))
  return await client.call(getBuildLogs, { params: { workspacebuild: build.id } })
}

const startWithDebugLog = (client: Client, workspaceId: string) =>
  client.call(createBuild, {
    params: { workspace: workspaceId },
    body: { transition: 'start', log_level: 'debug' },
  })

test('a build with the log level "debug" logs its steps, and other builds do not', async () => {
  const workspace = await createWorkspace(server.client, templateId, 'otter')
  const normal = await readLog(server.client, workspace.latest_build.id)
  expect(normal.filter(({ log_level }) => log_level === 'debug')).toEqual([])

  const { id } = await startWithDebugLog(server.client, workspace.id)
  const lines = await readLog(server.client, id)
  const steps = lines.filter(({ log_level }) => log_level === 'debug').map(({ output }) => output)
  expect(steps).toEqual(
    expect.arrayContaining([
      'var.token: from the template version',
      'var.zone: from a.auto.tfvars',
      'var.size: default',
      expect.stringMatching(/^local\.label: done in [\d.]+ ms, after .*data\.coder_parameter\.color/),
      expect.stringMatching(/^provider coder: read data\.coder_workspace\.me took [\d.]+ ms$/),
      expect.stringMatching(/^terraform_data\.box: done in/),
      expect.stringMatching(/^state: terraform_data\.box, 1 instance$/),
    ]),
  )
  expect(lines.map(({ output }) => output).join('\n')).not.toContain(secret)

  const { id: next } = await server.client.call(createBuild, {
    params: { workspace: workspace.id },
    body: { transition: 'stop' },
  })
  expect((await readLog(server.client, next)).filter(({ log_level }) => log_level === 'debug')).toEqual([])
})

test('a debug build is rejected without permission to change the template', async () => {
  const ada = await server.createUser('ada')
  const workspace = await createWorkspace(ada.client, templateId, 'heron')
  await readLog(ada.client, workspace.latest_build.id)
  await expect(startWithDebugLog(ada.client, workspace.id)).rejects.toMatchObject({ status: 403 })
  const { id, build_number } = await ada.client.call(createBuild, {
    params: { workspace: workspace.id },
    body: { transition: 'stop' },
  })
  expect(build_number).toBe(2)
  await readLog(ada.client, id)
})

test('a deployment can disable debug builds', async () => {
  const other = await startTestServer({ enableTerraformDebugMode: 'false' })
  try {
    const version = await importVersion(other.client, { 'main.tf': 'data "coder_workspace" "me" {}\n' })
    const body = { name: 'empty', template_version_id: version }
    const { id } = await other.client.call(createTemplateEndpoint, { params: { organization: 'default' }, body })
    const workspace = await createWorkspace(other.client, id, 'lynx')
    await waitForBuild(other.client, workspace.latest_build.id)
    await expect(startWithDebugLog(other.client, workspace.id)).rejects.toMatchObject({
      status: 400,
      validations: [{ field: 'log_level' }],
    })
  } finally {
    await other.close()
  }
})
