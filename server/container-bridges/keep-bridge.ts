// Keeps the bridge of one container open while it runs, and forgets the container when it is removed.

import http2 from 'node:http2'
import { connect } from 'node:net'
import { Duplex } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import type { FastifyBaseLogger } from 'fastify'
import { nodeCommand } from '../../lib/bundled-loader.ts'
import { agentFolder, bridgeOptions, joinStreams, reachableStatus } from '../../lib/container-bridge.ts'
import { type AgentContainer, forgetAgentContainer } from '../../terraform/providers/docker/agent/agent-containers.ts'
import { EngineClient } from '../../terraform/providers/docker/engine/client.ts'
import { createOutputReader } from '../../terraform/providers/docker/engine/output-frames.ts'

interface BridgeContext {
  readonly target: { readonly url: URL; readonly deploymentId: string }
  readonly dataDir: string
  readonly log: FastifyBaseLogger
  readonly signal: AbortSignal
}

const firstRetryMs = 100
const lastRetryMs = 30_000
/** A bridge that lasted this long worked. */
const stableMs = 10_000

/** Resolves when the container is removed or the signal aborts; never rejects. */
export async function keepBridge(container: AgentContainer, context: BridgeContext): Promise<void> {
  const { log, signal } = context
  const client = new EngineClient(() => container.engine)
  let delayMs = firstRetryMs
  while (!signal.aborted) {
    const startedAt = performance.now()
    try {
      if ((await waitForState(client, container.id, 'running', signal)) === 'removed') {
        forgetAgentContainer(context.dataDir, container.id)
        return
      }
      const { isReachable, errors } = await openBridge(client, container, context)
      if (isReachable) await waitForState(client, container.id, 'stopped', signal)
      else if (errors) log.warn({ container: container.id, errors }, 'the bridge of a container ended')
    } catch (err) {
      if (!signal.aborted) log.warn({ err, container: container.id }, 'could not open the bridge of a container')
    }
    delayMs = performance.now() - startedAt > stableMs ? firstRetryMs : Math.min(delayMs * 2, lastRetryMs)
    await sleep(delayMs, undefined, { signal }).catch(() => undefined)
  }
}

/** Waits until the container runs, or does not run, or is removed. */
async function waitForState(
  client: EngineClient,
  id: string,
  awaited: 'running' | 'stopped',
  signal: AbortSignal,
): Promise<'running' | 'stopped' | 'removed'> {
  const filters = JSON.stringify({ container: [id], event: ['start', 'die', 'destroy'] })
  for (;;) {
    // Opened before the state is read, so that no change is missed.
    const events = await client.open('GET', '/events', { query: { filters }, signal })
    try {
      const found = await client.find<{ State: { Running: boolean } }>(`/containers/${id}/json`, { signal })
      const state = found ? (found.State.Running ? 'running' : 'stopped') : 'removed'
      if (state === awaited || state === 'removed') return state
      await new Promise<void>((resolve, reject) => {
        for (const change of ['data', 'end']) events.once(change, () => resolve())
        events.once('error', reject)
      })
    } finally {
      events.destroy()
    }
  }
}

/** Resolves when the bridge has ended. */
async function openBridge(
  client: EngineClient,
  { id, agentUrl = '' }: AgentContainer,
  { target, signal }: BridgeContext,
): Promise<{ isReachable: boolean; errors: string }> {
  const Cmd = nodeCommand(agentFolder, `${agentFolder}/agent/bridge.js`, agentUrl, target.deploymentId)
  const body = { Cmd, AttachStdin: true, AttachStdout: true, AttachStderr: true }
  const exec = await client.call<{ Id: string }>('POST', `/containers/${id}/exec`, { body, signal })
  const socket = await client.upgrade(`/exec/${exec.Id}/start`, { Detach: false, Tty: false }, signal)
  let errors = ''
  const output = createOutputReader((text) => {
    errors = (errors + text).slice(-2_000)
  })
  socket.on('error', () => output.destroy())
  socket.pipe(output)
  await serveConnections(Duplex.from({ readable: output, writable: socket }), target.url, signal)
  socket.destroy()
  const { ExitCode } = await client.call<{ ExitCode: number | null }>('GET', `/exec/${exec.Id}/json`, { signal })
  return { isReachable: ExitCode === reachableStatus, errors: errors.trim() }
}

/** Connects each HTTP/2 stream to coderd. */
function serveConnections(streams: Duplex, { hostname, port }: URL, signal: AbortSignal): Promise<void> {
  const server = http2.createServer(bridgeOptions)
  server.on('sessionError', () => streams.destroy())
  server.on('stream', (stream) => {
    const socket = connect({
      host: hostname.replace(/^\[(.*)\]$/, '$1'),
      port: Number(port),
      allowHalfOpen: true,
      noDelay: true,
    })
    stream.respond({ ':status': 200 })
    joinStreams(stream, socket)
  })
  const close = () => streams.destroy()
  signal.addEventListener('abort', close)
  return new Promise((resolve) => {
    streams.on('error', () => undefined)
    streams.on('close', () => {
      signal.removeEventListener('abort', close)
      resolve()
    })
    server.emit('connection', streams)
  })
}
