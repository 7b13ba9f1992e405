// Unix socket of the agent for programs in the workspace, accessible to its user only. The requests are in
// api/agents/agent-socket.ts.

import { chmodSync, lstatSync, rmSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { createInterface } from 'node:readline'
import type { AgentSocketReply, AgentSocketRequest } from '../../api/agents/agent-socket.ts'
import type { Units } from './units.ts'

// Requests are small.
const maxQuestionBytes = 64 * 1024

/** Listens until the signal aborts. Failure is not fatal: only the commands that use the socket fail.
 *  @returns after listening or after logging the reason of a failure */
export function listenForPrograms(path: string, units: Units, signal: AbortSignal): Promise<void> {
  const isFile = process.platform !== 'win32'
  // A leftover of a killed agent; running agents have other names.
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
  const gone = new AbortController()
  socket.on('error', () => gone.abort())
  socket.on('close', () => gone.abort())
  // A half-closed client still waits for the answer.
  const say = (reply: AgentSocketReply) => void (socket.writable && socket.write(`${JSON.stringify(reply)}\n`))
  let asked = 0
  socket.on('data', (chunk: Buffer) => {
    asked += chunk.length
    if (asked > maxQuestionBytes) socket.destroy()
  })
  createInterface({ input: socket }).once('line', (line) => {
    answer(line, units, gone.signal, say)
      .catch((error: unknown) =>
        say({ kind: 'error', message: error instanceof Error ? error.message : String(error) }),
      )
      .finally(() => socket.end())
  })
}

async function answer(
  line: string,
  units: Units,
  signal: AbortSignal,
  say: (reply: AgentSocketReply) => void,
): Promise<void> {
  const question = JSON.parse(line) as AgentSocketRequest
  switch (question.ask) {
    case 'ping':
      return say({ kind: 'done' })
    case 'want':
      units.want(question.unit, question.dependencies)
      break
    case 'start':
      await units.start(question.unit, signal, (unit) => say({ kind: 'waiting', unit }))
      break
    case 'complete':
      units.complete(question.unit)
      break
    case 'status':
      break
    default:
      throw new Error('This agent does not support the request: the agent and the command have different versions.')
  }
  say({ kind: 'done', unit: units.state(question.unit) })
}
