// The interface between a terminal pane and the page around it. Types only, so that the layout loads neither xterm nor the
// pane before a terminal is shown (`lazy(() => import('./terminal-pane.tsx'))`).

import type { Ref } from 'react'
import type { TerminalState } from '../connection/terminal-connection.ts'
import type { TerminalAction } from '../keys/terminal-actions.ts'
import type { ShellCommand } from './commands/shell-command.ts'

/** Shown in a pane's header. */
export interface PaneStatus {
  readonly state: TerminalState
  /** Window title set by the program; empty until it sets one. */
  readonly title: string
  /** Working directory of the shell; empty if it does not report one. */
  readonly cwd: string
  /** The running or last command; undefined if the shell reports none. */
  readonly command: ShellCommand | undefined
  /** Whether the shell waits for a command; false if it does not report prompts. */
  readonly isAtPrompt: boolean
  /** When the restored screen was last live, ISO 8601: its process ended with the terminal holder. Empty once the user has
   *  typed into the new process. */
  readonly restoredFrom: string
  /** The previous session is lost without a stored screen. False once the user has typed into the new one. */
  readonly isReplaced: boolean
  readonly isReadOnly: boolean
  readonly isRecording: boolean
}

/** Commands of the page to a pane. They have no effect until the terminal is open. */
export interface PaneHandle {
  focus(): void
  /** Types into the session without calling `onInput`. */
  input(data: string | Uint8Array): void
  /** Inserts a command of the history like a paste, without running it and without calling `onInput`. */
  insertCommand(command: string): void
  /** @returns whether the pane has this action */
  run(action: TerminalAction): boolean
  /** Selected text; empty without a selection. */
  selection(): string
  /** Reconnects without waiting for the backoff. */
  retry(): void
}

export interface TerminalPaneProps {
  readonly ref?: Ref<PaneHandle>
  readonly agentId: string
  /** Must not change: another session needs another pane (`key`). */
  readonly sessionId: string
  readonly workspaceName: string
  /** False on a background tab: the pane still reads output, but releases its WebGL context. */
  readonly isVisible?: boolean
  /** Takes the focus when it opens. Default: true. */
  readonly autoFocus?: boolean
  /** Opens read-only: no input, no influence on the size. The user can change that in the menu. */
  readonly isReadOnly?: boolean
  /** Profile of a session that this pane starts; the user's default if omitted. */
  readonly profileId?: string
  /** Absolute initial folder of a session that this pane starts; the workspace's folder if omitted. */
  readonly folder?: string
  readonly onStatus: (status: PaneStatus) => void
  /** The user pressed "Start new session" after the session ended. */
  readonly onNewSession: () => void
  /** The agent's list of sessions may have changed. */
  readonly onSessionsChanged: () => void
  /** A shortcut for an action outside the pane: tabs, splits, other panes. If it returns false, the page's own keys
   *  (keys.ts) handle the event. The shell never receives it. */
  readonly onAction?: (action: TerminalAction) => boolean
  /** Input of the user, for broadcasting. */
  readonly onInput?: (data: string | Uint8Array) => void
  /** A command ended while the pane was open. */
  readonly onCommandEnd?: (command: ShellCommand) => void
  /** The bell rang and is not switched off. */
  readonly onBell?: () => void
  readonly onFocus?: () => void
}
