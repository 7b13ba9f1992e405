// Programs of SSH sessions: with pipes, as for `ssh host command`, or on a pseudo-terminal.

import { type ChildProcess, spawn } from 'node:child_process'
import { constants } from 'node:os'
import type { Connection, ServerChannel } from 'ssh2'
import type { ShellStart } from '../../shell.ts'
import { openPty } from '../../terminals/pty.ts'
import { ChannelOutput, type OutputStream } from './channel-output.ts'

/** A running program of a session. */
export interface Program {
  resize(cols: number, rows: number): void
  /** @param name without `SIG` */
  signal(name: string): void
  /** The client left: ends the program as closing a terminal window does. */
  hangUp(): void
}

export interface ProgramStart {
  readonly connection: Connection
  readonly channel: ServerChannel
  readonly start: Pick<ShellStart, 'file' | 'args' | 'cwd' | 'env'>
  /** Shown before the output. */
  readonly notices: readonly string[]
  readonly onExit: () => void
}

export interface TerminalSize {
  readonly cols: number
  readonly rows: number
}

/** Exit status of a session that could not be started, as in Coder. */
const notStartedCode = 229

/** Input that waits for the program; above it, the client's window closes. */
const maxWaitingInputBytes = 2 * 1024 * 1024

// Grace period between SIGHUP and SIGKILL.
const killGraceMs = 5_000

export function runWithPipes({ connection, channel, start, onExit }: ProgramStart): Program {
  // A group of its own, which receives the signals.
  const child = spawn(start.file, start.args, { cwd: start.cwd, env: start.env, detached: true })
  const output = new ChannelOutput(connection, channel, {
    pause() {
      child.stdout.pause()
      child.stderr.pause()
    },
    resume() {
      child.stdout.resume()
      child.stderr.resume()
    },
  })
  copyOutput(child, output)
  copyInput(channel, child)
  child.on('error', (error) => {
    // A failed start has no `close`.
    if (child.pid !== undefined) return
    output.write('stderr', Buffer.from(`Could not start ${start.file}: ${error.message}\n`))
    finish(channel, output, () => channel.exit(notStartedCode), onExit)
  })
  // After the exit, when all processes have closed stdout and stderr.
  child.on('close', (code, signal) => {
    if (child.pid !== undefined) finish(channel, output, () => reportExit(channel, code, signal), onExit)
  })
  return {
    resize: () => undefined,
    signal: (name) => signalGroup(child.pid, name),
    hangUp() {
      output.close()
      child.stdin.destroy()
      const closeOutput = () => {
        child.stdout.destroy()
        child.stderr.destroy()
      }
      if (child.exitCode !== null || child.signalCode !== null) return closeOutput()
      signalGroup(child.pid, 'HUP')
      const killer = setTimeout(() => signalGroup(child.pid, 'KILL'), killGraceMs)
      // Not before: a last message of the program would end it with SIGPIPE instead.
      child.once('exit', () => {
        clearTimeout(killer)
        closeOutput()
      })
    },
  }
}

function copyOutput(child: ChildProcess, output: ChannelOutput): void {
  for (const name of ['stdout', 'stderr'] satisfies OutputStream[]) {
    const stream = child[name]
    stream?.on('data', (bytes: Buffer) => output.write(name, bytes))
    stream?.on('error', () => undefined)
  }
}

function copyInput(channel: ServerChannel, { stdin }: ChildProcess): void {
  if (!stdin) return
  channel.on('data', (bytes: Buffer) => {
    // Input that the program does not read is discarded, as by a closed pipe.
    if (!stdin.writable) return
    stdin.write(bytes)
    if (stdin.writableLength > maxWaitingInputBytes) channel.pause()
  })
  channel.on('end', () => stdin.end())
  stdin.on('drain', () => channel.resume())
  stdin.on('error', () => channel.resume())
  stdin.on('close', () => channel.resume())
}

export function runOnPty(
  { connection, channel, start, notices, onExit }: ProgramStart,
  { cols, rows }: TerminalSize,
): Program | undefined {
  const output = new ChannelOutput(connection, channel, { pause: () => pty?.pause(), resume: () => pty?.resume() })
  for (const notice of notices) output.write('stdout', Buffer.from(`${notice}\r\n`))
  const open = () =>
    openPty({
      ...start,
      cols,
      rows,
      onOutput: (bytes) => output.write('stdout', Buffer.from(bytes)),
      onExit: ({ code, signal }) =>
        finish(channel, output, () => reportExit(channel, code, signalName(signal)), onExit),
    })
  let pty: ReturnType<typeof openPty> | undefined
  try {
    pty = open()
  } catch (error) {
    output.write('stdout', Buffer.from(`${(error as Error).message}\r\n`))
    finish(channel, output, () => channel.exit(notStartedCode), onExit)
    return undefined
  }
  const { pid, write, resize, close } = pty
  channel.on('data', (bytes: Buffer) => {
    write(bytes, () => channel.resume())
    if (pty.waitingInputBytes > maxWaitingInputBytes) channel.pause()
  })
  return {
    resize,
    signal: (name) => signalGroup(pid, name),
    hangUp() {
      output.close()
      close(killGraceMs)
    },
  }
}

/** Ends a session whose program could not be prepared. */
export function reportNotStarted(channel: ServerChannel, { message }: Error): void {
  channel.stderr.write(`Could not start a session: ${message}\n`, () => {
    channel.exit(notStartedCode)
    channel.end()
  })
  channel.resume()
}

/** Sends the exit status after the output, then closes the channel. */
function finish(channel: ServerChannel, output: ChannelOutput, report: () => void, onExit: () => void): void {
  onExit()
  output.flush(() => {
    report()
    channel.end()
    // Input that nobody reads must not hold the channel open.
    channel.resume()
  })
}

function reportExit(channel: ServerChannel, code: number | null, signal: string | null): void {
  if (signal) channel.exit(signal.replace(/^SIG/, ''), false, '')
  else channel.exit(code ?? 0)
}

const signalName = (number: number): string | null =>
  number === 0 ? null : (Object.entries(constants.signals).find(([, value]) => value === number)?.[0] ?? null)

function signalGroup(pid: number | undefined, name: string): void {
  const number = (constants.signals as Record<string, number>)[`SIG${name}`]
  if (pid === undefined || number === undefined) return
  try {
    process.kill(-pid, number)
  } catch {
    // the group has exited
  }
}
