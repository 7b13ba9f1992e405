// Time from creating a workspace on this computer until its agent is connected, and from stopping it until it is stopped.
// Observed through pushed events, as in the dashboard.

import { once } from 'node:events'
import { WebSocket } from 'ws'
import type { PushedEvent } from '../api/events.ts'
import { watchEvents } from '../api/local.ts'
import { createBuild } from '../api/workspaces/builds.ts'
import { getWorkspace, type Workspace } from '../api/workspaces/workspaces.ts'
import { agentsOf, build, createWorkspace, findLocalTemplate } from '../server/testing/workspace-fixtures.ts'
import { type Figure, median, percentile } from './figures.ts'
import type { Fixture } from './fixture.ts'

const runs = 15
const createLimitMs = 120
const stopLimitMs = 150

export async function measureBuilds(fixture: Fixture): Promise<Figure[]> {
  const { client } = fixture
  const template = await findLocalTemplate(client)
  const watch = await watchWorkspaces(fixture)
  const created: number[] = []
  const stopped: number[] = []
  for (let run = 0; run <= runs; run++) {
    const createStartedAt = performance.now()
    const { id } = await createWorkspace(client, template, `bench-${run}`)
    await watch.until(id, isConnected)
    const createMs = performance.now() - createStartedAt
    const stopStartedAt = performance.now()
    await client.call(createBuild, { params: { workspace: id }, body: { transition: 'stop' } })
    await watch.until(id, ({ latest_build }) => latest_build.status === 'stopped')
    const stopMs = performance.now() - stopStartedAt
    await build(client, id, 'delete')
    // The first run warms up caches.
    if (run === 0) continue
    created.push(createMs)
    stopped.push(stopMs)
  }
  watch.close()
  return [
    { name: 'create → agent connected p50', value: median(created), limit: createLimitMs, unit: 'ms' },
    { name: 'create → agent connected p90', value: percentile(created, 0.9), unit: 'ms' },
    { name: 'stop p50', value: median(stopped), limit: stopLimitMs, unit: 'ms' },
    { name: 'stop p90', value: percentile(stopped, 0.9), unit: 'ms' },
  ]
}

function isConnected({ latest_build }: Workspace): boolean {
  if (latest_build.status === 'failed') throw new Error(`The build failed: ${latest_build.job.error}`)
  return latest_build.status === 'running' && agentsOf(latest_build).every(({ status }) => status === 'connected')
}

async function watchWorkspaces({ client, token }: Fixture) {
  const address = client.url(watchEvents).replace(/^http/, 'ws')
  const socket = new WebSocket(address, { headers: { 'coder-session-token': token } })
  await once(socket, 'open')
  const read = (id: string) => client.call(getWorkspace, { params: { workspace: id } })
  return {
    /** Checks a workspace now and after each change, until the condition holds. */
    async until(id: string, condition: (workspace: Workspace) => boolean): Promise<void> {
      let changed = Promise.withResolvers<void>()
      const listen = (message: Buffer) => {
        const event = JSON.parse(message.toString()) as PushedEvent
        if (event.type === 'workspace' && event.workspace_id === id) changed.resolve()
      }
      socket.on('message', listen)
      while (!condition(await read(id))) {
        await changed.promise
        changed = Promise.withResolvers<void>()
      }
      socket.off('message', listen)
    },
    close: () => socket.close(),
  }
}
