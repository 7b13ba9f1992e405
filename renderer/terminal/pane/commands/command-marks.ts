// The commands of a terminal, as its shell marks them in the output (agent/shell-integration, api/agents/agent-protocol.ts):
// where each begins and ends, what it was, and how it went. Reads; what is drawn of it is command-gutter.tsx's.
//
// Only what carries the session's nonce was said by its own shell. What other output says is kept apart from that: it has
// its place beside the lines, even within a command of the shell, and counts for nothing else.

import type { IDisposable, IMarker, Terminal } from '@xterm/xterm'
import type { ShellCommand } from './shell-command.ts'

/** One command and its place; lines are those of the normal buffer. */
export interface CommandBlock extends ShellCommand {
  /** Where its prompt begins. */
  readonly from: number
  /** Where its output begins. */
  readonly outputFrom: number
  /** The line after its last; undefined while it runs. */
  readonly to: number | undefined
  /** Whether the session's own shell told of it. */
  readonly isOwn: boolean
}

export interface CommandMarks {
  /** Those that are still in the scrollback, in order. */
  blocks(): readonly CommandBlock[]
  /** The command of the session's own shell that runs or ran last, also when its lines are cleared. */
  readonly last: ShellCommand | undefined
  /** The shell waits for a command. */
  readonly isAtPrompt: boolean
  readonly cwd: string
  outputOf(id: number): string
  /** The shell itself has ended, and with it what ran. @param exit undefined where nobody knows */
  finish(exit: number | undefined): void
  /** What the marks of the session's own shell carry; none of them does while it is empty. */
  nonce: string
  /** Set while what is parsed has happened before. */
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
  /** Of the end in its line: above 0 where the output is not ended by a line feed. */
  endColumn: number
  command: string
  /** Whether it was the session's own shell that told the command line, and that it began. */
  isCommandOwn: boolean
  isOwn: boolean
  cwd: string
  startedAt: number | undefined
  endedAt: number | undefined
  exit: number | undefined
}

// A prompt that is typed at for a week is still a terminal to be quick in.
const maxBlocks = 2_000

export function watchCommands(terminal: Terminal): CommandMarks {
  let marks: Mark[] = []
  let lastId = 0
  let isAtPrompt = false
  let cwd = ''
  // Also when its lines, and so its place among the marks, are gone: of the own shell, and of others.
  let latest: Mark | undefined
  let foreign: Mark | undefined
  const changes = new Set<() => void>()
  const ends = new Set<(command: ShellCommand) => void>()
  const changed = () => {
    for (const listener of changes) listener()
  }
  const isNormal = () => terminal.buffer.active.type === 'normal'
  const last = () => marks.at(-1)

  const atPrompt = () => {
    const before = last()
    // An empty line, or a prompt that is drawn again.
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
      changed()
    })
    marks.push(mark)
    if (marks.length > maxBlocks) marks[0]?.prompt.dispose()
    if (!latest || latest.end) isAtPrompt = true
  }

  /** Where what is typed begins. */
  let input: { readonly marker: IMarker | undefined; readonly column: number } | undefined
  const atInput = () => {
    input?.marker?.dispose()
    input = { marker: terminal.registerMarker(0), column: terminal.buffer.active.cursorX }
  }
  /** A line that the shell's history did not take is the last one again, or one that was to be forgotten. */
  const beganWithBlank = () => {
    const line = input?.marker && terminal.buffer.active.getLine(input.marker.line)
    return (
      line
        ?.getCell(input?.column ?? 0)
        ?.getChars()
        .trim() === ''
    )
  }

  const begin = (isOwn: boolean, startedAt: number | undefined) => {
    const mark = last()
    if (!mark || mark.output) return
    endForeign()
    mark.isOwn = isOwn
    if (isOwn && !mark.isCommandOwn) mark.command = ''
    if (isOwn) {
      if (latest && !latest.end) end(latest, undefined, undefined)
      latest = mark
    } else foreign = mark
    isAtPrompt = false
    mark.output = terminal.registerMarker(0)
    mark.cwd = cwd || mark.cwd
    mark.startedAt = startedAt
  }

  const end = (mark: Mark, exit: number | undefined, endedAt: number | undefined) => {
    mark.end = terminal.registerMarker(0)
    mark.endColumn = terminal.buffer.active.cursorX
    mark.exit = exit
    mark.endedAt = endedAt
    if (mark.isOwn && !api.isReplaying) for (const listener of ends) listener(toCommand(mark))
  }

  /** What is not of the own shell ends, as far as anybody knows, with the next prompt. */
  const endForeign = () => {
    if (foreign && !foreign.end) end(foreign, undefined, undefined)
  }

  /** Not every shell has a clock. What has happened before has no time but the one that it was told with. */
  const timeIn = (fields: readonly string[], name: string) =>
    numberOf(fields, name) ?? (api.isReplaying ? undefined : Date.now())
  const isOwn = (fields: readonly string[]) => api.nonce !== '' && fields.includes(`nonce=${api.nonce}`)
  const takers = new Map<string, (fields: readonly string[]) => void>([
    ['A', atPrompt],
    ['B', atInput],
    ['C', (fields) => begin(isOwn(fields), timeIn(fields, 'start_ms'))],
    [
      'D',
      (fields) => {
        if (isOwn(fields)) endForeign()
        const mark = isOwn(fields) ? latest : foreign
        if (!mark || mark.end) return
        const [exit = ''] = fields
        end(mark, /^-?\d+$/.test(exit) ? Number(exit) : undefined, timeIn(fields, 'end_ms'))
      },
    ],
  ])
  const takeMark = (payload: string): boolean => {
    const [kind = '', ...fields] = payload.split(';')
    if (isNormal()) {
      takers.get(kind)?.(fields)
      changed()
    }
    return true
  }

  const handlers = [
    terminal.parser.registerOscHandler(133, takeMark),
    terminal.parser.registerOscHandler(633, (payload) => {
      const mark = last()
      const [kind, command = '', ...fields] = payload.split(';')
      if (kind !== 'E' || !mark || mark.output || (mark.isCommandOwn && !isOwn(fields))) return true
      mark.command = fields[0] === 'r' && beganWithBlank() ? '' : unescaped(command)
      mark.isCommandOwn = isOwn(fields)
      return true
    }),
    terminal.parser.registerOscHandler(7, (payload) => {
      cwd = folderOf(payload) ?? cwd
      changed()
      return true
    }),
    terminal.parser.registerEscHandler({ final: 'c' }, () => {
      // A program that resets the terminal still runs.
      forget(api.isReplaying || latest?.end ? undefined : latest)
      return false
    }),
  ]

  const forget = (running: Mark | undefined) => {
    const before = marks
    marks = []
    latest = running
    foreign = undefined
    isAtPrompt = false
    for (const { prompt, output, end } of before) for (const marker of [prompt, output, end]) marker?.dispose()
    changed()
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
      return textBetween(terminal, outputFrom, to ?? cursorLine(terminal) + 1, mark.endColumn || terminal.cols)
    },
    finish(exit) {
      isAtPrompt = false
      endForeign()
      if (latest && !latest.end) end(latest, exit, undefined)
      changed()
    },
    nonce: '',
    isReplaying: false,
    onChange: (listener) => listening(changes, listener),
    onEnd: (listener) => listening(ends, listener),
    dispose() {
      for (const handler of handlers) handler.dispose()
    },
  }
  return api
}

function listening<Listener>(listeners: Set<Listener>, listener: Listener): IDisposable {
  listeners.add(listener)
  return { dispose: () => void listeners.delete(listener) }
}

const cursorLine = ({ buffer }: Terminal): number => buffer.normal.baseY + buffer.normal.cursorY

/** Without the spaces at the ends of lines, and with wrapped lines in one. @param columns of the last line */
function textBetween({ buffer }: Terminal, from: number, to: number, columns: number): string {
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

function numberOf(fields: readonly string[], name: string): number | undefined {
  const value = Number(fields.find((field) => field.startsWith(`${name}=`))?.slice(name.length + 1))
  return Number.isFinite(value) && value > 0 ? value : undefined
}

/** `\\` and `\xHH`, as the shell integration writes them. */
const unescaped = (text: string): string =>
  text.replace(/\\(?:\\|x([0-9a-f]{2}))/gi, (_, hex: string | undefined) =>
    hex === undefined ? '\\' : String.fromCharCode(Number.parseInt(hex, 16)),
  )

/** Of `file://host/folder`. */
function folderOf(address: string): string | undefined {
  const [, path] = /^file:\/\/[^/]*(\/.*)$/.exec(address) ?? []
  if (path === undefined) return undefined
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}
