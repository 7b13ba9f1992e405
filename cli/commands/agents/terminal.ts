// `coder terminal`: a terminal of a workspace in this one. The session goes on without us, and is the same in the window, in
// a browser and here.

import { randomUUID } from 'node:crypto'
import { createWriteStream, openSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import type { TerminalPosition } from '../../../api/agents/agent-protocol.ts'
import { getTerminalPreferences, listTerminals } from '../../../api/agents/terminals.ts'
import { ApiError } from '../../../api/errors.ts'
import { type CastWriter, createCastWriter } from '../../../lib/asciicast.ts'
import { shellQuoted } from '../../../lib/shell-quoted.ts'
import { type Connection, connect } from '../../connection/connect.ts'
import type { GlobalOptions } from '../../connection/local-deployment.ts'
import { requireAgent } from '../../lookup/find-agent.ts'
import { CommandError } from '../../output/errors.ts'
import { note } from '../../output/print.ts'
import { trackAlternateScreen } from '../../terminals/alternate-screen.ts'
import { createEscapeKeyFilter, type EscapeAction } from '../../terminals/escape-keys.ts'
import { attachPty, type PtyAttachment, type PtyExit, TerminalLost } from '../../terminals/pty-attachment.ts'
import { enterRawMode } from '../../terminals/raw-mode.ts'
import { drawInFirstRow, hasRoomForLine, restoredNotice } from '../../terminals/restored-notice.ts'
import { defaultSessionName, resolveSessionId } from '../../terminals/session-names.ts'

interface Options extends GlobalOptions {
  readonly new?: boolean
  readonly readOnly?: boolean
  readonly profile?: string
  readonly record?: string
  readonly escapeChar: string
}

// Where the output goes into a file or a pipe.
const usualSize = { cols: 80, rows: 24 }
const lineFeed = 0x0a
const toTheEnd = '\x1b[999B'
const clearScreen = Buffer.from('\x1bc')
/** Ends what a program may have switched on and this terminal would keep: the alternate screen, mouse reports, bracketed
 *  paste, application keys, a hidden cursor, colours. */
const leaveModes =
  '\x1b[?1047l\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1006l\x1b[?2004l\x1b[?1004l\x1b[?1l\x1b>\x1b[?25h\x1b[0m'
const endOfInput = '\x04'
const endAgainMs = { first: 500, last: 5_000 }
/** What is typed while the connection is away and goes to the session when it is back, as on our pages: enough for a line. */
const maxHeldBytes = 1024
const retryMs = { first: 200, last: 5_000 }
/** What comes back sooner is not worth a word. */
const silentMs = 1_500

export async function openTerminal([name = '', sessionName]: readonly string[], options: Options): Promise<void> {
  const connection = await connect(options)
  const { agent, workspace } = await requireAgent(connection, name)
  const place = { workspaceId: workspace.id, agentName: agent.name }
  const sessions = options.new ? [] : await sessionsOf(connection, agent.id)
  const id = options.new ? randomUUID() : resolveSessionId(sessionName ?? defaultSessionName, place, sessions)
  const profile = options.profile === undefined ? undefined : await profileId(connection, options.profile)
  const terminal = new Terminal(options, `${name} ${sessionName ?? defaultSessionName}`)
  const back = `\`coder terminal ${name} ${options.new ? id : asWord(sessionName)}`.trimEnd()
  try {
    const exit = await stay(connection, terminal, { name, agentId: agent.id, id, profile })
    await terminal.close()
    if (exit) process.exitCode = exit.code || (exit.signal && 128 + exit.signal)
    if (exit?.signal) note(`The terminal was ended by signal ${exit.signal}.`)
    if (!exit) note(`Detached. ${back}\` comes back to it.`)
  } catch (error) {
    await terminal.close()
    throw error
  }
}

/** As it is typed at a prompt. */
const asWord = (name = ''): string => (/^[\w.@:/-]*$/.test(name) ? name : shellQuoted(name))

const sessionsOf = async ({ client }: Connection, agentId: string) =>
  (await client.call(listTerminals, { params: { workspaceagent: agentId } })).terminals

async function profileId({ client }: Connection, name: string): Promise<string> {
  const { profiles } = await client.call(getTerminalPreferences, { params: { user: 'me' } })
  const found = profiles.find((profile) => profile.id === name || profile.name === name)
  if (found || name === '') return found?.id ?? ''
  throw new CommandError(`You have no terminal profile ${name}.`, {
    detail: `Profiles: ${profiles.map((profile) => profile.name).join(', ') || 'none'}`,
  })
}

interface Session {
  /** Of workspace and agent, as it was typed. */
  readonly name: string
  readonly agentId: string
  readonly id: string
  readonly profile: string | undefined
}

/** Attaches, and again whenever the connection is lost. @returns null when the person left */
async function stay(connection: Connection, terminal: Terminal, session: Session): Promise<PtyExit | null> {
  let { agentId } = session
  let resume: TerminalPosition | undefined
  let hasAttached = false as boolean
  let lostAt: number | undefined
  let delayMs = retryMs.first
  for (;;) {
    const pty = attachPty(connection, {
      agentId,
      id: session.id,
      command: '',
      profile: session.profile,
      readOnly: terminal.isReadOnly,
      resume: terminal.wasDisturbed ? undefined : resume,
      ...terminal.size,
      onAttached: ({ created, restored_from: restoredFrom }) => {
        // What was typed for a session that is gone is not meant for a new one.
        terminal.isBack(created && hasAttached)
        terminal.restoredFrom = restoredFrom
        hasAttached = true
        lostAt = undefined
        delayMs = retryMs.first
      },
      onOutput: (bytes) => terminal.output(bytes),
      onScreen: (bytes) => terminal.screen(bytes),
      onHistory: (lines, screen) => terminal.history(lines, screen),
    })
    terminal.connectTo(pty)
    try {
      return await pty.ended
    } catch (error) {
      if (!(error instanceof TerminalLost) || !hasAttached) throw error
      resume = pty.position ?? resume
    }
    terminal.isLost()
    lostAt ??= Date.now()
    if (await terminal.waitAway(delayMs)) return null
    if (Date.now() - lostAt > silentMs) terminal.isAway()
    delayMs = Math.min(delayMs * 2, retryMs.last)
    agentId = await currentAgent(connection, session.name, agentId)
  }
}

/** A new build of the workspace has agents of its own. While nobody answers, the one that is known.
 *  @throws CommandError when the workspace runs no more */
async function currentAgent(connection: Connection, name: string, known: string): Promise<string> {
  try {
    return (await requireAgent(connection, name)).agent.id
  } catch (error) {
    if (error instanceof ApiError && (error.status === 0 || error.status >= 500 || error.status === 429)) return known
    throw error
  }
}

/** The terminal that we run in. */
class Terminal {
  readonly isReadOnly: boolean
  /** Words of ours stand on the screen, so that it has to be drawn anew. */
  wasDisturbed = false
  /** ISO 8601: until when what is on the screen was seen, where a new process goes on below it. */
  restoredFrom: string | null = null
  readonly #isWatched = process.stdin.isTTY && process.stdout.isTTY
  readonly #detached = new AbortController()
  readonly #recording: Recording | undefined
  readonly #alternate = trackAlternateScreen()
  #pty: PtyAttachment | undefined
  /** What was typed since the connection was lost. */
  #held: Buffer[] | undefined
  #ending: NodeJS.Timeout | undefined

  constructor({ readOnly = false, record, escapeChar }: Options, title: string) {
    this.isReadOnly = readOnly
    if (escapeChar !== 'none' && !/^[!-~]$/.test(escapeChar))
      throw new CommandError(`--escape-char "${escapeChar}" is not one character.`, { hint: 'such as ~, or `none`.' })
    this.#recording = record === undefined ? undefined : openRecording(record, title, this.size)
    const takeKeys = createEscapeKeyFilter(escapeChar === 'none' ? '' : escapeChar, {
      pass: (bytes) => this.#type(bytes),
      act: (action) => this.#act(action, escapeChar),
    })
    const { stdin, stdout } = process
    if (this.#isWatched) enterRawMode()
    stdin.on('data', (bytes: Buffer) => (this.#isWatched ? takeKeys(bytes) : this.#type(bytes)))
    let last: number | undefined
    stdin.on('data', (bytes: Buffer) => (last = bytes.at(-1)))
    stdin.on('end', () => {
      // A last line without an end counts, as in a script.
      if (last !== undefined && last !== lineFeed) this.#type(Buffer.from('\r'))
      this.#endInput(endAgainMs.first)
    })
    stdout.on('resize', () => {
      const { cols, rows } = this.size
      this.#pty?.resize(cols, rows)
      this.#recording?.writer.resize(cols, rows)
    })
    for (const signal of ['SIGHUP', 'SIGTERM'] as const) process.once(signal, () => this.#detach())
  }

  get size(): { cols: number; rows: number } {
    const { stdout } = process
    return stdout.isTTY ? { cols: stdout.columns, rows: stdout.rows } : usualSize
  }

  connectTo(pty: PtyAttachment): void {
    this.#pty = pty
    if (this.#detached.signal.aborted) pty.detach()
  }

  /** From now on nobody hears what is typed. */
  isLost(): void {
    this.#held ??= []
  }

  isBack(isAnother: boolean): void {
    const held = this.#held ?? []
    this.#held = undefined
    if (!isAnother) for (const bytes of held) this.#pty?.write(bytes)
  }

  output(bytes: Buffer): void {
    this.#alternate.take(bytes)
    this.#recording?.writer.output(bytes)
    process.stdout.write(bytes)
  }

  screen(bytes: Buffer): void {
    this.wasDisturbed = false
    // What goes into a file or a pipe is there once, with what was above it.
    if (process.stdout.isTTY) this.output(Buffer.concat([clearScreen, bytes]))
  }

  history(lines: Buffer, screen: Buffer): void {
    if (!process.stdout.isTTY) this.output(Buffer.concat([lines, screen]))
    else if (lines.length > 0) this.output(Buffer.concat([clearScreen, lines, screen]))
    if (this.restoredFrom) this.#tell(restoredNotice(this.restoredFrom), lines, screen)
  }

  isAway(): void {
    if (!this.#isWatched || this.wasDisturbed) return
    this.wasDisturbed = true
    process.stderr.write('\r\n\x1b[7m The connection was lost. What runs here goes on; connecting again … \x1b[0m\r\n')
  }

  /** @returns true when the person left in the meantime */
  async waitAway(ms: number): Promise<boolean> {
    await sleep(ms, undefined, { signal: this.#detached.signal }).catch(() => undefined)
    return this.#detached.signal.aborted
  }

  async close(): Promise<void> {
    const { stdin, stdout } = process
    if (this.#isWatched) {
      stdin.setRawMode(false)
      // The cursor is where a full-screen program had it, and what was there before that is on the screen again.
      stdout.write(`${leaveModes}${this.#alternate.isOn ? toTheEnd : ''}\r\n`)
    }
    clearTimeout(this.#ending)
    // Piped input that nobody reads would keep the command.
    stdin.destroy()
    await this.#recording?.close()
  }

  #type(bytes: Buffer): void {
    if (bytes.length === 0) return
    // Whoever only looks leaves with what ends everything else.
    if (this.isReadOnly) {
      if (bytes.includes(3)) this.#detach()
    } else if (!this.#held) this.#pty?.write(bytes)
    else if (this.#held.reduce((sum, { length }) => sum + length, bytes.length) <= maxHeldBytes) this.#held.push(bytes)
  }

  /** Says so until the session ends: a shell that turns to its line editor loses what it was told before. */
  #endInput(againMs: number): void {
    this.#type(Buffer.from(endOfInput))
    this.#ending = setTimeout(() => this.#endInput(Math.min(2 * againMs, endAgainMs.last)), againMs)
  }

  #act(action: EscapeAction, character: string): void {
    if (action === 'detach') this.#detach()
    else this.#explain(character)
  }

  #explain(character: string): void {
    process.stderr.write(
      `\r\n ${character}.  leave; the terminal goes on\r\n ${character}${character}  the character itself\r\n` +
        ` ${character}?  this\r\n Only at the beginning of a line.\r\n`,
    )
  }

  /** One line that harms nothing of what was just drawn. */
  #tell(words: string, lines: Buffer, screen: Buffer): void {
    const { stdout, stderr } = process
    if (!stdout.isTTY || !stderr.isTTY) note(words)
    else if (hasRoomForLine(screen)) stderr.write(drawInFirstRow(words, this.size.cols))
    else {
      this.output(Buffer.concat([clearScreen, lines]))
      stderr.write(`${words}\r\n`)
      this.output(screen)
    }
  }

  #detach(): void {
    this.#detached.abort()
    this.#pty?.detach()
  }
}

interface Recording {
  readonly writer: CastWriter
  close(): Promise<void>
}

function openRecording(path: string, title: string, size: { cols: number; rows: number }): Recording {
  const lost = (error: Error) =>
    new CommandError(`The recording cannot be written to ${path}.`, { detail: error.message })
  const file = createWriteStream('', { fd: openForWriting(path, lost) })
  let failure: Error | undefined
  file.on('error', (error) => {
    failure = error
  })
  const header = { ...size, title, recordedAt: Date.now() }
  return {
    writer: createCastWriter(
      header,
      () => performance.now(),
      (line) => void file.write(line),
    ),
    async close() {
      if (!failure) await new Promise((resolve) => file.end(resolve))
      if (failure) throw lost(failure)
    },
  }
}

/** Before anything is recorded: whoever wants a recording does not want a terminal without one. */
function openForWriting(path: string, lost: (error: Error) => CommandError): number {
  try {
    return openSync(path, 'w', 0o600)
  } catch (error) {
    throw lost(error as Error)
  }
}
