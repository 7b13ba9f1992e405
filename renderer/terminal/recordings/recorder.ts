// Records a terminal as an asciicast file: the current screen, then all output with its time.

import type { Terminal } from '@xterm/xterm'
import { type CastWriter, createCastWriter } from '../../../lib/asciicast.ts'
import type { TerminalScreen } from '../connection/terminal-connection.ts'

export interface Recorder {
  readonly isRecording: boolean
  start(title: string): Promise<void>
  /** @returns the content of the file; undefined if no recording was running */
  stop(): string | undefined
  /** Wraps a screen so that its output is recorded. */
  recordScreen<Screen extends TerminalScreen>(screen: Screen): Screen
}

export function createRecorder(terminal: Terminal, onChange: (isRecording: boolean) => void): Recorder {
  let lines: string[] | undefined
  let writer: CastWriter | undefined

  const recordOutput = (bytes: Uint8Array) => writer?.output(bytes)
  terminal.onResize(({ cols, rows }) => writer?.resize(cols, rows))

  return {
    get isRecording() {
      return writer !== undefined
    },
    async start(title) {
      if (writer) return
      const { SerializeAddon } = await import('@xterm/addon-serialize')
      const serializer = new SerializeAddon()
      terminal.loadAddon(serializer)
      const screen = serializer.serialize({ scrollback: 0 })
      serializer.dispose()
      const written: string[] = []
      const header = { cols: terminal.cols, rows: terminal.rows, title, recordedAt: Date.now() }
      writer = createCastWriter(
        header,
        () => performance.now(),
        (line) => written.push(line),
      )
      lines = written
      recordOutput(new TextEncoder().encode(screen))
      onChange(true)
    },
    stop() {
      const recorded = lines?.join('')
      if (recorded === undefined) return undefined
      writer = undefined
      lines = undefined
      onChange(false)
      return recorded
    },
    recordScreen: (screen) => ({
      ...screen,
      write(bytes, onParsed) {
        recordOutput(bytes)
        screen.write(bytes, onParsed)
      },
      redraw(size, pieces, onDrawn) {
        recordOutput(resetBytes)
        for (const piece of pieces) recordOutput(piece)
        screen.redraw(size, pieces, onDrawn)
      },
    }),
  }
}

const resetBytes = new TextEncoder().encode('\x1bc')
