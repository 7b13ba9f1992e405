// What a shell says about itself in its output (agent/shell-integration): where prompts, command lines and their output
// begin and end, and in which folder. Keeps each sequence at the place it was said, for as long as the line is kept, and
// knows what the shell does at the moment: from those marks only that carry the session's nonce, as any output may have
// others in it.

import type { Terminal } from '@xterm/headless'
import type { Placed } from './draw-rows.ts'
import { innerOf } from './xterm-internals.ts'

export interface FinishedCommand {
  readonly command: string
  readonly cwd: string
  /** Undefined where the shell does not say. */
  readonly exit: number | undefined
  /** epoch ms */
  readonly startedAt: number
  readonly endedAt: number
}

export interface ShellState {
  /** The folder it works in; empty while it has not said. */
  readonly cwd: string
  /** The command that runs or ran last. */
  readonly lastCommand: string
  readonly isBusy: boolean
}

export interface Marks {
  readonly state: ShellState
  /** What stands in a row of the normal buffer. */
  at(row: number): Placed[]
  /** Says that a command runs, where the lines that said so are gone. */
  readonly unsaid: string
}

interface Mark extends Placed {
  /** Counted from the first line that ever was. */
  line: number
}

// A command line that is longer is no mark any more but output.
const longestMark = 64 * 1024
// Prompts and commands of some thousand lines; beyond, the oldest go.
const maxMarks = 8_000

/** Watches what is written to the terminal from now on.
 *  @param nonce that the marks of its own shell carry
 *  @param now epoch ms; undefined while what is written has happened before */
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
  let state: ShellState = { cwd: '', lastCommand: '', isBusy: false }
  let typed = ''
  let startedAt: number | undefined
  let startedIn = ''

  let command = ''
  let running: { readonly begin: string; readonly mark: Mark | undefined } | undefined

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
    // A line that is drawn anew, as a line editor does, says it once more.
    const kind = kindOf(sequence)
    const isAgain = (mark: Mark) => mark.line === line && mark.col === normal.x && kindOf(mark.sequence) === kind
    if (marks.some(isAgain)) marks = marks.filter((mark) => !isAgain(mark))
    const last = marks.at(-1)
    marks.push({ line, col: normal.x, sequence })
    if (last && (last.line > line || (last.line === line && last.col > normal.x)))
      marks.sort((a, b) => a.line - b.line || a.col - b.col)
    if (marks.length > maxMarks) marks = marks.slice(-maxMarks / 2)
  }

  function begin(sequence: string, parameters: readonly string[]) {
    running = {
      begin: `\x1b]133;A\x07${command}${sequence}`,
      mark: marks.findLast((mark) => mark.sequence === sequence),
    }
    startedAt = timeIn(parameters, 'start_ms') ?? Date.now()
    startedIn = state.cwd
    state = { ...state, lastCommand: typed, isBusy: true }
  }
  function end(parameters: readonly string[]) {
    state = { ...state, isBusy: false }
    running = undefined
    if (startedAt === undefined) return
    const exit = Number.parseInt(parameters[0] ?? '', 10)
    onCommand({
      command: typed,
      cwd: startedIn,
      exit: Number.isNaN(exit) ? undefined : exit,
      startedAt,
      endedAt: timeIn(parameters, 'end_ms') ?? Date.now(),
    })
    startedAt = undefined
    typed = ''
  }
  /** A line that the shell's history did not take is the last one again, or one that was to be forgotten. */
  function beganWithBlank(): boolean {
    const input = marks.findLast(({ sequence }) => kindOf(sequence) === inputMark)
    if (!input) return false
    const first =
      terminal.buffer.normal
        .getLine(input.line - trimmed)
        ?.getCell(input.col)
        ?.getChars() ?? ''
    return first.trim() === ''
  }
  const isOwn = (parameters: readonly string[]) => nonce !== '' && parameters.includes(`nonce=${nonce}`)
  const { parser } = terminal
  parser.registerOscHandler(133, (text) => {
    const [letter = '', ...parameters] = text.split(';')
    if (!/^[ABCD]$/.test(letter) || text.length > longestMark) return false
    // Not every shell has a clock, and whoever gets the mark later cannot tell.
    const [timeName, at] = [times[letter], now()]
    if (timeName && at && isOwn(parameters) && timeIn(parameters, timeName) === undefined)
      parameters.push(`${timeName}=${at}`)
    const sequence = `\x1b]133;${[letter, ...parameters].join(';')}\x07`
    place(sequence)
    if (!isOwn(parameters)) return true
    if (letter === 'C') begin(sequence, parameters)
    else if (letter === 'D') end(parameters)
    return true
  })
  parser.registerOscHandler(633, (text) => {
    if (!text.startsWith('E;') || text.length > longestMark) return false
    const sequence = `\x1b]633;${text}\x07`
    place(sequence)
    const [line = '', ...parameters] = text.slice(2).split(';')
    if (!isOwn(parameters)) return true
    typed = parameters[0] === 'r' && beganWithBlank() ? '' : unescaped(line)
    command = typed ? sequence : ''
    return true
  })
  parser.registerOscHandler(7, (text) => {
    const cwd = folderIn(text)
    if (cwd === undefined || text.length > longestMark) return false
    place(`\x1b]7;${text}\x07`)
    state = { ...state, cwd }
    return true
  })
  // Marks go with the lines that are erased.
  parser.registerCsiHandler({ final: 'J' }, ([kind]) => {
    if (marks.length === 0 || terminal.buffer.active.type !== 'normal') return false
    const [first, cursor] = [trimmed + normal.ybase, trimmed + normal.ybase + normal.y]
    if (kind === 2) remove(first, first + terminal.rows)
    else if (kind === 1) remove(first, cursor)
    // What is said where the erased part begins stands before it.
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
    get unsaid() {
      return running && !(running.mark && marks.includes(running.mark)) ? running.begin : ''
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

const times: Readonly<Record<string, string>> = { C: 'start_ms', D: 'end_ms' }

const inputMark = '\x1b]133;B'

/** The sequence up to where its parameters begin. */
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

function timeIn(parameters: readonly string[], name: string): number | undefined {
  const value = parameters.find((parameter) => parameter.startsWith(`${name}=`))?.slice(name.length + 1)
  return value && /^\d{1,16}$/.test(value) ? Number(value) : undefined
}

const unescaped = (text: string) =>
  text.replace(/\\(?:x([0-9a-fA-F]{2})|(\\))/g, (_, hex?: string) =>
    hex ? String.fromCharCode(Number.parseInt(hex, 16)) : '\\',
  )

function folderIn(address: string): string | undefined {
  if (!address.startsWith('file://')) return undefined
  const path = address.slice('file://'.length).replace(/^[^/]*/, '')
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}
