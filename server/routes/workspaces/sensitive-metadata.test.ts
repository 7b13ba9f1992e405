// Sensitive metadata of resources: its value is for those who may open a terminal in the workspace.

import { afterAll, beforeAll, expect, test } from 'vitest'
import { createToken } from '../../../api/account/api-keys.ts'
import { updateUserRoles } from '../../../api/account/users.ts'
import type { Client } from '../../../api/client.ts'
import { getTemplateVersionResources } from '../../../api/templates/template-versions.ts'
import { getBuild, getBuildResources, type WorkspaceBuild } from '../../../api/workspaces/builds.ts'
import { getWorkspace, listWorkspaces } from '../../../api/workspaces/workspaces.ts'
import { startTestServer, type TestServer } from '../../testing/start-test-server.ts'
import { createTemplate, createWorkspace, expectSuccess, waitForBuild } from '../../testing/workspace-fixtures.ts'

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server.close())

const template = `
  resource "terraform_data" "machine" {}
  resource "coder_metadata" "machine" {
    resource_id = terraform_data.machine.id
    item {
      key   = "region"
      value = "Oslo"
    }
    item {
      key       = "password"
      value     = "hunter2"
      sensitive = true
    }
  }`

const valuesOf = (resources: WorkspaceBuild['resources']) =>
  resources.flatMap(({ metadata = [] }) => metadata.map(({ value }) => value)).sort()

test('only those who may open a terminal receive the value', async () => {
  const { id, active_version_id } = await createTemplate(server.client, 'metadata', { 'main.tf': template })
  const ada = await server.createUser('ada')
  const workspace = await createWorkspace(ada.client, id, 'dev')
  const build = await expectSuccess(ada.client, await waitForBuild(ada.client, workspace.latest_build.id))
  const admin = await server.createUser('admin')
  await server.client.call(updateUserRoles, { params: { user: admin.user.id }, body: { roles: ['template-admin'] } })
  const { key } = await ada.client.call(createToken, {
    params: { user: 'me' },
    body: { token_name: 'reader', scopes: ['workspace:read'] },
  })
  const read = async (client: Client) => [
    valuesOf((await client.call(getWorkspace, { params: { workspace: workspace.id } })).latest_build.resources),
    valuesOf((await client.call(getBuild, { params: { workspacebuild: build.id } })).resources),
    valuesOf(await client.call(getBuildResources, { params: { workspacebuild: build.id } })),
  ]
  const [shown, hidden] = [
    ['Oslo', 'hunter2'],
    ['', 'Oslo'],
  ]
  expect(await read(ada.client)).toEqual([shown, shown, shown])
  expect(await read(admin.client)).toEqual([hidden, hidden, hidden])
  expect(await read(server.clientWith(key))).toEqual([hidden, hidden, hidden])
  // Shared by all viewers.
  const { workspaces } = await ada.client.call(listWorkspaces, { query: {} })
  expect(valuesOf(workspaces[0]?.latest_build.resources ?? [])).toEqual(hidden)
  const imported = await admin.client.call(getTemplateVersionResources, {
    params: { templateversion: active_version_id },
  })
  expect(valuesOf(imported)).not.toContain('hunter2')
})
