// Selects the panes that receive broadcast input.

import { useState } from 'react'
import { Button } from '../../../components/button.tsx'
import { Dialog } from '../../../components/dialog.tsx'
import { useStore } from '../../../store.ts'
import { useLayout } from '../../layout/current-layout.ts'
import { listPanes } from '../../layout/tree.ts'
import { getActiveTab, listAllPanes } from '../../layout/window-layout.ts'
import { startBroadcast } from '../actions/broadcast.ts'
import { closeDialog, paneStatuses } from '../state/deck-state.ts'
import type { PaneWorkspaces } from '../state/pane-workspaces.ts'
import { useSessionTitles } from '../state/use-session-titles.ts'

export function BroadcastDialog({ workspaces }: { workspaces: PaneWorkspaces }) {
  const layout = useLayout()
  const statuses = useStore(paneStatuses)
  const titles = useSessionTitles()
  const tab = layout && getActiveTab(layout)
  const tabPanes = tab ? listPanes(tab.root) : []
  const panes = layout ? [...tabPanes, ...listAllPanes(layout).filter((pane) => !tabPanes.includes(pane))] : []
  const livePanes = panes.filter(({ session_id }) => statuses.get(session_id)?.state.kind === 'live')
  const [selected, setSelected] = useState(
    () => new Set(tabPanes.filter((pane) => livePanes.includes(pane)).map(({ session_id }) => session_id)),
  )
  const toggle = (session: string) => {
    const next = new Set(selected)
    if (!next.delete(session)) next.add(session)
    setSelected(next)
  }
  return (
    <Dialog
      open
      onOpenChange={closeDialog}
      title="Broadcast input"
      description="Sends what you type or paste in one of these terminals to all of them until you stop the broadcast."
    >
      <ul className="flex max-h-[40vh] flex-col overflow-y-auto rounded-card border border-line">
        {livePanes.map((pane) => (
          <li key={pane.session_id} className="border-line not-first:border-t">
            <label className="flex h-10 items-center gap-3 px-3 hover:bg-hover">
              <input
                type="checkbox"
                className="size-4 accent-accent"
                checked={selected.has(pane.session_id)}
                onChange={() => toggle(pane.session_id)}
              />
              <span className="font-medium">{workspaces.get(pane.workspace_id)?.name}</span>
              <span className="min-w-0 flex-1 truncate text-sm text-muted">
                {titles.long(pane.session_id, pane.title)}
              </span>
              {!tabPanes.includes(pane) && <span className="text-xs text-muted">another tab</span>}
            </label>
          </li>
        ))}
      </ul>
      {livePanes.length < 2 && (
        <p className="mt-3 text-sm text-muted">Broadcasting needs at least two connected terminals.</p>
      )}
      <div className="mt-5 flex justify-end gap-2">
        <Button onClick={closeDialog}>Cancel</Button>
        <Button variant="primary" autoFocus disabled={selected.size < 2} onClick={() => startBroadcast(selected)}>
          Broadcast to {selected.size === 1 ? '1 terminal' : `${selected.size} terminals`}
        </Button>
      </div>
    </Dialog>
  )
}
