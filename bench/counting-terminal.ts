// A terminal client without a screen: counts and acknowledges output immediately and passes it to the benchmark. Connects
// with our protocol (version 2), Coder's protocol (version 1), or directly to a pty as the reference for both.

import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { spawn } from 'node-pty'
import { WebSocket } from 'ws'
import { acknowledgeEveryBytes } from '../api/agents/agent-protocol.ts'
import { decodeAgentFrame, encodeFrame } from '../api/agents/terminal-frames.ts'
import type { Fixture } from './fixture.ts'

export interface CountingTerminal {
  type(text: string): void
  /** Receives all output, in order. One listener at a time. */
  onOutput: (bytes: Buffer) => void
  /** Resolves when the program has exited or the client was closed. */
  readonly ended: Promise<void>
  /** Resolves when the scrollback has arrived. Protocol 2 only. */
  readonly complete: Promise<void>
  close(): void
}

export type Transport = 'bare' | 'coder' | 'ours'

const size = { cols: 120, rows: 40 }

/** Runs a command with `sh` in a new terminal; an empty command runs the login shell.
 *  @param onOutput receives output from the first byte
 *  @param id of the session; the same id attaches again */
export async function openCounting(
  transport: Transport,
  fixture: Fixture,
  command: string,
  onOutput: CountingTerminal['onOutput'],
  id: string = randomUUID(),
): Promise<CountingTerminal> {
  return transport === 'bare'
    ? openBare(command, onOutput)
    : openSession(fixture, command, transport === 'ours', onOutput, id)
}

function openBare(command: string, onOutput: CountingTerminal['onOutput']): CountingTerminal {
  const ended = Promise.withResolvers<void>()
  const pty = spawn('/bin/sh', ['-c', command], { ...size, name: 'xterm-256color', encoding: null })
  const terminal: CountingTerminal = {
    type: (text) => pty.write(text),
    onOutput,
    ended: ended.promise,
    complete: ended.promise,
    close: () => pty.kill('SIGKILL'),
  }
  // With `encoding: null`, node-pty passes bytes; its types declare strings.
  pty.onData((bytes) => terminal.onOutput(bytes as unknown as Buffer))
  pty.onExit(() => ended.resolve())
  return terminal
}

async function openSession(
  fixture: Fixture,
  command: string,
  isOurs: boolean,
  onOutput: CountingTerminal['onOutput'],
  id: string,
): Promise<CountingTerminal> {
  const query = new URLSearchParams({
    reconnect: id,
    width: String(size.cols),
    height: String(size.rows),
    ...(command ? { command } : {}),
    ...(isOurs ? { protocol: '2' } : {}),
  })
  const address = `${fixture.deployment.url.replace(/^http/, 'ws')}/api/v2/workspaceagents/${fixture.agent.id}/pty?${query}`
  const socket = new WebSocket(address, { headers: { 'coder-session-token': fixture.token }, perMessageDeflate: false })
  const ended = Promise.withResolvers<void>()
  const complete = Promise.withResolvers<void>()
  const terminal: CountingTerminal = {
    type: isOurs
      ? (text) => socket.send(encodeFrame({ type: 'input', bytes: Buffer.from(text) }))
      : (text) => socket.send(JSON.stringify({ data: text })),
    onOutput,
    ended: ended.promise,
    complete: complete.promise,
    close: () => socket.close(),
  }
  let unacknowledged = 0
  const acknowledge = (count: number) => {
    unacknowledged += count
    if (unacknowledged < acknowledgeEveryBytes) return
    socket.send(encodeFrame({ type: 'acknowledge', byteCount: unacknowledged }))
    unacknowledged = 0
  }
  socket.on('message', (message: Buffer) => {
    if (!isOurs) return terminal.onOutput(message)
    const frame = decodeAgentFrame(message)
    if (frame?.type === 'historyEnd') complete.resolve()
    if (frame?.type !== 'output' && frame?.type !== 'snapshot') return
    acknowledge(frame.bytes.length)
    terminal.onOutput(frame.bytes)
  })
  socket.on('close', () => ended.resolve())
  await once(socket, 'open')
  return terminal
}
