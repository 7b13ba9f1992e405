// The watch stream of a workspace: builds, agents and template versions, and 1,000 concurrent watchers.

import { once } from 'node:events'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { reportLifecycle } from '../../../api/local.ts'
import { tarType, uploadFile } from '../../../api/templates/files.ts'
import { createTemplateVersion, getTemplateVersion } from '../../../api/templates/template-versions.ts'
import { promoteTemplateVersion } from '../../../api/templates/templates.ts'
import { addFavorite, removeFavorite } from '../../../api/workspaces/favorites.ts'
import type { Workspace } from '../../../api/workspaces/workspaces.ts'
import { packTar } from '../../archives/archive.ts'
import { templateWithAgent } from '../../testing/agent-templates.ts'
import { startTestServer, type TestServer } from '../../testing/start-test-server.ts'
import {
  agentsOf,
  build,
  createTemplate,
  createWorkspace,
  expectSuccess,
  until,
  waitForBuild,
} from '../../testing/workspace-fixtures.ts'

const source = 'resource "terraform_data" "x" {}'

let server: TestServer
let templateId: string
let workspace: Workspace
beforeAll(async () => {
  server = await startTestServer()
  templateId = (await createTemplate(server.client, 'empty', { 'main.tf': source })).id
  workspace = await createWorkspace(server.client, templateId, 'watched')
  await expectSuccess(server.client, await waitForBuild(server.client, workspace.latest_build.id))
})
afterAll(() => server.close())

interface Watcher {
  readonly socket: WebSocket
  readonly received: Workspace[]
  /** Resolves with the first received workspace that matches. */
  until(matches: (workspace: Workspace) => boolean): Promise<Workspace>
}

function watch(id = workspace.id): Watcher {
  const url = `${server.url.replace('http', 'ws')}/api/v2/workspaces/${id}/watch-ws`
  const socket = new WebSocket(url, { headers: { 'coder-session-token': server.token } })
  const received: Workspace[] = []
  const listeners = new Set<() => void>()
  socket.on('message', (frame: Buffer) => {
    const { type, data } = JSON.parse(frame.toString())
    if (type !== 'data') return
    received.push(data)
    for (const check of listeners) check()
  })
  return {
    socket,
    received,
    until: (matches) =>
      new Promise((resolve) => {
        const check = () => {
          const match = received.find(matches)
          if (!match) return
          listeners.delete(check)
          resolve(match)
        }
        listeners.add(check)
        check()
      }),
  }
}

test('a watcher receives the workspace, each state of a build, and a promoted version', async () => {
  const watcher = watch()
  await watcher.until(({ latest_build }) => latest_build.status === 'running')
  await build(server.client, workspace.id, 'stop')
  await watcher.until(({ latest_build }) => latest_build.status === 'stopped')
  const statuses = watcher.received.map(({ latest_build }) => latest_build.status)
  expect(statuses.filter((status, at) => status !== statuses[at - 1])).toEqual([
    'running',
    'pending',
    'stopping',
    'stopped',
  ])
  const { hash } = await server.client.call(uploadFile, {
    bytes: { type: tarType, data: await packTar([['main.tf', Buffer.from(source)]]) },
  })
  const version = await server.client.call(createTemplateVersion, {
    params: { organization: 'default' },
    body: { storage_method: 'file', file_id: hash, provisioner: 'terraform', template_id: templateId },
  })
  await until('the import', async () => {
    const { job } = await server.client.call(getTemplateVersion, { params: { templateversion: version.id } })
    return job.status === 'succeeded'
  })
  await server.client.call(promoteTemplateVersion, { params: { template: templateId }, body: { id: version.id } })
  await watcher.until(({ outdated }) => outdated)
  watcher.socket.close()
})

test('a watcher receives each lifecycle state of an agent', async () => {
  const { id } = await createTemplate(server.client, 'agents', { 'main.tf': templateWithAgent() })
  const other = await createWorkspace(server.client, id, 'alive')
  const build = await expectSuccess(server.client, await waitForBuild(server.client, other.latest_build.id))
  const watcher = watch(other.id)
  const agent = server.clientWith(await server.agentToken(agentsOf(build)[0]?.id ?? ''))
  for (const state of ['starting', 'ready', 'shutting_down', 'off'] as const) {
    await agent.call(reportLifecycle, { body: { state, changed_at: new Date().toISOString() } })
    await watcher.until(({ latest_build }) => agentsOf(latest_build)[0]?.lifecycle_state === state)
  }
  watcher.socket.close()
})

test('server-sent events start with a ping and contain the same data', async () => {
  const response = await fetch(`${server.url}/api/v2/workspaces/${workspace.id}/watch`, {
    headers: { 'coder-session-token': server.token },
  })
  expect(response.headers.get('content-type')).toBe('text/event-stream')
  const reader = (response.body as ReadableStream<Uint8Array>).getReader()
  let text = ''
  while (!text.includes('"name":"watched"')) text += new TextDecoder().decode((await reader.read()).value)
  expect(text.startsWith('event: ping\n\nevent: data\ndata: {"id":')).toBe(true)
  await reader.cancel()
})

test('a HEAD request for server-sent events ends immediately', async () => {
  const response = await fetch(`${server.url}/api/v2/workspaces/${workspace.id}/watch`, {
    method: 'HEAD',
    headers: { 'coder-session-token': server.token },
    signal: AbortSignal.timeout(20_000),
  })
  expect([response.status, await response.text()]).toEqual([200, ''])
})

test('1,000 watchers receive a change that is read once', { timeout: 60_000 }, async () => {
  const watchers: Watcher[] = []
  for (let count = 0; count < 1_000; count += 50) {
    const some = Array.from({ length: 50 }, () => watch())
    watchers.push(...some)
    await Promise.all(some.map((watcher) => watcher.until(() => true)))
  }
  const reads: string[] = []
  const { pool } = server.context
  const query = pool.query
  pool.query = ((...args: Parameters<typeof query>) => {
    reads.push((args[0] as { name?: string }).name ?? '')
    return query.apply(pool, args)
  }) as typeof query
  const start = performance.now()
  await server.client.call(addFavorite, { params: { workspace: workspace.id } })
  await Promise.all(watchers.map((watcher) => watcher.until(({ favorite }) => favorite)))
  console.info(`1,000 watchers received the change within ${Math.round(performance.now() - start)} ms`)
  pool.query = query
  expect(reads.filter((name) => name === 'workspace-stamps').length).toBeLessThanOrEqual(2)
  await server.client.call(removeFavorite, { params: { workspace: workspace.id } })
  for (const { socket } of watchers) socket.close()
  await Promise.all(watchers.map(({ socket }) => socket.readyState === socket.CLOSED || once(socket, 'close')))
})
