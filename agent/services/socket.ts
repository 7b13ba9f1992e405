// Unix socket of the agent for programs in the workspace, accessible to its user only. The requests are in
// api/agents/agent-socket.ts.

import { chmodSync, lstatSync, rmSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import type { AgentSocketReply, AgentSocketRequest } from '../../api/agents/agent-socket.ts'
import type { Units } from './units.ts'

// Far above the size of any request.
const maxRequestBytes = 64 * 1024

/** Listens until the signal aborts. A failure is logged: only commands that use the socket depend on it. */
export function listenForPrograms(path: string, units: Units, signal: AbortSignal): Promise<void> {
  const isFile = process.platform !== 'win32'
  // Left behind by a killed agent; running agents use other names.
  if (isFile && lstatSync(path, { throwIfNoEntry: false })?.isSocket()) rmSync(path, { force: true })
  const server: Server = createServer({ allowHalfOpen: true }, (socket) => serve(socket, units))
  signal.addEventListener('abort', () => server.close())
  return new Promise((resolve) => {
    server.once('error', (error) => {
      console.error(`Could not listen on the agent socket ${path}: ${error.message}`)
      resolve()
    })
    server.listen(path, () => {
      if (isFile) chmodSync(path, 0o600)
      server.unref()
      resolve()
    })
  })
}

function serve(socket: Socket, units: Units): void {
  const closed = new AbortController()
  socket.on('error', () => closed.abort())
  socket.on('close', () => closed.abort())
  // A half-closed client still waits for the answer.
  const send = (reply: AgentSocketReply) => void (socket.writable && socket.write(`${JSON.stringify(reply)}\n`))
  readLine(socket, (line) => {
    answer(line, units, closed.signal, send)
      .catch((error: unknown) =>
        send({ kind: 'error', message: error instanceof Error ? error.message : String(error) }),
      )
      .finally(() => socket.end())
  })
}

/** Calls back with the first line; destroys a socket that sends too much. */
function readLine(socket: Socket, onLine: (line: string) => void): void {
  let received = Buffer.alloc(0)
  let isComplete = false
  socket.on('data', (chunk: Buffer) => {
    if (isComplete) return
    received = Buffer.concat([received, chunk])
    const end = received.indexOf('\n')
    if (received.length > maxRequestBytes) return void socket.destroy()
    if (end < 0) return
    isComplete = true
    onLine(received.toString('utf8', 0, end))
  })
}

async function answer(
  line: string,
  units: Units,
  signal: AbortSignal,
  send: (reply: AgentSocketReply) => void,
): Promise<void> {
  const request = JSON.parse(line) as AgentSocketRequest
  switch (request.ask) {
    case 'ping':
      return send({ kind: 'done' })
    case 'want':
      units.want(request.unit, request.dependencies)
      break
    case 'start':
      await units.start(request.unit, signal, (unit) => send({ kind: 'waiting', unit }))
      break
    case 'complete':
      units.complete(request.unit)
      break
    case 'status':
      break
    default:
      throw new Error('This agent does not support the request: the agent and the command have different versions.')
  }
  send({ kind: 'done', unit: units.state(request.unit) })
}
