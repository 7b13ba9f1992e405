// Copy and paste of a pane: paste confirmation, copy on select, the right mouse button, and clipboard writes by programs.

import type { ClipboardEvent, MouseEvent } from 'react'
import type { TerminalPreferences } from '../../../api/agents/terminals.ts'
import { copyText } from '../../components/copy-text.ts'
import { notifyFailure } from '../../notices.ts'
import type { TerminalAction } from '../keys/terminal-actions.ts'
import type { OpenPane } from './open-pane.ts'
import type { ConfirmationRequest } from './pane-confirmation.tsx'
import { cleanCommand, cleanPaste, countLinesToConfirm, encodePaste, joinLines } from './paste.ts'

export const copyOrNotify = (text: string): void => {
  copyText(text).catch((error: unknown) => notifyFailure('Could not copy to the clipboard', error))
}

/** Copies text for a program (OSC 52), after confirmation if the preference requires it. */
export function writeForProgram(
  text: string,
  preference: TerminalPreferences['clipboard_writes'],
  confirm: (request: ConfirmationRequest) => void,
): void {
  const ask = () =>
    confirm({
      title: 'A program wants to copy this text to the clipboard',
      isFromProgram: true,
      text,
      choices: [{ label: 'Allow', run: () => copyOrNotify(text) }],
      cancelLabel: 'Deny',
    })
  if (preference === 'ask') ask()
  // Firefox and Safari accept a write only shortly after a user action, such as the answer to a confirmation.
  if (preference === 'always') copyText(text).catch(ask)
}

interface ClipboardContext {
  readonly pane: OpenPane | undefined
  readonly isReadOnly: boolean
  readonly preferences: TerminalPreferences
  readonly confirm: (request: ConfirmationRequest) => void
  readonly run: (action: TerminalAction) => unknown
}

export function createPaneClipboard({ pane, isReadOnly, preferences, confirm, run }: ClipboardContext) {
  const terminal = pane?.screen.terminal
  const paste = (input: string) => {
    if (!terminal || isReadOnly) return
    const text = cleanPaste(input)
    const send = (pasted: string) => terminal.paste(pasted)
    const { bracketedPasteMode } = terminal.modes
    const lines = countLinesToConfirm(text, bracketedPasteMode, preferences.confirm_multiline_paste)
    if (lines === 0) return send(text)
    confirm({
      title: `Paste ${lines} lines?`,
      detail: 'The program does not distinguish pasted from typed text: each line except the last runs immediately.',
      text,
      choices: [
        { label: 'Paste', run: () => send(text) },
        { label: 'Paste as one line', run: () => send(joinLines(text)) },
      ],
      cancelLabel: 'Cancel',
    })
  }
  const insertCommand = (command: string) => {
    if (!pane || !terminal || isReadOnly) return
    const text = cleanCommand(command)
    const { bracketedPasteMode } = terminal.modes
    const send = (inserted: string) => pane.connection.input(encodePaste(inserted, bracketedPasteMode))
    const lines = countLinesToConfirm(text, bracketedPasteMode, true)
    if (lines === 0) return send(text)
    confirm({
      title: `Insert ${lines} lines?`,
      detail: 'The program does not distinguish inserted from typed text: each line except the last runs immediately.',
      text,
      choices: [{ label: 'Insert', run: () => send(text) }],
      cancelLabel: 'Cancel',
    })
  }
  return {
    paste,
    insertCommand,
    /** Captures the event before xterm, which would paste without confirmation. */
    onPasteCapture(event: ClipboardEvent) {
      const text = event.clipboardData.getData('text/plain')
      event.preventDefault()
      event.stopPropagation()
      if (text) paste(text)
    },
    onMouseUp() {
      const selection = terminal?.getSelection()
      if (preferences.copy_on_select && selection) copyOrNotify(selection)
    },
    onContextMenu(event: MouseEvent) {
      if (preferences.right_click === 'menu') return
      event.preventDefault()
      const isCopy = preferences.right_click === 'copy_paste' && terminal?.hasSelection()
      run(isCopy ? 'copy' : 'paste')
      if (isCopy) terminal?.clearSelection()
    },
  }
}
