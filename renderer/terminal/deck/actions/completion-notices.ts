// Reports events in terminals that are not visible. A long command that finished: a mark on its tab, a notice on the page, and a
// desktop notification while the page is hidden. A bell: the mark only.

import { useQuery } from '@tanstack/react-query'
import { preferencesQuery } from '../../../api/terminal-preferences.ts'
import { duration } from '../../../components/time.tsx'
import { bringToFront } from '../../../desktop.ts'
import { notify } from '../../../notices.ts'
import { findPane, type Pane } from '../../layout/tree.ts'
import type { Tab } from '../../layout/window-layout.ts'
import type { ShellCommand } from '../../pane/commands/shell-command.ts'
import { recordActivity } from '../state/deck-state.ts'
import { useGoToPane } from './deck-actions.ts'

const isPageVisible = (): boolean => !document.hidden && document.hasFocus()

const isShownIn = (shown: Tab | undefined, { session_id: session }: Pane): boolean =>
  shown !== undefined && findPane(shown.root, session) !== undefined

/** Marks a terminal that rang its bell while not visible. */
export function recordBell(shown: Tab | undefined, pane: Pane): void {
  if (!isShownIn(shown, pane) || !isPageVisible()) recordActivity(pane.session_id, 'rang')
}

export function useCompletionNotices(shown: Tab | undefined) {
  const { data: preferences } = useQuery(preferencesQuery)
  const goToPane = useGoToPane()
  return (pane: Pane, workspaceName: string, { command, exit, startedAt, endedAt }: ShellCommand): void => {
    const { session_id: session } = pane
    const thresholdSeconds = preferences?.notify_after_seconds ?? 0
    const elapsedMs = (endedAt ?? 0) - (startedAt ?? 0)
    if (thresholdSeconds === 0 || startedAt === undefined || endedAt === undefined) return
    if (elapsedMs < thresholdSeconds * 1000) return
    const isPaneVisible = isShownIn(shown, pane)
    if (isPaneVisible && isPageVisible()) return
    recordActivity(session, exit === 0 ? 'done' : 'failed')
    const title = exit === 0 ? `Done: ${command || 'a command'}` : `Failed: ${command || 'a command'}`
    const detail = `${workspaceName} · ${duration(elapsedMs)}${exit ? ` · exit status ${exit}` : ''}`
    if (!isPaneVisible) notify(title, detail, { label: 'Show', run: () => goToPane(pane) })
    if (isPageVisible() || !('Notification' in window) || Notification.permission !== 'granted') return
    const notification = new Notification(title, { body: detail, tag: session })
    notification.onclick = () => {
      bringToFront()
      goToPane(pane)
      notification.close()
    }
  }
}
