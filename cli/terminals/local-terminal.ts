// The terminal that `coder terminal` runs in: keyboard input to the session, session output to the screen, the escape
// sequence, and the notices of a lost connection. Does not open connections; commands/agents/terminal.ts does.

import { setTimeout as sleep } from 'node:timers/promises'
import { CommandError } from '../output/errors.ts'
import { note } from '../output/print.ts'
import { trackAlternateScreen } from './alternate-screen.ts'
import { createEscapeKeyFilter, type EscapeAction } from './escape-keys.ts'
import type { PtyAttachment } from './pty-attachment.ts'
import { enterRawMode } from './raw-mode.ts'
import { openRecording, type Recording } from './recording.ts'
import { drawInFirstRow, hasRoomForLine, restoredNotice } from './restored-notice.ts'

export interface LocalTerminalOptions {
  readonly readOnly?: boolean
  /** Path of an asciicast file. */
  readonly record?: string
  /** One character, or `none`. */
  readonly escapeChar: string
}

// For output to a file or a pipe.
const defaultSize = { cols: 80, rows: 24 }
const lineFeed = 0x0a
const cursorToBottom = '\x1b[999B'
const clearScreen = Buffer.from('\x1bc')
/** Resets modes that a program in the session may have set: the alternate screen, mouse reports, bracketed paste,
 *  application keys, a hidden cursor, colors. */
const resetModes =
  '\x1b[?1047l\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1006l\x1b[?2004l\x1b[?1004l\x1b[?1l\x1b>\x1b[?25h\x1b[0m'
const endOfInput = '\x04'
const endOfInputRetryMs = { first: 500, last: 5_000 }
/** Input that is buffered while the connection is lost, as in the dashboard: enough for one line. */
const maxPendingInputBytes = 1024

export class LocalTerminal {
  readonly isReadOnly: boolean
  /** A notice has overwritten the screen: the next attachment needs a snapshot instead of a resume. */
  needsRedraw = false
  /** For a restored session: when its stored screen was last written, in ISO 8601. */
  restoredFrom: string | null = null
  readonly #isInteractive = process.stdin.isTTY && process.stdout.isTTY
  readonly #detached = new AbortController()
  readonly #recording: Recording | undefined
  readonly #alternateScreen = trackAlternateScreen()
  #pty: PtyAttachment | undefined
  /** Input typed since the connection was lost; undefined while connected. */
  #pendingInput: Buffer[] | undefined
  #endOfInputTimer: NodeJS.Timeout | undefined

  constructor({ readOnly = false, record, escapeChar }: LocalTerminalOptions, title: string) {
    this.isReadOnly = readOnly
    if (escapeChar !== 'none' && !/^[!-~]$/.test(escapeChar))
      throw new CommandError(`--escape-char "${escapeChar}" is not a single character.`, {
        hint: 'use a character such as ~, or `none`.',
      })
    this.#recording = record === undefined ? undefined : openRecording(record, title, this.size)
    const filterKeys = createEscapeKeyFilter(escapeChar === 'none' ? '' : escapeChar, {
      pass: (bytes) => this.#sendInput(bytes),
      act: (action) => this.#runEscapeAction(action, escapeChar),
    })
    const { stdin, stdout } = process
    if (this.#isInteractive) enterRawMode()
    stdin.on('data', (bytes: Buffer) => (this.#isInteractive ? filterKeys(bytes) : this.#sendInput(bytes)))
    let lastByte: number | undefined
    stdin.on('data', (bytes: Buffer) => (lastByte = bytes.at(-1)))
    stdin.on('end', () => {
      // A last line without a line feed counts, as in a script.
      if (lastByte !== undefined && lastByte !== lineFeed) this.#sendInput(Buffer.from('\r'))
      this.#sendEndOfInput(endOfInputRetryMs.first)
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
    return stdout.isTTY ? { cols: stdout.columns, rows: stdout.rows } : defaultSize
  }

  connectTo(pty: PtyAttachment): void {
    this.#pty = pty
    if (this.#detached.signal.aborted) pty.detach()
  }

  /** Buffers input from now on. */
  onConnectionLost(): void {
    this.#pendingInput ??= []
  }

  /** Sends the buffered input, unless the session is a new one. */
  onReconnected(isNewSession: boolean): void {
    const pending = this.#pendingInput ?? []
    this.#pendingInput = undefined
    if (!isNewSession) for (const bytes of pending) this.#pty?.write(bytes)
  }

  output(bytes: Buffer): void {
    this.#alternateScreen.feed(bytes)
    this.#recording?.writer.output(bytes)
    process.stdout.write(bytes)
  }

  screen(bytes: Buffer): void {
    this.needsRedraw = false
    // For a file or a pipe, the screen is written once, in history().
    if (process.stdout.isTTY) this.output(Buffer.concat([clearScreen, bytes]))
  }

  history(lines: Buffer, screen: Buffer): void {
    if (!process.stdout.isTTY) this.output(Buffer.concat([lines, screen]))
    else if (lines.length > 0) this.output(Buffer.concat([clearScreen, lines, screen]))
    if (this.restoredFrom) this.#showNotice(restoredNotice(this.restoredFrom), lines, screen)
  }

  showReconnecting(): void {
    if (!this.#isInteractive || this.needsRedraw) return
    this.needsRedraw = true
    process.stderr.write('\r\n\x1b[7m Connection lost. The session keeps running; reconnecting … \x1b[0m\r\n')
  }

  /** @returns true when the user detached during the wait */
  async waitBeforeRetry(ms: number): Promise<boolean> {
    await sleep(ms, undefined, { signal: this.#detached.signal }).catch(() => undefined)
    return this.#detached.signal.aborted
  }

  async close(): Promise<void> {
    const { stdin, stdout } = process
    if (this.#isInteractive) {
      stdin.setRawMode(false)
      // Leaving the alternate screen restores the earlier screen, but not the position of its cursor.
      stdout.write(`${resetModes}${this.#alternateScreen.isOn ? cursorToBottom : ''}\r\n`)
    }
    clearTimeout(this.#endOfInputTimer)
    // Unread piped input would keep the process alive.
    stdin.destroy()
    await this.#recording?.close()
  }

  #sendInput(bytes: Buffer): void {
    if (bytes.length === 0) return
    // A read-only terminal is left with Ctrl-C.
    if (this.isReadOnly) {
      if (bytes.includes(3)) this.#detach()
    } else if (!this.#pendingInput) this.#pty?.write(bytes)
    else if (this.#pendingInput.reduce((sum, { length }) => sum + length, bytes.length) <= maxPendingInputBytes)
      this.#pendingInput.push(bytes)
  }

  /** Repeated until the session ends: a shell discards an end of input that arrives while it starts its line editor. */
  #sendEndOfInput(retryMs: number): void {
    this.#sendInput(Buffer.from(endOfInput))
    this.#endOfInputTimer = setTimeout(
      () => this.#sendEndOfInput(Math.min(2 * retryMs, endOfInputRetryMs.last)),
      retryMs,
    )
  }

  #runEscapeAction(action: EscapeAction, character: string): void {
    if (action === 'detach') this.#detach()
    else this.#showEscapeHelp(character)
  }

  #showEscapeHelp(character: string): void {
    process.stderr.write(
      `\r\n ${character}.  detach; the session keeps running\r\n ${character}${character}  send the escape character\r\n` +
        ` ${character}?  show this help\r\n Escapes are recognized only at the start of a line.\r\n`,
    )
  }

  /** Shows one line without overwriting what was just drawn. */
  #showNotice(text: string, lines: Buffer, screen: Buffer): void {
    const { stdout, stderr } = process
    if (!stdout.isTTY || !stderr.isTTY) note(text)
    else if (hasRoomForLine(screen)) stderr.write(drawInFirstRow(text, this.size.cols))
    else {
      this.output(Buffer.concat([clearScreen, lines]))
      stderr.write(`${text}\r\n`)
      this.output(screen)
    }
  }

  #detach(): void {
    this.#detached.abort()
    this.#pty?.detach()
  }
}
