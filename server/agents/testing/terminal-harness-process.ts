// The harness as a process, for tests that kill it. Tells its parent where it answers, and when the agent has come.

import { startTerminalHarness, testAgent } from './terminal-harness.ts'

const harness = await startTerminalHarness({ port: Number(process.argv[2]) })
process.send?.({ url: harness.url })
await harness.connections.waitFor(testAgent.agentId, 'terminals', 60_000)
process.send?.({ connected: true })
