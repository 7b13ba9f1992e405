// Records what a terminal shows from now on, as an asciicast file: first what is on the screen, then each piece of output
// with its time.

import type { Terminal } from '@xterm/xterm'
import { type CastWriter, createCastWriter } from '../../../lib/asciicast.ts'
import type { TerminalScreen } from '../connection/terminal-connection.ts'

export interface Recorder {
  readonly isRecording: boolean
  start(title: string): Promise<void>
  /** @returns the file; undefined when nothing was being recorded */
  stop(): string | undefined
  /** The same screen, with what is written on it heard by the recorder. */
  recordScreen<Screen extends TerminalScreen>(screen: Screen): Screen
}

export function createRecorder(terminal: Terminal, onChange: (isRecording: boolean) => void): Recorder {
  let file: string[] | undefined
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
      const lines: string[] = []
      const header = { cols: terminal.cols, rows: terminal.rows, title, recordedAt: Date.now() }
      writer = createCastWriter(
        header,
        () => performance.now(),
        (line) => lines.push(line),
      )
      file = lines
      recordOutput(new TextEncoder().encode(screen))
      onChange(true)
    },
    stop() {
      const recorded = file?.join('')
      if (recorded === undefined) return undefined
      writer = undefined
      file = undefined
      onChange(false)
      return recorded
    },
    recordScreen: (screen) => ({
      ...screen,
      write(bytes, parsed) {
        recordOutput(bytes)
        screen.write(bytes, parsed)
      },
      redraw(size, pieces, drawn) {
        recordOutput(resetBytes)
        for (const piece of pieces) recordOutput(piece)
        screen.redraw(size, pieces, drawn)
      },
    }),
  }
}

const resetBytes = new TextEncoder().encode('\x1bc')
