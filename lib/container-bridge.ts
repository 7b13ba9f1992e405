// The bridge between a container without a route to coderd and coderd: HTTP/2 on the standard streams of a process in the
// container (agent/bridge.ts), one stream for each TCP connection (server/container-bridges).

import type { Duplex } from 'node:stream'

/** Where containers have the files of the agent (terraform/providers/docker/agent/agent-files.ts). */
export const agentFolder = '/.coder-local'

/** Where the bridge listens in the container. Below the ports that systems choose for outgoing connections. */
export const bridgePort = 19_173
export const bridgeUrl = `http://127.0.0.1:${bridgePort}`

/** The exit status if the container has a route of its own. */
export const reachableStatus = 3

/** A connection's memory is limited by the windows of its two ends. */
export const bridgeOptions = {
  settings: {
    initialWindowSize: 1024 * 1024,
    maxFrameSize: 64 * 1024,
    enablePush: false,
    maxConcurrentStreams: 10_000,
  },
  // In megabytes.
  maxSessionMemory: 1_000,
} as const

/** Copies bytes in both directions, with backpressure and half-closes; the end of one closes the other. */
export function joinStreams(one: Duplex, other: Duplex): void {
  copy(one, other)
  copy(other, one)
}

function copy(from: Duplex, to: Duplex): void {
  from.on('error', () => to.destroy())
  from.on('close', () => {
    if (!from.readableEnded || !from.writableFinished) to.destroy()
  })
  from.pipe(to)
}
