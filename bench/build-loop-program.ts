// Separate program, so that requesting builds does not delay the measuring process: stops and starts a workspace until
// a stop is requested, then deletes it and reports the number of builds.

import { once } from 'node:events'
import { WebSocket } from 'ws'
import { createClient } from '../api/client.ts'
import { createBuild, followBuildLogs } from '../api/workspaces/builds.ts'

const [baseUrl = '', token = '', workspace = ''] = process.argv.slice(2)
const client = createClient({ baseUrl, token })

let builds = 0
let isStopRequested = false
process.once('message', () => {
  isStopRequested = true
})

while (!isStopRequested) {
  await build(builds % 2 === 0 ? 'stop' : 'start')
  builds++
}
await build('delete')
process.send?.(builds, () => process.disconnect())

async function build(transition: 'start' | 'stop' | 'delete'): Promise<void> {
  const { id } = await client.call(createBuild, { params: { workspace }, body: { transition } })
  const address = client.url(followBuildLogs, { params: { workspacebuild: id }, query: { follow: 'true' } })
  const socket = new WebSocket(address.replace(/^http/, 'ws'), { headers: { 'coder-session-token': token } })
  // The server closes the socket when the build finishes.
  await once(socket, 'close')
}
