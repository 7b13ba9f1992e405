// Hundreds of clients watch one workspace: time from a change to its arrival at the last client.

import { setTimeout as sleep } from 'node:timers/promises'
import { WebSocket } from 'ws'
import { updateWorkspaceTtl } from '../api/workspaces/workspace-schedules.ts'
import { listWorkspaces, watchWorkspaceSocket } from '../api/workspaces/workspaces.ts'
import { type Figure, median, percentile } from './figures.ts'
import type { Fixture } from './fixture.ts'

// Below the limit of streams per user.
const watchers = 900
const changes = 20

export async function measureWatches({ client, token }: Fixture): Promise<Figure[]> {
  const { workspaces } = await client.call(listWorkspaces, { query: { q: 'owner:me name:bench' } })
  const params = { workspace: workspaces[0]?.id ?? '' }
  const address = client.url(watchWorkspaceSocket, { params }).replace(/^http/, 'ws')
  let onChange: () => void = () => undefined
  const sockets = await openAll(address, token, () => onChange())
  const times: number[] = []
  for (let change = 1; change <= changes; change++) {
    const all = Promise.withResolvers<void>()
    let missing = watchers
    onChange = () => --missing === 0 && all.resolve()
    const startedAt = performance.now()
    await client.call(updateWorkspaceTtl, { params, body: { ttl_ms: 3_600_000 + change * 60_000 } })
    await all.promise
    times.push(performance.now() - startedAt)
    // Further messages about this change must not count for the next one.
    await sleep(200)
  }
  for (const socket of sockets) socket.terminate()
  return [
    { name: `a change reaches ${watchers} watchers, p50`, value: median(times), limit: 100, unit: 'ms' },
    { name: `a change reaches ${watchers} watchers, slowest of ${changes}`, value: percentile(times, 1), unit: 'ms' },
  ]
}

/** Opens the watches in batches and waits for each initial state. */
async function openAll(address: string, token: string, onChange: () => void): Promise<WebSocket[]> {
  const sockets: WebSocket[] = []
  while (sockets.length < watchers) {
    const some = Array.from({ length: 50 }, () => new WebSocket(address, { headers: { 'coder-session-token': token } }))
    await Promise.all(some.map(firstState))
    sockets.push(...some)
  }
  for (const socket of sockets) socket.on('message', (text) => isData(text) && onChange())
  return sockets
}

const isData = (text: unknown) => String(text).startsWith('{"type":"data"')

function firstState(socket: WebSocket): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('error', reject)
    socket.on('message', (text) => isData(text) && resolve())
  })
}
