// Actions of a pane, run by shortcuts, menus and the palette; named in terminal-actions.ts.

import { copyText } from '../../components/copy-text.ts'
import { notify, notifyFailure } from '../../notices.ts'
import type { TerminalAction } from '../keys/terminal-actions.ts'
import type { CommandActions } from './commands/command-gutter.tsx'
import type { ShellCommand } from './commands/shell-command.ts'
import type { OpenPane } from './open-pane.ts'
import { cleanCommand, encodePaste } from './paste.ts'

interface PaneContext {
  readonly pane: OpenPane | undefined
  readonly workspaceName: string
  readonly openSearch: () => void
  readonly toggleReadOnly: () => void
  readonly paste: (text: string) => void
  readonly setZoom: (change: (zoom: number) => number) => void
}

export function createPaneActions({ pane, workspaceName, openSearch, toggleReadOnly, paste, setZoom }: PaneContext) {
  const terminal = pane?.screen.terminal
  const commandActions = pane && createCommandActions(pane)
  const withLastCommand = (act: (actions: CommandActions, last: ShellCommand) => void) => () => {
    const last = pane?.marks.last
    if (commandActions && last) act(commandActions, last)
    else notify('No commands recorded', 'Turn on shell integration in the terminal settings to record commands.')
  }
  return {
    copy: () => void copyText(terminal?.getSelection() ?? ''),
    paste: () => void pasteFromClipboard(paste),
    selectAll: () => terminal?.selectAll(),
    find: openSearch,
    clear: () => terminal?.clear(),
    scrollToEnd: () => terminal?.scrollToBottom(),
    zoomIn: () => setZoom((zoom) => zoom + 1),
    zoomOut: () => setZoom((zoom) => zoom - 1),
    zoomReset: () => setZoom(() => 0),
    previousCommand: () => pane && scrollToCommand(pane, -1),
    nextCommand: () => pane && scrollToCommand(pane, 1),
    runAgain: withLastCommand((actions, last) => actions.runAgain(last)),
    copyOutput: withLastCommand((actions, last) => actions.copyOutput(last)),
    readOnly: toggleReadOnly,
    record: () => pane && toggleRecording(pane, workspaceName),
  } satisfies Partial<Record<TerminalAction, () => unknown>>
}

async function pasteFromClipboard(paste: (text: string) => void): Promise<void> {
  try {
    paste(await navigator.clipboard.readText())
  } catch {
    notify('Could not read the clipboard', 'Paste with the shortcut of your system instead.')
  }
}

/** Scrolls the previous or next command to the top. */
function scrollToCommand({ screen: { terminal }, marks }: OpenPane, step: -1 | 1): void {
  const { viewportY } = terminal.buffer.active
  const blocks = marks.blocks()
  const next =
    step < 0
      ? blocks.findLast(({ from }) => from < viewportY)
      : blocks.find(({ from }) => from > viewportY && from <= terminal.buffer.active.baseY)
  if (next) terminal.scrollToLine(next.from)
  else if (step > 0) terminal.scrollToBottom()
}

// Ctrl+U removes text already typed at the prompt.
const clearLine = '\x15'

export function createCommandActions(pane: OpenPane): CommandActions {
  const { terminal } = pane.screen
  const copy = async (text: string, noun: string) => {
    try {
      await copyText(text)
      notify(`Copied ${noun}`)
    } catch (error) {
      notifyFailure(`Could not copy ${noun}`, error)
    }
  }
  return {
    runAgain({ command }: ShellCommand) {
      if (!pane.marks.isAtPrompt) return notify('A command is running', 'Wait until it finishes, then try again.')
      // Bracketed, so that several lines run as one command.
      const line = encodePaste(cleanCommand(command), terminal.modes.bracketedPasteMode)
      terminal.input(`${clearLine}${line}\r`, true)
      terminal.focus()
    },
    focusTerminal: () => terminal.focus(),
    copyCommand: ({ command }) => void copy(command, 'command'),
    copyOutput({ id }) {
      const output = pane.marks.outputOf(id)
      if (output) void copy(output, 'output')
      else notify('This command has no output')
    },
  }
}

function toggleRecording({ recorder }: OpenPane, workspaceName: string): void {
  if (!recorder.isRecording) return void recorder.start(workspaceName)
  const file = recorder.stop()
  if (file) save(file, `${workspaceName}-${new Date().toISOString().slice(0, 19).replace(/[T:]/g, '-')}.cast`)
}

function save(text: string, fileName: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: 'application/x-asciicast' }))
  const link = document.createElement('a')
  link.href = url
  link.download = fileName
  link.click()
  URL.revokeObjectURL(url)
}
