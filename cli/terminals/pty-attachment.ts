// Attaches to a terminal session of an agent: bytes there, bytes back, how its process ended, and the place in its output
// from which a later attachment may go on. Shows nothing itself.

import WebSocket from 'ws'
import {
  type AttachedFrame,
  acknowledgeEveryBytes,
  type TerminalPosition,
  terminalCloseCodes,
} from '../../api/agents/agent-protocol.ts'
import { openPty } from '../../api/agents/agents.ts'
import { type AgentFrame, type ClientFrame, decodeAgentFrame, encodeFrame } from '../../api/agents/terminal-frames.ts'
import type { Connection } from '../connection/connect.ts'
import { CommandError } from '../output/errors.ts'

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
  /** After each `onScreen`: the lines that were above it before, and it once more, to be shown instead where there are
   *  such lines. */
  readonly onHistory?: (lines: Buffer, screen: Buffer) => void
  readonly onAttached?: (frame: AttachedFrame) => void
  /** Only looks. */
  readonly readOnly?: boolean
  /** Id of one of the person's profiles, for a session that is started; empty for none, undefined for their default. */
  readonly profile?: string | undefined
  /** Where an earlier attachment was: what came since is enough, if it is still there. */
  readonly resume?: TerminalPosition | undefined
}

/** The session may live on: attaching again may find it. */
export class TerminalLost extends CommandError {}

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
  /** How far its output has come; undefined until that is known. */
  readonly position: TerminalPosition | undefined
  /** @throws CommandError when the connection was refused, TerminalLost when it was lost. */
  readonly ended: Promise<PtyExit | null>
}

export function attachPty({ client, token, headers }: Connection, asked: PtyAsked): PtyAttachment {
  const { agentId, id, command, cols, rows, readOnly, profile, resume, onOutput, onScreen = onOutput } = asked
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
  const waiting: Uint8Array[] = []
  let screen: Buffer = Buffer.alloc(0)
  let history: Buffer[] = []

  const send = (frame: ClientFrame) => {
    const message = encodeFrame(frame)
    if (socket.readyState === WebSocket.CONNECTING) waiting.push(message)
    else if (socket.readyState === WebSocket.OPEN) socket.send(message)
  }

  function take(bytes: Buffer, show: (bytes: Buffer) => void): void {
    show(bytes)
    unacknowledged += bytes.length
    if (unacknowledged < acknowledgeEveryBytes) return
    send({ type: 'acknowledge', byteCount: unacknowledged })
    unacknowledged = 0
  }

  const sendSize = () => send({ type: 'resize', size })

  function attach(attached: AttachedFrame): void {
    wasAttached = true
    epoch = attached.epoch
    if (attached.resumed) offset = resume?.offset
    // It shows no other size than its own.
    if (!readOnly && (attached.cols !== size.cols || attached.rows !== size.rows)) sendSize()
    asked.onAttached?.(attached)
  }

  const receive = (frame: AgentFrame<Buffer>) => {
    switch (frame.type) {
      case 'attached':
        return attach(frame.attached)
      case 'output':
        if (offset !== undefined) offset += frame.bytes.length
        return take(frame.bytes, onOutput)
      case 'snapshot':
        screen = frame.bytes
        history = []
        return take(screen, onScreen)
      case 'history':
        history.push(frame.bytes)
        return
      case 'historyEnd':
        asked.onHistory?.(Buffer.concat(history), screen)
        history = []
        return
      case 'position':
        offset = frame.offset
        return
      case 'sizeFree':
        return sendSize()
      case 'exit':
        exit = { code: frame.code, signal: frame.signal }
    }
  }

  socket.on('open', () => {
    for (const message of waiting.splice(0)) socket.send(message)
  })
  socket.on('message', (message: Buffer) => {
    const frame = decodeAgentFrame(message)
    if (frame) receive(frame)
  })
  listenForSilence(socket)

  const ended = new Promise<PtyExit | null>((resolve, reject) => {
    socket.on('unexpected-response', (_request, answer) => {
      const { statusCode = 0, statusMessage } = answer
      const Failure = statusCode >= 500 || statusCode === 429 ? TerminalLost : CommandError
      reject(new Failure(`The terminal was refused: ${statusCode} ${statusMessage}.`))
      socket.terminate()
    })
    socket.on('error', (error) =>
      reject(new TerminalLost('The terminal cannot be reached.', { detail: error.message })),
    )
    socket.on('close', (code, reason) => {
      if (exit || isDetached) resolve(exit)
      else if (code === terminalCloseCodes.refused || code === 1008)
        reject(new CommandError('The terminal was refused.', { detail: String(reason) || undefined }))
      else
        reject(
          new TerminalLost(
            wasAttached ? 'The connection to the terminal was lost.' : 'The terminal cannot be opened.',
            {
              detail: String(reason) || undefined,
              hint: wasAttached
                ? 'what runs in it goes on; attach again.'
                : '`coder show` tells how the workspace and its agents are.',
            },
          ),
        )
    })
  })
  // Whoever asks later hears of it too.
  ended.catch(() => undefined)

  return {
    ended,
    get position() {
      return offset === undefined ? undefined : { epoch, offset }
    },
    write: (bytes) => send({ type: 'input', bytes: typeof bytes === 'string' ? Buffer.from(bytes) : bytes }),
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

// coderd pings every 15 seconds. A machine that slept, or a network that went away, says nothing more.
const silenceMs = 40_000

function listenForSilence(socket: WebSocket): void {
  const timer = setTimeout(() => socket.terminate(), silenceMs).unref()
  for (const event of ['message', 'ping'] as const) socket.on(event, () => void timer.refresh())
  socket.on('close', () => clearTimeout(timer))
}
