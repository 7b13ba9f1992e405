// Other users than deployment owners do not reach the computer of the deployment: not through template functions, other
// versions, injected state or shares.

import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { updateUserRoles } from '../../api/account/users.ts'
import type { Client } from '../../api/client.ts'
import { updateMemberRoles } from '../../api/organizations/members.ts'
import { evaluateDynamicParameters } from '../../api/templates/template-versions.ts'
import { createBuild, getBuildState, updateBuildState } from '../../api/workspaces/builds.ts'
import { upsertPortShare } from '../../api/workspaces/port-shares.ts'
import { getWorkspaceAcl, updateWorkspaceAcl } from '../../api/workspaces/workspace-sharing.ts'
import { createWorkspace as createWorkspaceEndpoint } from '../../api/workspaces/workspaces.ts'
import { startTestServer, type TestServer } from '../testing/start-test-server.ts'
import {
  build,
  createTemplate,
  createWorkspace,
  expectSuccess,
  importVersion,
  waitForBuild,
} from '../testing/workspace-fixtures.ts'

type TestUser = Awaited<ReturnType<TestServer['createUser']>>

let server: TestServer
let author: TestUser
let organizationAdmin: TestUser
let member: TestUser
let folder: string
beforeAll(async () => {
  server = await startTestServer({ disableRateLimits: 'true' })
  author = await server.createUser('author')
  organizationAdmin = await server.createUser('admin')
  member = await server.createUser('member')
  await server.client.call(updateUserRoles, {
    params: { user: author.user.id },
    body: { roles: ['template-admin'] },
  })
  await server.client.call(updateMemberRoles, {
    params: { organization: 'default', user: organizationAdmin.user.id },
    body: { roles: ['organization-admin'] },
  })
})
afterAll(() => server.close())

let secret: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'host-'))
  secret = join(folder, 'secret')
  writeFileSync(secret, 'the-secret')
  return () => rmSync(folder, { recursive: true })
})

const empty = 'data "coder_workspace" "me" {}\n'
const output = (expression: string) => `resource "terraform_data" "a" {\n  input = ${expression}\n}\n`

async function createBuilt(client: Client, templateId: string, name: string, parameters: Record<string, string> = {}) {
  const { id, latest_build } = await createWorkspace(client, templateId, name, parameters)
  return { id, first: await expectSuccess(client, await waitForBuild(client, latest_build.id)) }
}

async function startVersion(
  client: Client,
  workspace: string,
  version: string,
  transition: 'start' | 'stop' | 'delete',
) {
  const body = { transition, template_version_id: version }
  const { id } = await client.call(createBuild, { params: { workspace }, body })
  return waitForBuild(client, id)
}

const readState = async (workspacebuild: string) =>
  JSON.stringify(await server.client.call(getBuildState, { params: { workspacebuild } }))

describe('a template author who is not a deployment owner', () => {
  const calls: [string, (path: string) => string][] = [
    ['file', (path) => output(`file("${path}")`)],
    ['filebase64', (path) => output(`filebase64("${path}")`)],
    ['filesha256', (path) => output(`filesha256("${path}")`)],
    ['fileexists', (path) => output(`fileexists("${path}")`)],
    ['fileexists of a missing file', (path) => output(`fileexists("${path}-missing")`)],
    ['templatefile', (path) => output(`templatefile("${path}", {})`)],
    ['fileset', (path) => output(`fileset("${join(path, '..')}", "*")`)],
    ['a relative path', (path) => output(`file("../../../../../../../../../../../../..${path}")`)],
    [
      'a template of a file in the module',
      (path) => output(`templatestring(local.t, {})\n}\nlocals {\n  t = "$\${file(\\"${path}\\")}"`),
    ],
    ['the source of a module', (path) => `module "a" {\n  source = "\${file("${path}")}"\n}\n`],
    [
      'the source of a module, by a local value',
      (path) => `locals {\n  a = file("${path}")\n}\nmodule "a" {\n  source = local.a\n}\n`,
    ],
    [
      'a module outside',
      (path) => `module "a" {\n  source = "../../../../../../../../../../..${join(path, '..')}"\n}\n`,
    ],
  ]

  test.each(calls)('cannot read files of the computer with %s', async (_name, main) => {
    const failure = await importVersion(author.client, { 'main.tf': main(secret) }).then(
      () => 'imported',
      (error: Error) => error.message,
    )
    expect(failure).toMatch(/outside|cannot be read here/)
    expect(failure).not.toContain('the-secret')
  })

  test('cannot make an owner read them, with a path from a parameter', async () => {
    const template = await createTemplate(author.client, 'trap', {
      'inside.txt': 'inside',
      'main.tf': `data "coder_parameter" "path" {
  name    = "path"
  default = "inside.txt"
  mutable = true
}
data "coder_parameter" "shown" {
  name    = "shown"
  default = file(data.coder_parameter.path.value)
}
${output('file(data.coder_parameter.path.value)')}`,
    })
    const built = await createBuilt(server.client, template.id, 'lured')
    expect(await readState(built.first.id)).toContain('inside')
    const form = await server.client.call(evaluateDynamicParameters, {
      params: { templateversion: template.active_version_id },
      body: { id: 1, inputs: { path: secret } },
    })
    expect(JSON.stringify(form)).toContain('outside')
    expect(JSON.stringify(form)).not.toContain('the-secret')
    const body = { transition: 'start' as const, rich_parameter_values: [{ name: 'path', value: secret }] }
    await expect(
      server.client
        .call(createBuild, { params: { workspace: built.id }, body })
        .then(({ id }) => waitForBuild(server.client, id))
        .then((failed) => {
          if (failed.job.status === 'failed') throw new Error(failed.job.error)
        }),
    ).rejects.toThrow()
  })

  test('cannot run commands when an object is removed', async () => {
    const main = `removed {\n  from = terraform_data.a\n  lifecycle {\n    destroy = true\n  }\n  provisioner "local-exec" {\n    when    = destroy\n    command = "touch ${folder}/pwned"\n  }\n}\n`
    await expect(importVersion(author.client, { 'main.tf': main })).rejects.toThrow('runs programs')
  })

  test('cannot store a state with files or processes of the computer', async () => {
    const template = await createTemplate(author.client, 'stateful', { 'main.tf': empty })
    const { id, first } = await createBuilt(author.client, template.id, 'injected')
    const stateOf = (type: string, provider: string) =>
      Buffer.from(
        JSON.stringify({
          version: 4,
          terraform_version: '1.11.4',
          serial: 1,
          lineage: 'x',
          outputs: {},
          resources: [
            {
              mode: 'managed',
              type,
              name: 'a',
              provider: `provider["registry.terraform.io/${provider}"]`,
              instances: [{ schema_version: 0, attributes: { filename: secret, content: 'the-secret', id: 'x' } }],
            },
          ],
        }),
      ).toString('base64')
    const local = stateOf('local_file', 'hashicorp/local')
    for (const state of [local, stateOf('host_process', 'coder-local/host'), stateOf('a', 'hashicorp/local')]) {
      const refusal = { status: 403, detail: expect.stringContaining('on the computer of this deployment') }
      const params = { workspacebuild: first.id }
      await expect(author.client.call(updateBuildState, { params, body: { state } })).rejects.toMatchObject(refusal)
      const body = { transition: 'delete' as const, state }
      await expect(author.client.call(createBuild, { params: { workspace: id }, body })).rejects.toMatchObject(refusal)
    }
    await build(author.client, id, 'delete')
    expect(existsSync(secret)).toBe(true)
    await server.client.call(updateBuildState, { params: { workspacebuild: first.id }, body: { state: local } })
  })
})

describe('a version of a deployment owner', () => {
  test('that reads files of the computer counts as executing there', async () => {
    const template = await createTemplate(server.client, 'reader', { 'main.tf': output(`file("${secret}")`) })
    const { first } = await createBuilt(server.client, template.id, 'reading')
    expect(await readState(first.id)).toContain('the-secret')
    const body = { name: 'denied', template_id: template.id }
    for (const client of [member.client, author.client])
      await expect(client.call(createWorkspaceEndpoint, { params: { user: 'me' }, body })).rejects.toMatchObject({
        status: 403,
      })
  })

  test('counts as executing there once a build reads such a file', async () => {
    const template = await createTemplate(server.client, 'by-parameter', {
      'inside.txt': 'inside',
      'main.tf': `data "coder_parameter" "path" {
  name    = "path"
  default = "inside.txt"
}
${output('file(data.coder_parameter.path.value)')}`,
    })
    await createBuilt(member.client, template.id, 'before')
    const refused = await createWorkspace(member.client, template.id, 'refused', { path: secret })
    expect((await waitForBuild(member.client, refused.latest_build.id)).job.error).toContain(
      'Invalid function argument',
    )
    await createBuilt(server.client, template.id, 'allowed', { path: secret })
    const body = { name: 'after', template_id: template.id }
    await expect(member.client.call(createWorkspaceEndpoint, { params: { user: 'me' }, body })).rejects.toMatchObject({
      status: 403,
    })
  })

  test('reads the files of its own folder for every user', async () => {
    const template = await createTemplate(server.client, 'own-files', {
      'main.tf': output('join(",", [file("a.txt"), file("${path.module}/sub/../a.txt"), templatefile("./a.txt", {})])'),
      'a.txt': 'own',
      'sub/b.txt': '',
    })
    const { first } = await createBuilt(member.client, template.id, 'own')
    expect(await readState(first.id)).toContain('own,own,own')
  })
})

describe('a workspace that executes on this computer', () => {
  const localFile = () => `data "coder_workspace" "me" {}
resource "local_file" "a" {
  count    = data.coder_workspace.me.start_count
  filename = "${folder}/started"
  content  = "started"
}
`
  const createLocal = async (name: string) => {
    const template = await createTemplate(server.client, name, { 'main.tf': localFile() })
    return { template, ...(await createBuilt(server.client, template.id, name)) }
  }

  test('is shared by deployment owners only', async () => {
    const { id } = await createLocal('shared')
    const share = (client: Client) =>
      client.call(updateWorkspaceAcl, {
        params: { workspace: id },
        body: { user_roles: { [organizationAdmin.user.id]: 'admin' } },
      })
    await expect(share(organizationAdmin.client)).rejects.toMatchObject({ status: 403 })
    const port = { agent_name: 'main', port: 3000, share_level: 'public', protocol: 'http' } as const
    await expect(
      organizationAdmin.client.call(upsertPortShare, { params: { workspace: id }, body: port }),
    ).rejects.toMatchObject({ status: 403 })
    const { users } = await server.client.call(getWorkspaceAcl, { params: { workspace: id } })
    expect(users).toEqual([])
    await share(server.client)
  })

  test('does not start with shares of the time when it did not execute there', async () => {
    const template = await createTemplate(server.client, 'turned', { 'main.tf': empty })
    const { id } = await createBuilt(server.client, template.id, 'turned')
    await organizationAdmin.client.call(updateWorkspaceAcl, {
      params: { workspace: id },
      body: { user_roles: { [organizationAdmin.user.id]: 'admin' } },
    })
    const version = await importVersion(server.client, { 'main.tf': localFile() }, { template_id: template.id })
    await expect(startVersion(server.client, id, version, 'start')).rejects.toMatchObject({ status: 409 })
    await server.client.call(updateWorkspaceAcl, {
      params: { workspace: id },
      body: { user_roles: { [organizationAdmin.user.id]: '' } },
    })
    expect((await startVersion(server.client, id, version, 'start')).job.status).toBe('succeeded')
  })

  test('is stopped and deleted with another version by deployment owners only', async () => {
    const { template, id } = await createLocal('switched')
    const other = await importVersion(
      server.client,
      { 'main.tf': `resource "local_file" "b" {\n  filename = "${folder}/other"\n  content = ""\n}\n` },
      { template_id: template.id },
    )
    for (const transition of ['stop', 'delete'] as const)
      await expect(startVersion(organizationAdmin.client, id, other, transition)).rejects.toMatchObject({ status: 403 })
    expect(existsSync(join(folder, 'other'))).toBe(false)
    const memberTemplate = await createTemplate(server.client, 'mixed', { 'main.tf': empty })
    const workspace = await createBuilt(member.client, memberTemplate.id, 'mixed')
    const local = await importVersion(server.client, { 'main.tf': localFile() }, { template_id: memberTemplate.id })
    for (const transition of ['start', 'stop', 'delete'] as const)
      await expect(startVersion(member.client, workspace.id, local, transition)).rejects.toMatchObject({ status: 403 })
    expect(existsSync(join(folder, 'started'))).toBe(true)
  })

  test('is stopped by other users with permission, which only destroys', async () => {
    const { id } = await createLocal('stopped')
    await build(organizationAdmin.client, id, 'stop')
    expect(existsSync(join(folder, 'started'))).toBe(false)
    const template = await createTemplate(server.client, 'creating', {
      'main.tf': `data "coder_workspace" "me" {}
resource "local_file" "a" {
  count    = 1 - data.coder_workspace.me.start_count
  filename = "${folder}/on-stop"
  content  = ""
}
`,
    })
    const { id: creating } = await createBuilt(server.client, template.id, 'creating')
    await expect(build(organizationAdmin.client, creating, 'stop')).rejects.toThrow('Only deployment owners')
    expect(existsSync(join(folder, 'on-stop'))).toBe(false)
    await build(server.client, creating, 'stop')
    expect(existsSync(join(folder, 'on-stop'))).toBe(true)
    await build(organizationAdmin.client, creating, 'delete')
  })
})
