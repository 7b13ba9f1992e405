// Shell integration marks in terminal output (agent/shell-integration): positions of prompts, command lines and output,
// and the working directory. Stores each sequence for as long as its line exists. Tracks the shell's state from marks
// with the session's nonce only, because any output may contain other marks.

import type { Terminal } from '@xterm/headless'
import { hasNonce, parseCommandLine, parseFolder, parseMark, type ShellMark, timeOf } from '../../../lib/shell-marks.ts'
import type { Placed } from './draw-rows.ts'
import { innerOf } from './xterm-internals.ts'

export interface FinishedCommand {
  readonly command: string
  readonly cwd: string
  /** Undefined when the shell does not report it. */
  readonly exit: number | undefined
  /** Epoch ms. */
  readonly startedAt: number
  readonly endedAt: number
}

export interface ShellState {
  /** Working directory; empty before the first report. */
  readonly cwd: string
  /** The running or last command. */
  readonly lastCommand: string
  readonly isBusy: boolean
}

/** The state before the shell's first mark. */
export const idleShell: ShellState = { cwd: '', lastCommand: '', isBusy: false }

export interface Marks {
  readonly state: ShellState
  /** Marks in a row of the normal buffer. */
  at(row: number): Placed[]
  /** Marks of the running command if its lines no longer exist. */
  readonly detachedCommand: string
}

interface Mark extends Placed {
  /** Line number since the session's first line. */
  line: number
}

// Longer command lines are treated as output.
const maxMarkLength = 64 * 1024
// Marks of several thousand lines; beyond this the oldest are dropped.
const maxMarks = 8_000

/** Registers the parser handlers.
 *  @param nonce in the marks of the session's own shell
 *  @param now epoch ms; undefined while replaying */
export function watchMarks(
  terminal: Terminal,
  nonce: string,
  onCommand: (command: FinishedCommand) => void,
  now: () => number | undefined,
): Marks {
  const inner = innerOf(terminal)
  const { normal } = inner._bufferService.buffers
  let marks: Mark[] = []
  let trimmed = 0
  let state: ShellState = idleShell
  let commandLine = ''
  let startedAt: number | undefined
  let startedInFolder = ''

  let commandSequence = ''
  let running: { readonly sequences: string; readonly mark: Mark | undefined } | undefined

  const remove = (from: number, to: number, fromCol = 0) => {
    if (marks.length > 0)
      marks = marks.filter(({ line, col }) => line < from || line >= to || (line === from && col < fromCol))
  }
  normal.lines.onTrim((amount) => {
    trimmed += amount
    if ((marks[0]?.line ?? trimmed) < trimmed) remove(0, trimmed)
  })
  normal.lines.onInsert(({ index, amount }) => {
    for (const mark of marks) if (mark.line >= trimmed + index) mark.line += amount
  })
  normal.lines.onDelete(({ index, amount }) => {
    const from = trimmed + index
    remove(from, from + amount)
    for (const mark of marks) if (mark.line >= from) mark.line -= amount
  })

  function place(sequence: string) {
    if (terminal.buffer.active.type !== 'normal') return
    const line = trimmed + normal.ybase + normal.y
    // Line editors repeat the mark when they redraw the line.
    const kind = kindOf(sequence)
    const isDuplicate = (mark: Mark) => mark.line === line && mark.col === normal.x && kindOf(mark.sequence) === kind
    if (marks.some(isDuplicate)) marks = marks.filter((mark) => !isDuplicate(mark))
    const last = marks.at(-1)
    marks.push({ line, col: normal.x, sequence })
    if (last && (last.line > line || (last.line === line && last.col > normal.x)))
      marks.sort((a, b) => a.line - b.line || a.col - b.col)
    if (marks.length > maxMarks) marks = marks.slice(-maxMarks / 2)
  }

  function startCommand(sequence: string, fields: readonly string[]) {
    running = {
      sequences: `\x1b]133;A\x07${commandSequence}${sequence}`,
      mark: marks.findLast((mark) => mark.sequence === sequence),
    }
    startedAt = timeOf(fields, 'start_ms') ?? Date.now()
    startedInFolder = state.cwd
    state = { ...state, lastCommand: commandLine, isBusy: true }
  }
  function endCommand({ exit, fields }: Extract<ShellMark, { type: 'end' }>) {
    state = { ...state, isBusy: false }
    running = undefined
    if (startedAt === undefined) return
    onCommand({
      command: commandLine,
      cwd: startedInFolder,
      exit,
      startedAt,
      endedAt: timeOf(fields, 'end_ms') ?? Date.now(),
    })
    startedAt = undefined
    commandLine = ''
  }
  /** Whether the command line starts with a blank, which excludes it from the shell's history. */
  function startsWithBlank(): boolean {
    const input = marks.findLast(({ sequence }) => kindOf(sequence) === inputMark)
    if (!input) return false
    const first =
      terminal.buffer.normal
        .getLine(input.line - trimmed)
        ?.getCell(input.col)
        ?.getChars() ?? ''
    return first.trim() === ''
  }
  const { parser } = terminal
  parser.registerOscHandler(133, (text) => {
    const mark = text.length > maxMarkLength ? undefined : parseMark(text)
    if (!mark) return false
    const isOwn = hasNonce(mark.fields, nonce)
    // Adds the time for shells without a clock, because clients that attach later cannot reconstruct it.
    const [timeName, at] = [timeNames[mark.type], now()]
    const isTimeMissing = isOwn && timeName !== undefined && timeOf(mark.fields, timeName) === undefined
    const sequence = `\x1b]133;${text}${isTimeMissing && at ? `;${timeName}=${at}` : ''}\x07`
    place(sequence)
    if (!isOwn) return true
    if (mark.type === 'start') startCommand(sequence, mark.fields)
    else if (mark.type === 'end') endCommand(mark)
    return true
  })
  parser.registerOscHandler(633, (text) => {
    const line = text.length > maxMarkLength ? undefined : parseCommandLine(text)
    if (!line) return false
    const sequence = `\x1b]633;${text}\x07`
    place(sequence)
    if (!hasNonce(line.fields, nonce)) return true
    commandLine = line.isRepeat && startsWithBlank() ? '' : line.command
    commandSequence = commandLine ? sequence : ''
    return true
  })
  parser.registerOscHandler(7, (text) => {
    const cwd = parseFolder(text)
    if (cwd === undefined || text.length > maxMarkLength) return false
    place(`\x1b]7;${text}\x07`)
    state = { ...state, cwd }
    return true
  })
  // Erasing lines removes their marks.
  parser.registerCsiHandler({ final: 'J' }, ([kind]) => {
    if (marks.length === 0 || terminal.buffer.active.type !== 'normal') return false
    const [first, cursor] = [trimmed + normal.ybase, trimmed + normal.ybase + normal.y]
    if (kind === 2) remove(first, first + terminal.rows)
    else if (kind === 1) remove(first, cursor)
    // A mark at the start of the erased range belongs to the text before it.
    else if (!kind) remove(cursor, first + terminal.rows, normal.x + 1)
    return false
  })
  parser.registerEscHandler({ final: 'c' }, () => {
    marks = []
    return false
  })

  return {
    get state() {
      return state
    },
    get detachedCommand() {
      return running && !(running.mark && marks.includes(running.mark)) ? running.sequences : ''
    },
    at(row) {
      const line = trimmed + row
      const first = firstAtOrAfter(marks, line)
      let end = first
      while (marks[end]?.line === line) end++
      return first === end ? none : marks.slice(first, end)
    },
  }
}

const none: Placed[] = []

const timeNames: Partial<Record<ShellMark['type'], 'start_ms' | 'end_ms'>> = { start: 'start_ms', end: 'end_ms' }

const inputMark = '\x1b]133;B'

/** The sequence without its parameters. */
const kindOf = (sequence: string) => sequence.slice(0, 7)

function firstAtOrAfter(marks: readonly Mark[], line: number): number {
  let [low, high] = [0, marks.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((marks[middle] as Mark).line < line) low = middle + 1
    else high = middle
  }
  return low
}
