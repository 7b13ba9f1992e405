// The agent's ear for programs inside the workspace: a socket of the computer for its own user. What is asked stands in
// api/agents/agent-socket.ts.

import { chmodSync, lstatSync, rmSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { createInterface } from 'node:readline'
import type { AgentSocketReply, AgentSocketRequest } from '../../api/agents/agent-socket.ts'
import type { Units } from './units.ts'

// A question is a name or a few.
const maxQuestionBytes = 64 * 1024

/** Listens until the signal. Without the socket everything else goes on: scripts that use it say that nobody answers.
 *  @returns once it listens or has failed to, with the reason written down */
export function listenForPrograms(path: string, units: Units, signal: AbortSignal): Promise<void> {
  const isFile = process.platform !== 'win32'
  // What an agent left that was killed; another agent that lives has another name.
  if (isFile && lstatSync(path, { throwIfNoEntry: false })?.isSocket()) rmSync(path, { force: true })
  const server: Server = createServer({ allowHalfOpen: true }, (socket) => serve(socket, units))
  signal.addEventListener('abort', () => server.close())
  return new Promise((resolve) => {
    server.once('error', (error) => {
      console.error(`Programs cannot reach the agent, ${path} is of no use: ${error.message}`)
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
  // Whoever only half closes still waits for the answer.
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
      throw new Error('This agent does not know the question: it is older than the command, or newer.')
  }
  say({ kind: 'done', unit: units.state(question.unit) })
}
