// Records what a terminal shows from now on, as an asciicast file of version 2 (docs.asciinema.org/manual/asciicast/v2):
// first what is on the screen, then each piece of output with its time.

import type { Terminal } from '@xterm/xterm'
import type { TerminalScreen } from './terminal-connection.ts'

export interface Recorder {
  readonly isRecording: boolean
  start(title: string): Promise<void>
  /** @returns the file; undefined when nothing was being recorded */
  stop(): string | undefined
  /** The same screen, with what is written on it heard by the recorder. */
  listeningTo<Screen extends TerminalScreen>(screen: Screen): Screen
}

export function createRecorder(terminal: Terminal, onChange: (isRecording: boolean) => void): Recorder {
  let lines: string[] | undefined
  let startedAt = 0
  let decoder = new TextDecoder()

  const add = (kind: 'o' | 'r', text: string) => {
    const seconds = (performance.now() - startedAt) / 1000
    lines?.push(JSON.stringify([Number(seconds.toFixed(6)), kind, text]))
  }
  const hear = (bytes: Uint8Array) => {
    // The end of a character may come with the next piece.
    const text = lines && decoder.decode(bytes, { stream: true })
    if (text) add('o', text)
  }
  terminal.onResize(({ cols, rows }) => add('r', `${cols}x${rows}`))

  return {
    get isRecording() {
      return lines !== undefined
    },
    async start(title) {
      if (lines) return
      const { SerializeAddon } = await import('@xterm/addon-serialize')
      const serializer = new SerializeAddon()
      terminal.loadAddon(serializer)
      const screen = serializer.serialize({ scrollback: 0 })
      serializer.dispose()
      const header = {
        version: 2,
        width: terminal.cols,
        height: terminal.rows,
        timestamp: Math.floor(Date.now() / 1000),
        ...(title ? { title } : {}),
      }
      startedAt = performance.now()
      decoder = new TextDecoder()
      lines = [JSON.stringify(header)]
      add('o', screen)
      onChange(true)
    },
    stop() {
      if (!lines) return undefined
      const file = `${lines.join('\n')}\n`
      lines = undefined
      onChange(false)
      return file
    },
    listeningTo: (screen) => ({
      ...screen,
      write(bytes, parsed) {
        hear(bytes)
        screen.write(bytes, parsed)
      },
      redraw(size, pieces, drawn) {
        hear(resetBytes)
        for (const piece of pieces) hear(piece)
        screen.redraw(size, pieces, drawn)
      },
    }),
  }
}

const resetBytes = new TextEncoder().encode('\x1bc')
