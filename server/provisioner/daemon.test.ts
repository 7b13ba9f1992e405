import { once } from 'node:events'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import WebSocket from 'ws'
import { cancelBuild, createBuild, followBuildLogs, getBuild, getBuildLogs } from '../../api/workspaces/builds.ts'
import {
  getWorkspace,
  getWorkspaceByName,
  listWorkspaces,
  updateWorkspace,
  type Workspace,
  watchWorkspace,
  watchWorkspaceSocket,
} from '../../api/workspaces/workspaces.ts'
import { decryptState, stateColumns } from '../builds/build-state.ts'
import { type ScriptedEngine, type ScriptedTask, scriptedEngine } from '../testing/scripted-engine.ts'
import { startTestServer, type TestServer } from '../testing/start-test-server.ts'
import { createTemplate, createWorkspace, until, waitForBuild } from '../testing/workspace-fixtures.ts'
import { type Provisioners, startProvisioners } from './daemon.ts'

let server: TestServer
let engine: ScriptedEngine
let provisioners: Provisioners
let templateId: string
let count = 0

beforeAll(async () => {
  server = await startTestServer({ provisionerDaemons: '0' })
  await restartProvisioners()
  const template = await createTemplate(server.client, 'scripted', { 'main.tf': '' })
  templateId = template.id
})
afterAll(async () => {
  await provisioners.close()
  await server.close()
})
beforeEach(() => {
  engine.builds.length = 0
})

/** Starts provisioners like another coderd with the same data folder. */
async function restartProvisioners(): Promise<void> {
  engine = scriptedEngine()
  const config = { ...server.context.config, provisionerDaemons: 3 }
  provisioners = await startProvisioners({ ...server.context, config }, engine)
}

async function createBuilding(): Promise<{ workspace: Workspace; task: ScriptedTask }> {
  const next = engine.nextBuild()
  const workspace = await createWorkspace(server.client, templateId, `scripted-${++count}`)
  return { workspace, task: await next }
}

const readState = async (buildId: string) => {
  const { db, encryption } = server.context
  const row = await db
    .selectFrom('workspace_builds')
    .select(['workspace_id', ...stateColumns])
    .where('id', '=', buildId)
    .executeTakeFirst()
  return row && decryptState(encryption, row.workspace_id, row)?.toString()
}

test('three builds run concurrently, and a fourth waits and reports its queue position', async () => {
  const started = [await createBuilding(), await createBuilding(), await createBuilding()]
  const fourth = await createWorkspace(server.client, templateId, `scripted-${++count}`)
  const { job } = await server.client.call(getBuild, { params: { workspacebuild: fourth.latest_build.id } })
  expect(job).toMatchObject({ status: 'pending', queue_position: 1, queue_size: 1 })
  expect(engine.builds).toHaveLength(3)
  const next = engine.nextBuild()
  started[0]?.task.finish()
  for (const { task } of started) task.finish()
  ;(await next).finish()
  expect((await waitForBuild(server.client, fourth.latest_build.id)).status).toBe('running')
})

test('a watcher receives the status changes of a workspace', async () => {
  const { workspace, task } = await createBuilding()
  task.finish()
  await waitForBuild(server.client, workspace.latest_build.id)
  const received: string[] = []
  const url = server.client.url(watchWorkspaceSocket, { params: { workspace: workspace.id } })
  const socket = new WebSocket(url.replace('http', 'ws'), { headers: { 'Coder-Session-Token': server.token } })
  const first = once(socket, 'message')
  socket.on('message', (text) => {
    const { type, data } = JSON.parse(String(text)) as { type: string; data?: Workspace }
    received.push(type === 'data' ? `${data?.latest_build.transition} ${data?.latest_build.status}` : type)
  })
  await first
  const last = () => received.at(-1)
  await until('the first event', () => last() === 'start running')
  const next = engine.nextBuild()
  await server.client.call(createBuild, { params: { workspace: workspace.id }, body: { transition: 'stop' } })
  const stop = await next
  await until('the stop to start', () => last() === 'stop stopping')
  stop.finish()
  await until('the stop to finish', () => last() === 'stop stopped')
  expect(received[0]).toBe('ping')
  expect(received.filter((state, at) => state !== received[at - 1])).toEqual(
    expect.arrayContaining(['start running', 'stop stopping', 'stop stopped']),
  )
  socket.close()
})

test('a watcher over server-sent events receives a ping, then the complete workspace', async () => {
  const { workspace, task } = await createBuilding()
  const closing = new AbortController()
  const url = server.client.url(watchWorkspace, { params: { workspace: workspace.id } })
  const response = await fetch(url, { headers: { 'Coder-Session-Token': server.token }, signal: closing.signal })
  expect(response.headers.get('content-type')).toContain('text/event-stream')
  let text = ''
  const reading = (async () => {
    for await (const chunk of response.body ?? []) text += Buffer.from(chunk).toString()
  })().catch(() => undefined)
  await until('the workspace', () => text.includes('event: data'))
  expect(text).toMatch(/^event: ping\n/)
  task.finish()
  await until('the running status', () => text.includes('"status":"running"'))
  closing.abort()
  await reading
})

test('a workspace is renamed, but not to an existing name', async () => {
  const { workspace, task } = await createBuilding()
  task.finish()
  const rename = (name: string) =>
    server.client.call(updateWorkspace, { params: { workspace: workspace.id }, body: { name } })
  await rename('renamed')
  const byName = { params: { user: 'me', workspacename: 'renamed' } }
  expect((await server.client.call(getWorkspaceByName, byName)).id).toBe(workspace.id)
  const other = await createBuilding()
  other.task.finish()
  await expect(rename(other.workspace.name)).rejects.toMatchObject({ status: 409 })
})

test('a second build is rejected while one is active', async () => {
  const { workspace, task } = await createBuilding()
  const stop = () =>
    server.client.call(createBuild, { params: { workspace: workspace.id }, body: { transition: 'stop' } })
  await expect(stop()).rejects.toMatchObject({ status: 409, message: 'A workspace build is already active.' })
  task.finish()
  await waitForBuild(server.client, workspace.latest_build.id)
  const [first, second] = await Promise.allSettled([stop(), stop()])
  expect([first?.status, second?.status].sort()).toEqual(['fulfilled', 'rejected'])
  await until('the stop to start', () => engine.builds.length === 2)
  engine.builds[1]?.finish()
})

test('the state is stored during a build, and the next build starts with the state of a failed one', async () => {
  const { workspace, task } = await createBuilding()
  task.options.onState('state of a disk')
  await until('the state to be stored', async () => (await readState(workspace.latest_build.id)) === 'state of a disk')
  task.finish({ state: 'state of a disk and a half', failure: { message: 'No room for a machine (main.tf:3:1)' } })
  const failed = await waitForBuild(server.client, workspace.latest_build.id)
  expect(failed.job).toMatchObject({ status: 'failed', error: 'No room for a machine (main.tf:3:1)' })
  const next = engine.nextBuild()
  await server.client.call(createBuild, { params: { workspace: workspace.id }, body: { transition: 'delete' } })
  const deletion = await next
  expect(deletion.task).toMatchObject({ transition: 'delete', state: 'state of a disk and a half' })
  deletion.finish()
  await until('the workspace to be deleted', async () => {
    const { workspaces } = await server.client.call(listWorkspaces, { query: { q: `name:${workspace.name}` } })
    return workspaces.length === 0
  })
  await expect(server.client.call(getWorkspace, { params: { workspace: workspace.id } })).rejects.toMatchObject({
    status: 410,
  })
})

test('a cancellation aborts a running build immediately, and its state is stored', async () => {
  const { workspace, task } = await createBuilding()
  const params = { workspacebuild: workspace.latest_build.id }
  const aborted = once(task.options.signal, 'abort')
  await server.client.call(cancelBuild, { params })
  await aborted
  expect((await server.client.call(getBuild, { params })).status).toBe('canceling')
  task.finish({ state: 'half a machine', failure: { message: 'Canceled.' } })
  expect(await waitForBuild(server.client, params.workspacebuild)).toMatchObject({
    status: 'canceled',
    job: { status: 'canceled' },
  })
  expect(await readState(params.workspacebuild)).toBe('half a machine')
  await expect(server.client.call(cancelBuild, { params })).rejects.toMatchObject({ status: 400 })
})

test('a build that succeeds despite a cancellation is successful', async () => {
  const { workspace, task } = await createBuilding()
  await server.client.call(cancelBuild, { params: { workspacebuild: workspace.latest_build.id } })
  task.finish({ state: 'a machine' })
  expect((await waitForBuild(server.client, workspace.latest_build.id)).status).toBe('running')
})

test('a pending build is canceled immediately, except if the request expects it to run', async () => {
  const running = [await createBuilding(), await createBuilding(), await createBuilding()]
  const waiting = await createWorkspace(server.client, templateId, `scripted-${++count}`)
  const params = { workspacebuild: waiting.latest_build.id }
  await expect(server.client.call(cancelBuild, { params, query: { expect_status: 'running' } })).rejects.toMatchObject({
    status: 412,
  })
  await server.client.call(cancelBuild, { params, query: { expect_status: 'pending' } })
  expect((await server.client.call(getBuild, { params })).job.status).toBe('canceled')
  for (const { task } of running) task.finish()
  for (const { workspace } of running) await waitForBuild(server.client, workspace.latest_build.id)
})

test('an engine error fails the build with its message, and the next build runs', async () => {
  const { workspace, task } = await createBuilding()
  task.fail(new Error('the thread ended'))
  const { job } = await waitForBuild(server.client, workspace.latest_build.id)
  expect(job).toMatchObject({ status: 'failed', error: 'the thread ended' })
  const log = await server.client.call(getBuildLogs, { params: { workspacebuild: workspace.latest_build.id } })
  expect(log.at(-1)).toMatchObject({ log_level: 'error', output: 'the thread ended' })
  const other = await createBuilding()
  other.task.finish()
  expect((await waitForBuild(server.client, other.workspace.latest_build.id)).status).toBe('running')
})

test('a log is streamed line by line until the job is completed', async () => {
  const { workspace, task } = await createBuilding()
  const url = server.client.url(followBuildLogs, {
    params: { workspacebuild: workspace.latest_build.id },
    // The query of Coder's dashboard without previous lines.
    query: { follow: '', after: -1 },
  })
  const headers = { 'Coder-Session-Token': server.token }
  expect((await fetch(url, { headers })).status).toBe(426)
  const version = `${server.url}/api/v2/templateversions/${workspace.latest_build.template_version_id}`
  expect((await fetch(`${version}/logs?follow=true`, { headers })).status).toBe(426)
  const socket = new WebSocket(url.replace('http', 'ws'), { headers })
  const outputs: string[] = []
  socket.on('message', (text) => outputs.push((JSON.parse(String(text)) as { output: string }).output))
  const closed = once(socket, 'close')
  task.options.onLog({ stage: 'Starting workspace', level: 'info', output: 'first' })
  await until('the first line', () => outputs.includes('first'))
  task.options.onLog({ stage: 'Starting workspace', level: 'info', output: 'second' })
  task.finish()
  expect((await closed)[0]).toBe(1000)
  expect(outputs.slice(1)).toEqual(['first', 'second', 'Done.'])
})

test('a build survives the loss of all database connections', async () => {
  const { workspace, task } = await createBuilding()
  await server.context.pool
    .query('select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database()')
    .catch(() => undefined)
  task.options.onLog({ stage: 'Starting workspace', level: 'info', output: 'made' })
  task.finish({ state: 'a machine' })
  // A request on a broken connection fails with 503 and is repeated.
  const build = await until('a response', () =>
    waitForBuild(server.client, workspace.latest_build.id).catch(() => null),
  )
  expect(build.status).toBe('running')
  const log = await server.client.call(getBuildLogs, { params: { workspacebuild: workspace.latest_build.id } })
  expect(log.map(({ output }) => output)).toContain('made')
})

test('the build of a killed coderd fails when the next one starts, and its state is stored', async () => {
  const { workspace, task } = await createBuilding()
  task.options.onState('a machine')
  await until('the state to be stored', async () => (await readState(workspace.latest_build.id)) === 'a machine')
  const killed = provisioners
  await restartProvisioners()
  const { job } = await waitForBuild(server.client, workspace.latest_build.id)
  expect(job.status).toBe('failed')
  expect(job.error).toContain('coderd was stopped')
  // In this test the first daemon still runs; its outcome arrives too late.
  task.finish({ state: 'a machine' })
  await killed.close()
  expect((await waitForBuild(server.client, workspace.latest_build.id)).job).toMatchObject({
    status: 'failed',
    error: job.error,
  })
  const next = engine.nextBuild()
  await server.client.call(createBuild, { params: { workspace: workspace.id }, body: { transition: 'delete' } })
  const deletion = await next
  expect(deletion.task).toMatchObject({ state: 'a machine' })
  deletion.finish()
})

test('a stopping coderd cancels builds and waits for them', async () => {
  const { workspace, task } = await createBuilding()
  const closed = provisioners.close()
  await once(task.options.signal, 'abort')
  task.finish({ state: 'half', failure: { message: 'Canceled.' } })
  await closed
  const build = await waitForBuild(server.client, workspace.latest_build.id)
  expect(build.job).toMatchObject({ status: 'failed', error: expect.stringContaining('coderd was stopped') })
  expect(await readState(build.id)).toBe('half')
  await restartProvisioners()
})
