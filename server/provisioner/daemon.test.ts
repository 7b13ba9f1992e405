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

/** As another coderd on the same data folder would. */
async function restartProvisioners(): Promise<void> {
  engine = scriptedEngine()
  const config = { ...server.context.config, provisionerDaemons: 3 }
  provisioners = await startProvisioners({ ...server.context, config }, engine)
}

async function createOne(): Promise<{ workspace: Workspace; begun: ScriptedTask }> {
  const next = engine.nextBuild()
  const workspace = await createWorkspace(server.client, templateId, `scripted-${++count}`)
  return { workspace, begun: await next }
}

const stateOf = async (buildId: string) => {
  const { db } = server.context
  const row = await db
    .selectFrom('workspace_builds')
    .select('provisioner_state')
    .where('id', '=', buildId)
    .executeTakeFirst()
  return row?.provisioner_state?.toString()
}

test('three builds run at once, and a fourth waits for its turn with its place in the queue', async () => {
  const started = [await createOne(), await createOne(), await createOne()]
  const fourth = await createWorkspace(server.client, templateId, `scripted-${++count}`)
  const { job } = await server.client.call(getBuild, { params: { workspacebuild: fourth.latest_build.id } })
  expect(job).toMatchObject({ status: 'pending', queue_position: 1, queue_size: 1 })
  expect(engine.builds).toHaveLength(3)
  const next = engine.nextBuild()
  started[0]?.begun.finish()
  for (const { begun } of started) begun.finish()
  ;(await next).finish()
  expect((await waitForBuild(server.client, fourth.latest_build.id)).status).toBe('running')
})

test('a watcher is shown pending, starting and running', async () => {
  const { workspace, begun } = await createOne()
  begun.finish()
  await waitForBuild(server.client, workspace.latest_build.id)
  const seen: string[] = []
  const url = server.client.url(watchWorkspaceSocket, { params: { workspace: workspace.id } })
  const socket = new WebSocket(url.replace('http', 'ws'), { headers: { 'Coder-Session-Token': server.token } })
  const first = once(socket, 'message')
  socket.on('message', (text) => {
    const { type, data } = JSON.parse(String(text)) as { type: string; data?: Workspace }
    seen.push(type === 'data' ? `${data?.latest_build.transition} ${data?.latest_build.status}` : type)
  })
  await first
  const last = () => seen.at(-1)
  await until('the first state', () => last() === 'start running')
  const next = engine.nextBuild()
  await server.client.call(createBuild, { params: { workspace: workspace.id }, body: { transition: 'stop' } })
  const stop = await next
  await until('stopping', () => last() === 'stop stopping')
  stop.finish()
  await until('stopped', () => last() === 'stop stopped')
  expect(seen[0]).toBe('ping')
  expect(seen.filter((state, at) => state !== seen[at - 1])).toEqual(
    expect.arrayContaining(['start running', 'stop stopping', 'stop stopped']),
  )
  socket.close()
})

test('a watcher over server-sent events gets a ping first, then the workspace whole', async () => {
  const { workspace, begun } = await createOne()
  const closing = new AbortController()
  const url = server.client.url(watchWorkspace, { params: { workspace: workspace.id } })
  const answer = await fetch(url, { headers: { 'Coder-Session-Token': server.token }, signal: closing.signal })
  expect(answer.headers.get('content-type')).toContain('text/event-stream')
  let text = ''
  const reading = (async () => {
    for await (const chunk of answer.body ?? []) text += Buffer.from(chunk).toString()
  })().catch(() => undefined)
  await until('the workspace', () => text.includes('event: data'))
  expect(text).toMatch(/^event: ping\n/)
  begun.finish()
  await until('the change', () => text.includes('"status":"running"'))
  closing.abort()
  await reading
})

test('a workspace is renamed, and not to a name that is taken', async () => {
  const { workspace, begun } = await createOne()
  begun.finish()
  const rename = (name: string) =>
    server.client.call(updateWorkspace, { params: { workspace: workspace.id }, body: { name } })
  await rename('renamed')
  const byName = { params: { user: 'me', workspacename: 'renamed' } }
  expect((await server.client.call(getWorkspaceByName, byName)).id).toBe(workspace.id)
  const other = await createOne()
  other.begun.finish()
  await expect(rename(other.workspace.name)).rejects.toMatchObject({ status: 409 })
})

test('a second build is refused while one is active', async () => {
  const { workspace, begun } = await createOne()
  const ask = () =>
    server.client.call(createBuild, { params: { workspace: workspace.id }, body: { transition: 'stop' } })
  await expect(ask()).rejects.toMatchObject({ status: 409, message: 'A workspace build is already active.' })
  begun.finish()
  await waitForBuild(server.client, workspace.latest_build.id)
  const [first, second] = await Promise.allSettled([ask(), ask()])
  expect([first?.status, second?.status].sort()).toEqual(['fulfilled', 'rejected'])
  await until('the stop to begin', () => engine.builds.length === 2)
  engine.builds[1]?.finish()
})

test('the state is stored while a build runs, and what a failed build leaves is kept for the next', async () => {
  const { workspace, begun } = await createOne()
  begun.watch.onState('state of a disk')
  await until('the state to be stored', async () => (await stateOf(workspace.latest_build.id)) === 'state of a disk')
  begun.finish({ state: 'state of a disk and a half', failure: { message: 'No room for a machine (main.tf:3:1)' } })
  const failed = await waitForBuild(server.client, workspace.latest_build.id)
  expect(failed.job).toMatchObject({ status: 'failed', error: 'No room for a machine (main.tf:3:1)' })
  const next = engine.nextBuild()
  await server.client.call(createBuild, { params: { workspace: workspace.id }, body: { transition: 'delete' } })
  const deletion = await next
  expect(deletion.task).toMatchObject({ transition: 'delete', state: 'state of a disk and a half' })
  deletion.finish()
  await until('the workspace to go', async () => {
    const { workspaces } = await server.client.call(listWorkspaces, { query: { q: `name:${workspace.name}` } })
    return workspaces.length === 0
  })
  await expect(server.client.call(getWorkspace, { params: { workspace: workspace.id } })).rejects.toMatchObject({
    status: 410,
  })
})

test('a running build that is canceled is told at once, and what it made by then is kept', async () => {
  const { workspace, begun } = await createOne()
  const params = { workspacebuild: workspace.latest_build.id }
  const told = once(begun.watch.signal, 'abort')
  await server.client.call(cancelBuild, { params })
  await told
  expect((await server.client.call(getBuild, { params })).status).toBe('canceling')
  begun.finish({ state: 'half a machine', failure: { message: 'Canceled.' } })
  expect(await waitForBuild(server.client, params.workspacebuild)).toMatchObject({
    status: 'canceled',
    job: { status: 'canceled' },
  })
  expect(await stateOf(params.workspacebuild)).toBe('half a machine')
  await expect(server.client.call(cancelBuild, { params })).rejects.toMatchObject({ status: 400 })
})

test('a build that succeeded in spite of a cancel has succeeded', async () => {
  const { workspace, begun } = await createOne()
  await server.client.call(cancelBuild, { params: { workspacebuild: workspace.latest_build.id } })
  begun.finish({ state: 'a machine' })
  expect((await waitForBuild(server.client, workspace.latest_build.id)).status).toBe('running')
})

test('a build that still waits ends at once when it is canceled, unless it is expected to run', async () => {
  const running = [await createOne(), await createOne(), await createOne()]
  const waiting = await createWorkspace(server.client, templateId, `scripted-${++count}`)
  const params = { workspacebuild: waiting.latest_build.id }
  await expect(server.client.call(cancelBuild, { params, query: { expect_status: 'running' } })).rejects.toMatchObject({
    status: 412,
  })
  await server.client.call(cancelBuild, { params, query: { expect_status: 'pending' } })
  expect((await server.client.call(getBuild, { params })).job.status).toBe('canceled')
  for (const { begun } of running) begun.finish()
  for (const { workspace } of running) await waitForBuild(server.client, workspace.latest_build.id)
})

test('an engine that breaks fails the build with its words, and the next build is run', async () => {
  const { workspace, begun } = await createOne()
  begun.break(new Error('the thread ended'))
  const { job } = await waitForBuild(server.client, workspace.latest_build.id)
  expect(job).toMatchObject({ status: 'failed', error: 'the thread ended' })
  const log = await server.client.call(getBuildLogs, { params: { workspacebuild: workspace.latest_build.id } })
  expect(log.at(-1)).toMatchObject({ log_level: 'error', output: 'the thread ended' })
  const other = await createOne()
  other.begun.finish()
  expect((await waitForBuild(server.client, other.workspace.latest_build.id)).status).toBe('running')
})

test('a log is followed line by line to its end', async () => {
  const { workspace, begun } = await createOne()
  const url = server.client.url(followBuildLogs, {
    params: { workspacebuild: workspace.latest_build.id },
    // As Coder's dashboard asks: it has seen nothing yet.
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
  begun.watch.onLog({ stage: 'Starting workspace', level: 'info', output: 'first' })
  await until('the first line', () => outputs.includes('first'))
  begun.watch.onLog({ stage: 'Starting workspace', level: 'info', output: 'second' })
  begun.finish()
  expect((await closed)[0]).toBe(1000)
  expect(outputs.slice(1)).toEqual(['first', 'second', 'Done.'])
})

test('a database that breaks every connection in the middle of a build costs the build nothing', async () => {
  const { workspace, begun } = await createOne()
  await server.context.pool
    .query('select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database()')
    .catch(() => undefined)
  begun.watch.onLog({ stage: 'Starting workspace', level: 'info', output: 'made' })
  begun.finish({ state: 'a machine' })
  // A request that meets a broken connection is answered 503, and asked again.
  const build = await until('an answer', () => waitForBuild(server.client, workspace.latest_build.id).catch(() => null))
  expect(build.status).toBe('running')
  const log = await server.client.call(getBuildLogs, { params: { workspacebuild: workspace.latest_build.id } })
  expect(log.map(({ output }) => output)).toContain('made')
})

test('a build whose coderd was killed fails soon after the next one starts, with its state', async () => {
  const { workspace, begun } = await createOne()
  begun.watch.onState('a machine')
  await until('the state to be stored', async () => (await stateOf(workspace.latest_build.id)) === 'a machine')
  const killed = provisioners
  await restartProvisioners()
  const { job } = await waitForBuild(server.client, workspace.latest_build.id)
  expect(job.status).toBe('failed')
  expect(job.error).toContain('coderd was stopped')
  // Here the killed one still lives, and what it has to say comes too late.
  begun.finish({ state: 'a machine' })
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

test('a closing coderd asks builds to end and waits for them', async () => {
  const { workspace, begun } = await createOne()
  const closed = provisioners.close()
  await once(begun.watch.signal, 'abort')
  begun.finish({ state: 'half', failure: { message: 'Canceled.' } })
  await closed
  const build = await waitForBuild(server.client, workspace.latest_build.id)
  expect(build.job).toMatchObject({ status: 'failed', error: expect.stringContaining('coderd was stopped') })
  expect(await stateOf(build.id)).toBe('half')
  await restartProvisioners()
})
