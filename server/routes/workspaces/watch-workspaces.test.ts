// Watching a workspace: what a watcher sees of a build and of its template, and a thousand watchers at once.

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
import {
  agentsOf,
  build,
  createTemplate,
  createWorkspace,
  succeeded,
  until,
  waitForBuild,
} from '../../testing/workspace-fixtures.ts'
import { startTestServer, type TestServer } from '../../testing/start-test-server.ts'

const source = 'resource "terraform_data" "x" {}'

let server: TestServer
let templateId: string
let workspace: Workspace
beforeAll(async () => {
  server = await startTestServer()
  templateId = (await createTemplate(server.client, 'empty', { 'main.tf': source })).id
  workspace = await createWorkspace(server.client, templateId, 'watched')
  await succeeded(server.client, await waitForBuild(server.client, workspace.latest_build.id))
})
afterAll(() => server.close())

interface Watcher {
  readonly socket: WebSocket
  readonly seen: Workspace[]
  /** Resolves when a frame says so. */
  until(holds: (workspace: Workspace) => boolean): Promise<Workspace>
}

function watch(id = workspace.id): Watcher {
  const url = `${server.url.replace('http', 'ws')}/api/v2/workspaces/${id}/watch-ws`
  const socket = new WebSocket(url, { headers: { 'coder-session-token': server.token } })
  const seen: Workspace[] = []
  const waiting = new Set<() => void>()
  socket.on('message', (frame: Buffer) => {
    const { type, data } = JSON.parse(frame.toString())
    if (type !== 'data') return
    seen.push(data)
    for (const look of waiting) look()
  })
  return {
    socket,
    seen,
    until: (holds) =>
      new Promise((resolve) => {
        const look = () => {
          const found = seen.find(holds)
          if (!found) return
          waiting.delete(look)
          resolve(found)
        }
        waiting.add(look)
        look()
      }),
  }
}

test('a watcher is shown the workspace, each state of a build, and a version that was promoted', async () => {
  const watcher = watch()
  await watcher.until(({ latest_build }) => latest_build.status === 'running')
  await build(server.client, workspace.id, 'stop')
  await watcher.until(({ latest_build }) => latest_build.status === 'stopped')
  const told = watcher.seen.map(({ latest_build }) => latest_build.status)
  expect(told.filter((status, at) => status !== told[at - 1])).toEqual(['running', 'pending', 'stopping', 'stopped'])
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

test('a watcher sees each step of the life of an agent', async () => {
  const { id } = await createTemplate(server.client, 'agents', { 'main.tf': templateWithAgent() })
  const other = await createWorkspace(server.client, id, 'alive')
  const build = await succeeded(server.client, await waitForBuild(server.client, other.latest_build.id))
  const watcher = watch(other.id)
  const agent = server.clientWith(await server.tokenOf(agentsOf(build)[0]?.id ?? ''))
  for (const state of ['starting', 'ready', 'shutting_down', 'off'] as const) {
    await agent.call(reportLifecycle, { body: { state, changed_at: new Date().toISOString() } })
    await watcher.until(({ latest_build }) => agentsOf(latest_build)[0]?.lifecycle_state === state)
  }
  watcher.socket.close()
})

test('server-sent events begin with a ping and carry the same', async () => {
  const answer = await fetch(`${server.url}/api/v2/workspaces/${workspace.id}/watch`, {
    headers: { 'coder-session-token': server.token },
  })
  expect(answer.headers.get('content-type')).toBe('text/event-stream')
  const reader = (answer.body as ReadableStream<Uint8Array>).getReader()
  let text = ''
  while (!text.includes('"name":"watched"')) text += new TextDecoder().decode((await reader.read()).value)
  expect(text.startsWith('event: ping\n\nevent: data\ndata: {"id":')).toBe(true)
  await reader.cancel()
})

test('the head of server-sent events ends at once', async () => {
  const answer = await fetch(`${server.url}/api/v2/workspaces/${workspace.id}/watch`, {
    method: 'HEAD',
    headers: { 'coder-session-token': server.token },
    signal: AbortSignal.timeout(20_000),
  })
  expect([answer.status, await answer.text()]).toEqual([200, ''])
})

test('a thousand watchers are told of a change, which is read once', { timeout: 60_000 }, async () => {
  const watchers: Watcher[] = []
  for (let count = 0; count < 1_000; count += 50) {
    const some = Array.from({ length: 50 }, () => watch())
    watchers.push(...some)
    await Promise.all(some.map((watcher) => watcher.until(() => true)))
  }
  const reads: string[] = []
  const { pool } = server.context
  const query = pool.query
  pool.query = ((...asked: Parameters<typeof query>) => {
    reads.push((asked[0] as { name?: string }).name ?? '')
    return query.apply(pool, asked)
  }) as typeof query
  const began = performance.now()
  await server.client.call(addFavorite, { params: { workspace: workspace.id } })
  await Promise.all(watchers.map((watcher) => watcher.until(({ favorite }) => favorite)))
  console.info(`1,000 watchers were told within ${Math.round(performance.now() - began)} ms`)
  pool.query = query
  expect(reads.filter((name) => name === 'workspace-stamps').length).toBeLessThanOrEqual(2)
  await server.client.call(removeFavorite, { params: { workspace: workspace.id } })
  for (const { socket } of watchers) socket.close()
  await Promise.all(watchers.map(({ socket }) => socket.readyState === socket.CLOSED || once(socket, 'close')))
})
