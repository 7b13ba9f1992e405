// Attaches to a terminal session of an agent: bytes there, bytes back, and how its process ended. Shows nothing itself.

import WebSocket from 'ws'
import { acknowledgeEveryBytes, toAgent, toTerminal } from '../api/agent-protocol.ts'
import { openPty } from '../api/agents.ts'
import type { Connection } from './connect.ts'
import { CommandError } from './errors.ts'

export interface PtyAsked {
  readonly agentId: string
  /** Of the session: the same id finds it again. */
  readonly id: string
  /** Run by the person's shell; empty for the shell itself. */
  readonly command: string
  readonly cols: number
  readonly rows: number
  readonly onOutput: (bytes: Buffer) => void
  /** What is on the screen, after which `onOutput` goes on: the terminal is to be cleared before. */
  readonly onScreen?: (bytes: Buffer) => void
}

export interface PtyExit {
  readonly code: number
  /** 0 for none. */
  readonly signal: number
}

export interface PtyAttachment {
  write(bytes: Uint8Array | string): void
  resize(cols: number, rows: number): void
  /** Hangs up; the process goes on, and `ended` resolves with null. */
  detach(): void
  /** @throws CommandError when the connection was refused or lost. */
  readonly ended: Promise<PtyExit | null>
}

export function attachPty({ client, token, headers }: Connection, asked: PtyAsked): PtyAttachment {
  const { agentId, id, command, cols, rows, onOutput, onScreen = onOutput } = asked
  const query = { reconnect: id, width: cols, height: rows, protocol: '2' as const, ...(command && { command }) }
  const url = client.url(openPty, { params: { workspaceagent: agentId }, query })
  const socket = new WebSocket(url.replace(/^http/, 'ws'), {
    headers: { ...headers, 'coder-session-token': token },
    perMessageDeflate: false,
  })
  let unacknowledged = 0
  let exit: PtyExit | null = null
  let isDetached = false
  const waiting: Buffer[] = []

  const send = (type: number, payload: Uint8Array) => {
    const frame = Buffer.concat([Buffer.of(type), payload])
    if (socket.readyState === WebSocket.CONNECTING) waiting.push(frame)
    else if (socket.readyState === WebSocket.OPEN) socket.send(frame)
  }

  function take(bytes: Buffer, show: (bytes: Buffer) => void): void {
    show(bytes)
    unacknowledged += bytes.length
    if (unacknowledged < acknowledgeEveryBytes) return
    const count = Buffer.alloc(4)
    count.writeUInt32BE(unacknowledged)
    unacknowledged = 0
    send(toAgent.acknowledge, count)
  }

  socket.on('open', () => {
    for (const frame of waiting.splice(0)) socket.send(frame)
  })
  socket.on('message', (message: Buffer) => {
    const payload = message.subarray(1)
    if (message[0] === toTerminal.output) take(payload, onOutput)
    else if (message[0] === toTerminal.snapshot) take(payload.subarray(4), onScreen)
    else if (message[0] === toTerminal.exit) exit = { code: payload.readInt32BE(0), signal: payload.readInt32BE(4) }
  })

  const ended = new Promise<PtyExit | null>((resolve, reject) => {
    socket.on('unexpected-response', (_request, answer) => {
      reject(new CommandError(`The terminal was refused: ${answer.statusCode} ${answer.statusMessage}.`))
      socket.terminate()
    })
    socket.on('error', (error) =>
      reject(new CommandError('The terminal cannot be reached.', { detail: error.message })),
    )
    socket.on('close', (_code, reason) => {
      if (exit || isDetached) resolve(exit)
      else
        reject(
          new CommandError('The connection to the terminal was lost.', {
            detail: String(reason) || undefined,
            hint: 'what runs in it goes on; attach again.',
          }),
        )
    })
  })
  // Whoever asks later hears of it too.
  ended.catch(() => undefined)

  return {
    ended,
    write: (bytes) => send(toAgent.input, typeof bytes === 'string' ? Buffer.from(bytes) : bytes),
    resize(newCols, newRows) {
      const size = Buffer.alloc(4)
      size.writeUInt16BE(newCols, 0)
      size.writeUInt16BE(newRows, 2)
      send(toAgent.resize, size)
    },
    detach() {
      isDetached = true
      socket.close()
    },
  }
}
