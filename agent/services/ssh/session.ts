// One session channel of an SSH connection: collects its environment and terminal, then runs a shell, a command or SFTP.

import type { Connection, PseudoTtyInfo, ServerChannel, Session } from 'ssh2'
import type { ShellStart } from '../../shell.ts'
import { forwardAgent } from './agent-forwarding.ts'
import { isFileTransfer, rejectFileTransfer } from './file-transfers.ts'
import { type Program, reportNotStarted, runOnPty, runWithPipes } from './programs.ts'
import type { SessionCounts, SessionKind } from './session-counts.ts'
import { serveSftp } from './sftp/sftp-server.ts'
import { forwardX11 } from './x11-forwarding.ts'

export interface SessionOptions {
  /** Prepares the login shell, or a command that it runs. */
  readonly prepare: (command: string) => Promise<ShellStart>
  readonly blocksFileTransfer: boolean
  readonly counts: SessionCounts
  /** The SSH_AUTH_SOCK of the connection, once a session has requested agent forwarding. */
  readonly agentSocket: { path?: string }
}

/** Set by editors with SendEnv or SetEnv; not passed to programs. */
const sessionTypeVariable = 'CODER_SSH_SESSION_TYPE'
const variableName = /^[A-Za-z_][A-Za-z0-9_]*$/

/** Programs look for these variables to detect SSH. The client's address is unknown here, as in Coder. */
const connectionVariables = { SSH_CLIENT: '0.0.0.0 0 0', SSH_CONNECTION: '0.0.0.0 0 0.0.0.0 0' }

export function serveSession(connection: Connection, session: Session, options: SessionOptions): void {
  const env: Record<string, string> = {}
  const preparations: Promise<void>[] = []
  let kind: SessionKind = 'ssh'
  let pty: PseudoTtyInfo | undefined
  let program: Program | undefined
  let isClosed = false
  let endCount: () => void = () => undefined

  session.on('env', (accept, _reject, { key, val }) => {
    if (key === sessionTypeVariable) kind = toKind(val)
    else if (variableName.test(key)) env[key] = val
    accept?.()
  })
  session.on('pty', (accept, _reject, info) => {
    pty = info
    accept?.()
  })
  session.on('window-change', (_accept, _reject, { cols, rows }) => {
    if (pty) pty = { ...pty, cols, rows }
    program?.resize(cols, rows)
  })
  session.on('signal', (accept, _reject, { name }) => {
    program?.signal(name)
    accept?.()
  })
  session.on('auth-agent', (accept, reject) => {
    try {
      options.agentSocket.path ??= forwardAgent(connection)
      env.SSH_AUTH_SOCK = options.agentSocket.path
      accept?.()
    } catch {
      // No folder for the socket, as on a full disk.
      reject?.()
    }
  })
  session.on('x11', (accept, _reject, info) => {
    const forwarded = forwardX11(connection, info).then((variables) => void Object.assign(env, variables))
    preparations.push(forwarded.catch(() => undefined))
    accept?.()
  })
  session.on('shell', (accept) => void run(accept(), ''))
  session.on('exec', (accept, _reject, { command }) => void run(accept(), command))
  session.on('subsystem', (accept, reject, { name }) => {
    if (name !== 'sftp') reject?.()
    else transferFiles(accept())
  })
  session.on('close', hangUp)
  connection.on('close', hangUp)

  /** Accepting must not wait: ssh2 accepts nothing after the client's end of input. */
  async function run(channel: ServerChannel | undefined, command: string): Promise<void> {
    if (!open(channel)) return
    if (options.blocksFileTransfer && isFileTransfer(command)) return rejectFileTransfer(channel)
    const prepared = await prepare(command)
    if (isClosed) return
    if (prepared instanceof Error) return reportNotStarted(channel, prepared)
    const start = { ...prepared, env: { ...prepared.env, ...connectionVariables, ...env } }
    const notices = command === '' ? prepared.notices : []
    const parts = { connection, channel, notices, onExit: endCount }
    if (!pty) {
      program = runWithPipes({ ...parts, start })
      return
    }
    const onTerminal = { ...start.env, TERM: pty.term || 'xterm-256color', SSH_TTY: '/dev/tty' }
    program = runOnPty({ ...parts, start: { ...start, env: onTerminal } }, sizeOf(pty))
  }

  async function prepare(command: string): Promise<ShellStart | Error> {
    await Promise.all(preparations)
    return options.prepare(command).catch((error: Error) => error)
  }

  function transferFiles(channel: ServerChannel | undefined): void {
    if (!open(channel)) return
    if (options.blocksFileTransfer) rejectFileTransfer(channel)
    else serveSftp(channel)
  }

  /** @param channel undefined if the session has been closed */
  function open(channel: ServerChannel | undefined): channel is ServerChannel {
    if (!channel || isClosed) return false
    endCount = options.counts.begin(kind)
    channel.on('close', hangUp)
    channel.on('error', () => undefined)
    return true
  }

  function hangUp(): void {
    if (isClosed) return
    isClosed = true
    connection.off('close', hangUp)
    endCount()
    program?.hangUp()
  }
}

const defaultSize = { cols: 80, rows: 24 }
const sizeOf = ({ cols, rows }: PseudoTtyInfo) => ({ cols: cols || defaultSize.cols, rows: rows || defaultSize.rows })

function toKind(value: string): SessionKind {
  const name = value.toLowerCase()
  return name === 'vscode' || name === 'jetbrains' ? name : 'ssh'
}
