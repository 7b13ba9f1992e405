// Runs the terminal harness as a process, for tests that kill it. Sends its address and agent connections to the parent.

import { startTerminalHarness, testAgent } from './terminal-harness.ts'

const harness = await startTerminalHarness({ port: Number(process.argv[2]) })
process.send?.({ url: harness.url })
await harness.connections.waitFor(testAgent.agentId, 'terminals', 60_000)
process.send?.({ connected: true })
