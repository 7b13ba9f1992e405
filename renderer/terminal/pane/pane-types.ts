// What a terminal pane and the page around it say to each other. Types only: whoever lays panes out loads neither xterm
// nor the pane before there is one to show (`lazy(() => import('./terminal-pane.tsx'))`).

import type { Ref } from 'react'
import type { TerminalState } from '../connection/terminal-connection.ts'
import type { TerminalAction } from '../keys/terminal-actions.ts'

/** A command that the shell told of by its marks (agent/shell-integration). */
export interface ShellCommand {
  /** Ascends within a pane; not the same after a reload. */
  readonly id: number
  /** Empty where the shell does not say it. */
  readonly command: string
  /** Empty where the shell does not say it. */
  readonly cwd: string
  /** Milliseconds of the workspace's clock, as far as the shell says. */
  readonly startedAt: number | undefined
  /** Undefined while it runs, and where the shell does not say it. */
  readonly endedAt: number | undefined
  /** Undefined while it runs, and where it never ran. */
  readonly exit: number | undefined
  readonly isRunning: boolean
}

/** What a pane's header shows. */
export interface PaneStatus {
  readonly state: TerminalState
  /** What its program calls itself; empty until one does. */
  readonly title: string
  /** The shell's folder, as far as it tells; empty if it does not. */
  readonly cwd: string
  /** The command that runs, or ran last, as far as the shell tells. */
  readonly command: ShellCommand | undefined
  /** The shell waits for a command, as far as it tells. */
  readonly isAtPrompt: boolean
  /** When what the screen began with was last seen alive, ISO 8601: its process ended with its holder. Empty after the
   *  person has typed into the new one. */
  readonly restoredFrom: string
  /** The session that was here is gone, and nothing of it was kept. False after the person has typed into the new one. */
  readonly isReplaced: boolean
  readonly isReadOnly: boolean
  readonly isRecording: boolean
}

/** What the page may ask of a pane. All of it does nothing while the terminal is not there yet. */
export interface PaneHandle {
  focus(): void
  /** Types into the session, as broadcasting does; not told to `onInput` again. */
  input(data: string | Uint8Array): void
  /** Does what the action's key would do in the pane. @returns whether the action is one of the pane's. */
  run(action: TerminalAction): boolean
  /** What is selected; empty when nothing is. */
  selection(): string
  /** Dials at once instead of waiting for the back-off. */
  retry(): void
}

export interface TerminalPaneProps {
  readonly ref?: Ref<PaneHandle>
  readonly agentId: string
  /** Of another session: another pane (`key`). */
  readonly sessionId: string
  readonly workspaceName: string
  /** False while it is on a tab that is not shown: it goes on reading, and leaves its WebGL context to others. */
  readonly isVisible?: boolean
  /** Takes the keyboard when it opens. True when left out. */
  readonly autoFocus?: boolean
  /** Only looks at first: neither types nor sizes. Its menu changes that. */
  readonly isReadOnly?: boolean
  /** Of the person's profiles, for a session that this pane starts; their default when left out. */
  readonly profileId?: string
  /** Where a session that this pane starts begins, absolute; the workspace's own folder when left out. */
  readonly folder?: string
  readonly onStatus: (status: PaneStatus) => void
  /** Asked for by the button of an ended session. */
  readonly onNewSession: () => void
  /** Called when the agent's list of sessions may have changed. */
  readonly onSessionsChanged: () => void
  /** A key of ours was pressed that is not the pane's to do: tabs, splits, the way to other panes. Says whether it was
   *  done; what was not goes on to the page's own keys (keys.ts). The shell gets it in neither case. */
  readonly onAction?: (action: TerminalAction) => boolean
  /** What the person types here, for panes that are typed into together. */
  readonly onInput?: (data: string | Uint8Array) => void
  /** A command has ended while the pane was open. */
  readonly onCommandEnd?: (command: ShellCommand) => void
  /** The bell rang, and the person wants to know of it. */
  readonly onBell?: () => void
  /** The keyboard is in this pane now. */
  readonly onFocus?: () => void
}
