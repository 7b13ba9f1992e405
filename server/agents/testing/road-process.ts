// The road as a process, for tests that kill it. Tells its parent where it answers, and when the agent has come.

import { openRoad, testAgent } from './road.ts'

const road = await openRoad({ port: Number(process.argv[2]) })
process.send?.({ url: road.url })
await road.connections.waitFor(testAgent.agentId, 'terminals', 60_000)
process.send?.({ connected: true })
