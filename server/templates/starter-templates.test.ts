import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { getThisComputer } from '../../api/local.ts'
import { evaluateDynamicParameters } from '../../api/templates/template-versions.ts'
import { createTemplate, deleteTemplate, listTemplateExamples, listTemplates } from '../../api/templates/templates.ts'
import { createBuild } from '../../api/workspaces/builds.ts'
import { getWorkspace } from '../../api/workspaces/workspaces.ts'
import { requires } from '../../lib/testing/requirements.ts'
import { startTestServer, type TestServer } from '../testing/start-test-server.ts'
import {
  agentsOf,
  build,
  createLocalWorkspace,
  createWorkspace,
  findLocalTemplate,
  importVersion,
  until,
  waitForAgent,
} from '../testing/workspace-fixtures.ts'
import { ensureStarterTemplates } from './starter-templates.ts'

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server.close())

const countVersions = async () => {
  const rows = await server.context.db.selectFrom('template_versions').select('id').execute()
  return rows.length
}

test('the starters are imported once for the first owner, also by concurrent calls', async () => {
  await Promise.all([ensureStarterTemplates(server.context), ensureStarterTemplates(server.context)])
  const id = await findLocalTemplate(server.client)
  await ensureStarterTemplates(server.context)
  expect(await countVersions()).toBe(1)
  const templates = await server.client.call(listTemplates, {})
  expect(templates).toMatchObject([{ id, name: 'this-computer', display_name: 'This computer' }])
  const examples = await server.client.call(listTemplateExamples, {})
  expect(examples[0]).toMatchObject({
    id: 'this-computer',
    name: 'This computer',
    markdown: expect.stringContaining('# This computer'),
  })
})

test('a changed starter becomes the active version unless the template has another version', async () => {
  const { db } = server.context
  const id = await findLocalTemplate(server.client)
  const before = await db
    .selectFrom('templates')
    .select('active_version_id')
    .where('id', '=', id)
    .executeTakeFirstOrThrow()
  // Simulates a previous version with other files.
  const outdate = () => db.updateTable('files').set({ hash: sql`md5(id::text) || md5(hash)` }).execute()
  await outdate()
  await ensureStarterTemplates(server.context)
  await until('the new version to be active', async () => {
    const now = await db
      .selectFrom('templates')
      .select('active_version_id')
      .where('id', '=', id)
      .executeTakeFirstOrThrow()
    return now.active_version_id !== before.active_version_id
  })
  expect(await countVersions()).toBe(2)
  await db
    .updateTable('template_versions')
    .set({ source_example_id: null })
    .where('id', '!=', before.active_version_id)
    .execute()
  await outdate()
  await ensureStarterTemplates(server.context)
  expect(await countVersions()).toBe(2)
})

test('a workspace on this computer is created, connects, stops, starts and is deleted', async () => {
  const { workspace } = await createLocalWorkspace(server.client, 'mine')
  const read = () => server.client.call(getWorkspace, { params: { workspace: workspace.id } })
  expect(await read()).toMatchObject({ health: { healthy: true }, latest_build: { status: 'running' } })
  expect((await build(server.client, workspace.id, 'stop')).status).toBe('stopped')
  await server.client.call(createBuild, { params: { workspace: workspace.id }, body: { transition: 'start' } })
  await waitForAgent(server.client, workspace.id)
  await build(server.client, workspace.id, 'delete')
})

test('every starter is imported without changes and has valid parameters', async () => {
  const examples = await server.client.call(listTemplateExamples, {})
  const folders = readdirSync(new URL('../../templates/', import.meta.url), { withFileTypes: true })
  const ids = folders.filter((entry) => entry.isDirectory()).map(({ name }) => name)
  expect(examples.map(({ id }) => id).sort()).toEqual(ids.sort())
  for (const { id, description, icon, tags } of examples) {
    expect([id, description !== '', icon.startsWith('/'), Array.isArray(tags)]).toEqual([id, true, true, true])
    const version = await importVersion(server.client, {}, { example_id: id, file_id: null })
    const params = { templateversion: version }
    const evaluation = await server.client.call(evaluateDynamicParameters, { params, body: {} })
    expect([id, evaluation.diagnostics, evaluation.parameters.flatMap(({ diagnostics }) => diagnostics)]).toEqual([
      id,
      [],
      [],
    ])
  }
})

test('a project is cloned into a new folder, which is deleted with the workspace', requires('git'), async () => {
  const origin = mkdtempSync(join(tmpdir(), 'origin-'))
  const git = (...args: string[]) =>
    execFileSync('git', ['-C', origin, '-c', 'user.name=a', '-c', 'user.email=a@b.c', ...args])
  git('init', '--quiet', '-b', 'trunk')
  writeFileSync(join(origin, 'hello.txt'), 'hello')
  git('add', '.')
  git('commit', '--quiet', '-m', 'first')
  const version = await importVersion(server.client, {}, { example_id: 'project', file_id: null })
  const template = await server.client.call(createTemplate, {
    params: { organization: 'default' },
    body: { name: 'project', template_version_id: version },
  })
  const workspace = await createWorkspace(server.client, template.id, 'cloned', { repository: `file://${origin}` })
  const agent = await waitForAgent(server.client, workspace.id)
  await until('the clone', async () => {
    const { latest_build } = await server.client.call(getWorkspace, { params: { workspace: workspace.id } })
    return agentsOf(latest_build)[0]?.lifecycle_state === 'ready'
  })
  const files = agent.directory ?? ''
  expect(readFileSync(join(files, 'hello.txt'), 'utf8')).toBe('hello')
  await build(server.client, workspace.id, 'stop')
  expect(existsSync(files)).toBe(true)
  await build(server.client, workspace.id, 'delete')
  expect(existsSync(files)).toBe(false)
  rmSync(origin, { recursive: true })
})

test('the deleted template of this computer is reported with the commands that restore it', async () => {
  const params = { template: await findLocalTemplate(server.client) }
  await server.client.call(deleteTemplate, { params })
  expect(await server.client.call(getThisComputer)).toMatchObject({
    template_id: null,
    problem: expect.stringContaining('was deleted'),
  })
})
