// What the keys and the menus of a pane do, by the names of terminal-actions.ts.

import { copyText } from '../../components/copy-text.ts'
import { notify, notifyFailure } from '../../notices.ts'
import type { TerminalAction } from '../keys/terminal-actions.ts'
import type { CommandActions } from './commands/command-gutter.tsx'
import type { OpenPane } from './open-pane.ts'
import type { ShellCommand } from './pane-types.ts'

interface PaneContext {
  readonly pane: OpenPane | undefined
  readonly workspaceName: string
  readonly find: () => void
  readonly toggleReadOnly: () => void
  readonly paste: (text: string) => void
  readonly setZoom: (change: (zoom: number) => number) => void
}

export function paneActions({ pane, workspaceName, find, toggleReadOnly, paste, setZoom }: PaneContext) {
  const terminal = pane?.screen.terminal
  const user = pane && createCommandActions(pane)
  const withLast = (act: (user: CommandActions, last: ShellCommand) => void) => () => {
    const last = pane?.marks.last
    if (user && last) act(user, last)
    else notify('The shell has told of no command yet', 'Its shell integration does: a setting of terminals.')
  }
  return {
    copy: () => void copyText(terminal?.getSelection() ?? ''),
    paste: () => void pasteFromClipboard(paste),
    selectAll: () => terminal?.selectAll(),
    find,
    clear: () => terminal?.clear(),
    scrollToEnd: () => terminal?.scrollToBottom(),
    zoomIn: () => setZoom((zoom) => zoom + 1),
    zoomOut: () => setZoom((zoom) => zoom - 1),
    zoomReset: () => setZoom(() => 0),
    previousCommand: () => pane && jump(pane, -1),
    nextCommand: () => pane && jump(pane, 1),
    runAgain: withLast((does, last) => does.runAgain(last)),
    copyOutput: withLast((does, last) => does.copyOutput(last)),
    readOnly: toggleReadOnly,
    record: () => pane && toggleRecording(pane, workspaceName),
  } satisfies Partial<Record<TerminalAction, () => unknown>>
}

async function pasteFromClipboard(paste: (text: string) => void): Promise<void> {
  try {
    paste(await navigator.clipboard.readText())
  } catch {
    notify('The clipboard cannot be read from here', 'Paste with the keys of your system instead.')
  }
}

/** Brings the command before or after what is looked at to the top. */
function jump({ screen: { terminal }, marks }: OpenPane, step: -1 | 1): void {
  const { viewportY } = terminal.buffer.active
  const blocks = marks.blocks()
  const next =
    step < 0
      ? blocks.findLast(({ from }) => from < viewportY)
      : blocks.find(({ from }) => from > viewportY && from <= terminal.buffer.active.baseY)
  if (next) terminal.scrollToLine(next.from)
  else if (step > 0) terminal.scrollToBottom()
}

// Takes away what is typed at the prompt already.
const clearLine = '\x15'

export function createCommandActions(pane: OpenPane): CommandActions {
  const { terminal } = pane.screen
  const copy = async (text: string, what: string) => {
    try {
      await copyText(text)
      notify(`Copied ${what}`)
    } catch (error) {
      notifyFailure(`Could not copy ${what}`, error)
    }
  }
  return {
    runAgain({ command }: ShellCommand) {
      if (!pane.marks.isAtPrompt) return notify('A command still runs here', 'It has to end before another can begin.')
      // As a paste, so that the lines of one command stay one.
      const line = terminal.modes.bracketedPasteMode ? `\x1b[200~${command}\x1b[201~` : command
      terminal.input(`${clearLine}${line}\r`, true)
      terminal.focus()
    },
    focusTerminal: () => terminal.focus(),
    copyCommand: ({ command }) => void copy(command, 'the command'),
    copyOutput({ id }) {
      const output = pane.marks.outputOf(id)
      if (output) void copy(output, 'the output')
      else notify('This command has printed nothing')
    },
  }
}

function toggleRecording({ recorder }: OpenPane, workspaceName: string): void {
  if (!recorder.isRecording) return void recorder.start(workspaceName)
  const file = recorder.stop()
  if (file) save(file, `${workspaceName}-${new Date().toISOString().slice(0, 19).replace(/[T:]/g, '-')}.cast`)
}

function save(text: string, fileName: string): void {
  const address = URL.createObjectURL(new Blob([text], { type: 'application/x-asciicast' }))
  const link = document.createElement('a')
  link.href = address
  link.download = fileName
  link.click()
  URL.revokeObjectURL(address)
}
