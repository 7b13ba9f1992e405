// Opens a terminal for the session of a pane, and provides its status to React.

import { type RefObject, useEffect, useState } from 'react'
import type { TerminalSize } from '../../../api/agents/terminal-frames.ts'
import type { TerminalAppearance } from '../appearance/terminal-appearance.ts'
import type { TerminalAction } from '../keys/terminal-actions.ts'
import { handleShortcuts } from '../keys/terminal-keys.ts'
import type { TerminalLink } from '../screen/terminal-links.ts'
import { useLatest } from '../use-latest.ts'
import { type OpenPane, openPane, type PaneEvents, type PaneTarget } from './open-pane.ts'
import type { PaneStatus } from './pane-types.ts'

const initialStatus: PaneStatus = {
  state: { kind: 'connecting' },
  title: '',
  cwd: '',
  command: undefined,
  isAtPrompt: false,
  restoredFrom: '',
  isReplaced: false,
  isReadOnly: false,
  isRecording: false,
}

interface PaneSession {
  /** Undefined while it is opening. */
  readonly pane: OpenPane | undefined
  readonly status: PaneStatus
  /** The size of the session while another client owns it. */
  readonly foreignSize: TerminalSize | undefined
  readonly hoveredLink: TerminalLink | undefined
}

type SessionEvents = Omit<PaneEvents, 'onChange' | 'onFollowing' | 'onLinkHover'> & {
  /** Runs the action of a shortcut. @returns whether the action exists */
  onShortcut(action: TerminalAction): boolean
}

interface PaneView {
  readonly appearance: TerminalAppearance
  readonly isVisible: boolean
  readonly autoFocus: boolean
}

/** Opens a terminal in the container, and another one whenever the session or the access changes. */
export function usePaneSession(
  container: RefObject<HTMLElement | null>,
  target: PaneTarget,
  { appearance, isVisible, autoFocus }: PaneView,
  events: SessionEvents,
): PaneSession {
  const [pane, setPane] = useState<OpenPane>()
  const [status, setStatus] = useState(initialStatus)
  const [foreignSize, setForeignSize] = useState<TerminalSize>()
  const [hoveredLink, setHoveredLink] = useState<TerminalLink>()
  const latest = useLatest({ appearance, events })
  const { agentId, sessionId, isReadOnly } = target

  // biome-ignore lint/correctness/useExhaustiveDependencies: no other change opens another terminal
  useEffect(() => {
    const closing = new AbortController()
    const { signal } = closing
    const open = async (element: HTMLElement) => {
      const opened = await openPane(element, target, latest.current.appearance, {
        onChange: (changed) => setStatus((before) => mergeStatus(before, changed)),
        onFollowing: setForeignSize,
        onLinkHover: setHoveredLink,
        onSessionsChanged: () => latest.current.events.onSessionsChanged(),
        onInput: (data) => latest.current.events.onInput(data),
        onBell: () => latest.current.events.onBell(),
        onCommandEnd: (command) => latest.current.events.onCommandEnd(command),
        onClipboardWrite: (text) => latest.current.events.onClipboardWrite(text),
        onLinkActivate: (link, event) => latest.current.events.onLinkActivate(link, event),
      })
      if (signal.aborted) return opened.close()
      signal.addEventListener('abort', () => {
        opened.close()
        setPane(undefined)
        setForeignSize(undefined)
      })
      const { terminal } = opened.screen
      handleShortcuts(terminal, (action) => latest.current.events.onShortcut(action))
      if (autoFocus) terminal.focus()
      setPane(opened)
    }
    if (container.current) void open(container.current)
    return () => closing.abort()
  }, [agentId, sessionId, isReadOnly])

  useEffect(() => {
    pane?.screen.setVisible(isVisible)
    if (isVisible) pane?.connection.claimReleasedSize()
  }, [pane, isVisible])
  useEffect(() => {
    pane?.screen.setAppearance(appearance)
    pane?.connection.resize()
  }, [pane, appearance])

  return { pane, status, foreignSize, hoveredLink }
}

/** Returns the same object if nothing changed, so that React does not render: each drawn prompt reports its command. */
function mergeStatus(before: PaneStatus, changed: Partial<PaneStatus>): PaneStatus {
  const isSame = (name: keyof PaneStatus) =>
    before[name] === changed[name] || JSON.stringify(before[name]) === JSON.stringify(changed[name])
  return (Object.keys(changed) as (keyof PaneStatus)[]).every(isSame) ? before : { ...before, ...changed }
}
