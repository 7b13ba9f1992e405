// What happens where nobody looks is told. A command that took long and has ended: by a mark on its tab, a notice on the
// page, and a notification of the desktop when the page itself is out of sight. A bell: by the mark.

import { useQuery } from '@tanstack/react-query'
import { preferencesQuery } from '../../../api/terminal-preferences.ts'
import { duration } from '../../../components/time.tsx'
import { bringToFront } from '../../../desktop.ts'
import { notify } from '../../../notices.ts'
import { findPane, type Pane } from '../../layout/tree.ts'
import type { Tab } from '../../layout/window-layout.ts'
import type { ShellCommand } from '../../pane/pane-types.ts'
import { recordActivity } from '../state/deck-state.ts'
import { useGoToPane } from './deck-actions.ts'

const isPageVisible = (): boolean => !document.hidden && document.hasFocus()

const isShownIn = (shown: Tab | undefined, { session_id: session }: Pane): boolean =>
  shown !== undefined && findPane(shown.root, session) !== undefined

/** A bell has rung, and the person wants to know of bells. */
export function recordBell(shown: Tab | undefined, pane: Pane): void {
  if (!isShownIn(shown, pane) || !isPageVisible()) recordActivity(pane.session_id, 'rang')
}

export function useCompletionNotices(shown: Tab | undefined) {
  const { data: preferences } = useQuery(preferencesQuery)
  const goTo = useGoToPane()
  return (pane: Pane, workspaceName: string, { command, exit, startedAt, endedAt }: ShellCommand): void => {
    const { session_id: session } = pane
    const afterSeconds = preferences?.notify_after_seconds ?? 0
    const tookMs = (endedAt ?? 0) - (startedAt ?? 0)
    if (afterSeconds === 0 || startedAt === undefined || endedAt === undefined || tookMs < afterSeconds * 1000) return
    const isPaneSeen = isShownIn(shown, pane)
    if (isPaneSeen && isPageVisible()) return
    recordActivity(session, exit === 0 ? 'done' : 'failed')
    const title = exit === 0 ? `Done: ${command || 'a command'}` : `Failed: ${command || 'a command'}`
    const detail = `${workspaceName} · ${duration(tookMs)}${exit ? ` · exit status ${exit}` : ''}`
    if (!isPaneSeen) notify(title, detail, { label: 'Show', run: () => goTo(pane) })
    if (isPageVisible() || !('Notification' in window) || Notification.permission !== 'granted') return
    const notification = new Notification(title, { body: detail, tag: session })
    notification.onclick = () => {
      bringToFront()
      goTo(pane)
      notification.close()
    }
  }
}
