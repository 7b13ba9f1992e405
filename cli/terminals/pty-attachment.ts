// Attaches to a terminal session of an agent: input, output, exit status, and the output position from which a later
// attachment can resume. Does not touch the local terminal.

import WebSocket from 'ws'
import {
  type AttachedFrame,
  acknowledgeEveryBytes,
  type TerminalPosition,
  terminalCloseCodes,
  toAgent,
  toTerminal,
} from '../../api/agents/agent-protocol.ts'
import { openPty } from '../../api/agents/agents.ts'
import type { Connection } from '../connection/connect.ts'
import { CommandError } from '../output/errors.ts'

export interface PtyOptions {
  readonly agentId: string
  /** Session id: the same id attaches to the same session. */
  readonly id: string
  /** Run by the user's shell; empty for the shell itself. */
  readonly command: string
  readonly cols: number
  readonly rows: number
  readonly onOutput: (bytes: Buffer) => void
  /** Receives a snapshot of the screen, to be drawn on a cleared terminal; `onOutput` continues from it. */
  readonly onScreen?: (bytes: Buffer) => void
  /** Called after each `onScreen` with the lines above the screen and the screen again, to be drawn together if there are
   *  such lines. */
  readonly onHistory?: (lines: Buffer, screen: Buffer) => void
  readonly onAttached?: (frame: AttachedFrame) => void
  readonly readOnly?: boolean
  /** Id of one of the user's profiles, for a new session; empty for none, undefined for the default profile. */
  readonly profile?: string | undefined
  /** Position of an earlier attachment: only later output is sent, if the agent still has it. */
  readonly resume?: TerminalPosition | undefined
}

/** A lost connection. The session may still be running: attaching again may succeed. */
export class TerminalLost extends CommandError {}

export interface PtyExit {
  readonly code: number
  /** 0 for none. */
  readonly signal: number
}

export interface PtyAttachment {
  write(bytes: Uint8Array | string): void
  resize(cols: number, rows: number): void
  /** Closes the connection; the session keeps running, and `ended` resolves with null. */
  detach(): void
  /** Position in the session's output; undefined until known. */
  readonly position: TerminalPosition | undefined
  /** @throws CommandError when the connection was refused, TerminalLost when it was lost. */
  readonly ended: Promise<PtyExit | null>
}

export function attachPty({ client, token, headers }: Connection, options: PtyOptions): PtyAttachment {
  const { agentId, id, command, cols, rows, readOnly, profile, resume, onOutput, onScreen = onOutput } = options
  const query = {
    reconnect: id,
    width: cols,
    height: rows,
    protocol: '2' as const,
    ...(command && { command }),
    ...(readOnly && { read_only: 'true' as const }),
    ...(profile !== undefined && { profile }),
    ...(resume && { resume: `${resume.epoch}:${resume.offset}` }),
  }
  let size = { cols, rows }
  const url = client.url(openPty, { params: { workspaceagent: agentId }, query })
  const socket = new WebSocket(url.replace(/^http/, 'ws'), {
    headers: { ...headers, 'coder-session-token': token },
    perMessageDeflate: false,
  })
  let unacknowledged = 0
  let exit: PtyExit | null = null
  let isDetached = false
  let wasAttached = false
  let epoch = ''
  let offset: number | undefined
  const waiting: Buffer[] = []
  let screen: Buffer = Buffer.alloc(0)
  let history: Buffer[] = []

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

  function sendSize(): void {
    const packed = Buffer.alloc(4)
    packed.writeUInt16BE(size.cols, 0)
    packed.writeUInt16BE(size.rows, 2)
    send(toAgent.resize, packed)
  }

  /** Unknown frames are ignored. */
  const frames: Readonly<Record<number, (payload: Buffer) => void>> = {
    [toTerminal.attached](payload) {
      const frame = JSON.parse(payload.toString()) as AttachedFrame
      wasAttached = true
      epoch = frame.epoch
      if (frame.resumed) offset = resume?.offset
      // The session must have the size of this terminal.
      if (!readOnly && (frame.cols !== size.cols || frame.rows !== size.rows)) sendSize()
      options.onAttached?.(frame)
    },
    [toTerminal.output](payload) {
      if (offset !== undefined) offset += payload.length
      take(payload, onOutput)
    },
    [toTerminal.snapshot](payload) {
      screen = payload.subarray(4)
      history = []
      take(screen, onScreen)
    },
    [toTerminal.history]: (payload) => void history.push(payload),
    [toTerminal.historyEnd]() {
      options.onHistory?.(Buffer.concat(history), screen)
      history = []
    },
    [toTerminal.position](payload) {
      offset = payload.readDoubleBE(0)
    },
    [toTerminal.sizeFree]: () => sendSize(),
    [toTerminal.exit](payload) {
      exit = { code: payload.readInt32BE(0), signal: payload.readInt32BE(4) }
    },
  }

  socket.on('open', () => {
    for (const frame of waiting.splice(0)) socket.send(frame)
  })
  socket.on('message', (message: Buffer) => {
    const payload = message.subarray(1)
    frames[message[0] ?? 0]?.(payload)
  })
  terminateOnSilence(socket)

  const ended = new Promise<PtyExit | null>((resolve, reject) => {
    socket.on('unexpected-response', (_request, answer) => {
      const { statusCode = 0, statusMessage } = answer
      const Failure = statusCode >= 500 || statusCode === 429 ? TerminalLost : CommandError
      reject(new Failure(`Could not open the terminal: ${statusCode} ${statusMessage}.`))
      socket.terminate()
    })
    socket.on('error', (error) =>
      reject(new TerminalLost('Could not connect to the terminal.', { detail: error.message })),
    )
    socket.on('close', (code, reason) => {
      if (exit || isDetached) resolve(exit)
      else if (code === terminalCloseCodes.refused || code === 1008)
        reject(new CommandError('The agent refused the terminal.', { detail: String(reason) || undefined }))
      else
        reject(
          new TerminalLost(wasAttached ? 'The connection to the terminal was lost.' : 'Could not open the terminal.', {
            detail: String(reason) || undefined,
            hint: wasAttached
              ? 'the session keeps running; attach again.'
              : '`coder show` shows the status of the workspace and its agents.',
          }),
        )
    })
  })
  // A caller may await `ended` later: until then its rejection counts as handled.
  ended.catch(() => undefined)

  return {
    ended,
    get position() {
      return offset === undefined ? undefined : { epoch, offset }
    },
    write: (bytes) => send(toAgent.input, typeof bytes === 'string' ? Buffer.from(bytes) : bytes),
    resize(newCols, newRows) {
      size = { cols: newCols, rows: newRows }
      sendSize()
    },
    detach() {
      isDetached = true
      socket.close()
    },
  }
}

// coderd pings every 15 seconds. After sleep or a network change, a dead connection is silent.
const silenceMs = 40_000

function terminateOnSilence(socket: WebSocket): void {
  const timer = setTimeout(() => socket.terminate(), silenceMs).unref()
  for (const event of ['message', 'ping'] as const) socket.on(event, () => void timer.refresh())
  socket.on('close', () => clearTimeout(timer))
}
