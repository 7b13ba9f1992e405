// Tracks the commands of a terminal from the marks in its output (agent/shell-integration): position, command line, exit
// status and times. command-gutter.tsx draws them.
//
// Only marks with the session's nonce come from its own shell. Marks of other output (foreign) are drawn beside their lines,
// even within a command of the shell, and have no other effect.

import type { IDisposable, IMarker, Terminal } from '@xterm/xterm'
import { hasNonce, parseCommandLine, parseFolder, parseMark, timeOf } from '../../../../lib/shell-marks.ts'
import type { ShellCommand } from './shell-command.ts'

/** A command and its lines in the normal buffer. */
export interface CommandBlock extends ShellCommand {
  /** First line of its prompt. */
  readonly from: number
  /** First line of its output. */
  readonly outputFrom: number
  /** Line after its last one; undefined while it runs. */
  readonly to: number | undefined
  /** Whether the session's own shell reported it. */
  readonly isOwn: boolean
}

export interface CommandMarks {
  /** Commands still in the scrollback, in order. */
  blocks(): readonly CommandBlock[]
  /** The running or last command of the session's own shell, even if its lines are cleared. */
  readonly last: ShellCommand | undefined
  /** Whether the shell waits for a command. */
  readonly isAtPrompt: boolean
  readonly cwd: string
  outputOf(id: number): string
  /** Call when the shell has exited, which also ends its command. @param exit undefined if unknown */
  finish(exit: number | undefined): void
  /** Nonce in the marks of the session's own shell. While it is empty, no mark counts as own. */
  nonce: string
  /** Set while the terminal parses repeated output. */
  isReplaying: boolean
  readonly onChange: (listener: () => void) => IDisposable
  readonly onEnd: (listener: (command: ShellCommand) => void) => IDisposable
  dispose(): void
}

interface Mark {
  readonly id: number
  readonly prompt: IMarker
  output: IMarker | undefined
  end: IMarker | undefined
  /** Column of the end; above 0 if the output does not end with a line feed. */
  endColumn: number
  command: string
  /** Whether the session's own shell reported the command line. */
  isCommandOwn: boolean
  isOwn: boolean
  cwd: string
  startedAt: number | undefined
  endedAt: number | undefined
  exit: number | undefined
}

// Keeps long-lived terminals fast.
const maxBlocks = 2_000

export function trackCommands(terminal: Terminal): CommandMarks {
  let marks: Mark[] = []
  let lastId = 0
  let isAtPrompt = false
  let cwd = ''
  // Last command of the own shell and last foreign one, even if their lines are cleared.
  let latest: Mark | undefined
  let foreign: Mark | undefined
  const changes = new Set<() => void>()
  const ends = new Set<(command: ShellCommand) => void>()
  const notifyChange = () => {
    for (const listener of changes) listener()
  }
  const isNormal = () => terminal.buffer.active.type === 'normal'
  const last = () => marks.at(-1)

  const startPrompt = () => {
    const before = last()
    // An empty command line, or a redrawn prompt.
    if (before && !before.output) {
      marks.pop()
      before.prompt.dispose()
    }
    endForeign()
    const prompt = terminal.registerMarker(0)
    const mark: Mark = {
      id: ++lastId,
      prompt,
      output: undefined,
      end: undefined,
      endColumn: 0,
      command: '',
      isCommandOwn: false,
      isOwn: false,
      cwd,
      startedAt: undefined,
      endedAt: undefined,
      exit: undefined,
    }
    prompt.onDispose(() => {
      if (!marks.includes(mark)) return
      marks = marks.filter((other) => other !== mark)
      notifyChange()
    })
    marks.push(mark)
    if (marks.length > maxBlocks) marks[0]?.prompt.dispose()
    if (!latest || latest.end) isAtPrompt = true
  }

  /** Start of the command line. */
  let input: { readonly marker: IMarker | undefined; readonly column: number } | undefined
  const startInput = () => {
    input?.marker?.dispose()
    input = { marker: terminal.registerMarker(0), column: terminal.buffer.active.cursorX }
  }
  /** Distinguishes a repeated command from one that the shell left out of its history because it starts with a space. */
  const startsWithSpace = () => {
    const line = input?.marker && terminal.buffer.active.getLine(input.marker.line)
    return (
      line
        ?.getCell(input?.column ?? 0)
        ?.getChars()
        .trim() === ''
    )
  }

  const startCommand = (isOwn: boolean, startedAt: number | undefined) => {
    const mark = last()
    if (!mark || mark.output) return
    endForeign()
    mark.isOwn = isOwn
    if (isOwn && !mark.isCommandOwn) mark.command = ''
    if (isOwn) {
      if (latest && !latest.end) endCommand(latest, undefined, undefined)
      latest = mark
    } else foreign = mark
    isAtPrompt = false
    mark.output = terminal.registerMarker(0)
    mark.cwd = cwd || mark.cwd
    mark.startedAt = startedAt
  }

  const endCommand = (mark: Mark, exit: number | undefined, endedAt: number | undefined) => {
    mark.end = terminal.registerMarker(0)
    mark.endColumn = terminal.buffer.active.cursorX
    mark.exit = exit
    mark.endedAt = endedAt
    if (mark.isOwn && !api.isReplaying) for (const listener of ends) listener(toCommand(mark))
  }

  /** A foreign command ends at the latest with the next prompt. */
  const endForeign = () => {
    if (foreign && !foreign.end) endCommand(foreign, undefined, undefined)
  }

  /** Falls back to the current time for shells without a clock, except for repeated output. */
  const timeIn = (fields: readonly string[], name: 'start_ms' | 'end_ms') =>
    timeOf(fields, name) ?? (api.isReplaying ? undefined : Date.now())
  const handleMark = (payload: string): boolean => {
    if (!isNormal()) return true
    const mark = parseMark(payload)
    const isOwn = mark !== undefined && hasNonce(mark.fields, api.nonce)
    if (mark?.type === 'prompt') startPrompt()
    else if (mark?.type === 'input') startInput()
    else if (mark?.type === 'start') startCommand(isOwn, timeIn(mark.fields, 'start_ms'))
    else if (mark?.type === 'end') {
      if (isOwn) endForeign()
      const command = isOwn ? latest : foreign
      if (command && !command.end) endCommand(command, mark.exit, timeIn(mark.fields, 'end_ms'))
    }
    notifyChange()
    return true
  }

  const handlers = [
    terminal.parser.registerOscHandler(133, handleMark),
    terminal.parser.registerOscHandler(633, (payload) => {
      const mark = last()
      const line = parseCommandLine(payload)
      if (!line || !mark || mark.output) return true
      const isOwn = hasNonce(line.fields, api.nonce)
      if (mark.isCommandOwn && !isOwn) return true
      mark.command = line.isRepeat && startsWithSpace() ? '' : line.command
      mark.isCommandOwn = isOwn
      return true
    }),
    terminal.parser.registerOscHandler(7, (payload) => {
      cwd = parseFolder(payload) ?? cwd
      notifyChange()
      return true
    }),
    terminal.parser.registerEscHandler({ final: 'c' }, () => {
      // A program that resets the terminal is still running.
      clearMarks(api.isReplaying || latest?.end ? undefined : latest)
      return false
    }),
  ]

  const clearMarks = (running: Mark | undefined) => {
    const before = marks
    marks = []
    latest = running
    foreign = undefined
    isAtPrompt = false
    for (const { prompt, output, end } of before) for (const marker of [prompt, output, end]) marker?.dispose()
    notifyChange()
  }

  const toCommand = (mark: Mark): ShellCommand => ({
    id: mark.id,
    command: mark.command,
    cwd: mark.cwd,
    startedAt: mark.startedAt,
    endedAt: mark.endedAt,
    exit: mark.exit,
    isRunning: mark.end === undefined,
  })

  const toBlock = (mark: Mark): CommandBlock => {
    const outputFrom = mark.output && !mark.output.isDisposed ? mark.output.line : mark.prompt.line + 1
    return {
      ...toCommand(mark),
      isOwn: mark.isOwn,
      from: mark.prompt.line,
      outputFrom,
      to: mark.end && Math.max(outputFrom, mark.end.line + (mark.endColumn > 0 ? 1 : 0)),
    }
  }

  const api: CommandMarks = {
    blocks: () => marks.filter(({ prompt, output }) => output && !prompt.isDisposed).map(toBlock),
    get last() {
      return latest && toCommand(latest)
    },
    get isAtPrompt() {
      return isAtPrompt
    },
    get cwd() {
      return cwd
    },
    outputOf(id) {
      const mark = marks.find((candidate) => candidate.id === id)
      if (!mark?.output) return ''
      const { outputFrom, to } = toBlock(mark)
      return readText(terminal, outputFrom, to ?? getCursorLine(terminal) + 1, mark.endColumn || terminal.cols)
    },
    finish(exit) {
      isAtPrompt = false
      endForeign()
      if (latest && !latest.end) endCommand(latest, exit, undefined)
      notifyChange()
    },
    nonce: '',
    isReplaying: false,
    onChange: (listener) => addListener(changes, listener),
    onEnd: (listener) => addListener(ends, listener),
    dispose() {
      for (const handler of handlers) handler.dispose()
    },
  }
  return api
}

function addListener<Listener>(listeners: Set<Listener>, listener: Listener): IDisposable {
  listeners.add(listener)
  return { dispose: () => void listeners.delete(listener) }
}

const getCursorLine = ({ buffer }: Terminal): number => buffer.normal.baseY + buffer.normal.cursorY

/** Text of these lines without trailing spaces; wrapped rows are joined. @param columns of the last line */
function readText({ buffer }: Terminal, from: number, to: number, columns: number): string {
  const lines: string[] = []
  for (let row = from; row < to; row++) {
    const line = buffer.normal.getLine(row)
    if (!line) continue
    const continues = buffer.normal.getLine(row + 1)?.isWrapped === true && row + 1 < to
    const text = line.translateToString(!continues, 0, row + 1 === to ? columns : undefined)
    if (line.isWrapped && lines.length > 0) lines.push((lines.pop() ?? '') + text)
    else lines.push(text)
  }
  return lines.join('\n').trimEnd()
}
