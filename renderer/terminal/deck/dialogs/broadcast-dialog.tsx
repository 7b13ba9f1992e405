// Typing into several panes at once. It is switched on with a look at which panes, shown on each of them while it lasts,
// and never outlives the page.

import { RadioTower } from 'lucide-react'
import { useState } from 'react'
import { Button } from '../../../components/button.tsx'
import { Dialog } from '../../../components/dialog.tsx'
import { Kbd } from '../../../components/kbd.tsx'
import { useStore } from '../../../store.ts'
import { shortcutOf } from '../../keys/terminal-keys.ts'
import { useLayout } from '../../layout/current-layout.ts'
import { listPanes } from '../../layout/tree.ts'
import { getActiveTab, listAllPanes } from '../../layout/window-layout.ts'
import { focusActivePane } from '../actions/deck-actions.ts'
import { broadcastSessions, closeDialog, openDialog, paneHandles, paneStatuses } from '../state/deck-state.ts'
import type { PaneWorkspaces } from '../state/pane-workspaces.ts'
import { useSessionTitles } from '../state/use-session-titles.ts'

/** Passes what was typed in one pane on to the others. */
export function broadcastInput(session: string, data: string | Uint8Array): void {
  const together = broadcastSessions.get()
  if (!together.has(session)) return
  for (const other of together) if (other !== session) paneHandles.get(other)?.input(data)
}

function stop(): void {
  broadcastSessions.set(new Set())
  focusActivePane()
}

export function BroadcastBar({ workspaces }: { workspaces: PaneWorkspaces }) {
  const together = useStore(broadcastSessions)
  const layout = useLayout()
  if (together.size === 0 || !layout) return null
  const names = listAllPanes(layout)
    .filter(({ session_id }) => together.has(session_id))
    .map(({ workspace_id }) => workspaces.get(workspace_id)?.name ?? '')
  return (
    <div
      role="alert"
      className="flex shrink-0 items-center gap-3 border-b border-attention bg-attention-soft px-3 py-1.5 text-sm text-attention-text"
    >
      <RadioTower className="size-4 shrink-0" aria-hidden />
      <p className="min-w-0 flex-1 truncate">
        What you type goes into {names.length} terminals: {[...new Set(names)].join(', ')}
      </p>
      <Button size="small" onClick={stop}>
        Stop {shortcutOf('broadcast') && <Kbd>{shortcutOf('broadcast')}</Kbd>}
      </Button>
    </div>
  )
}

export function BroadcastDialog({ workspaces }: { workspaces: PaneWorkspaces }) {
  const layout = useLayout()
  const known = useStore(paneStatuses)
  const names = useSessionTitles()
  const tab = layout && getActiveTab(layout)
  const here = tab ? listPanes(tab.root) : []
  const panes = layout ? [...here, ...listAllPanes(layout).filter((pane) => !here.includes(pane))] : []
  const mayType = panes.filter(({ session_id }) => known.get(session_id)?.state.kind === 'live')
  const [chosen, setChosen] = useState(
    () => new Set(here.filter((pane) => mayType.includes(pane)).map(({ session_id }) => session_id)),
  )
  const toggle = (session: string) => {
    const next = new Set(chosen)
    if (!next.delete(session)) next.add(session)
    setChosen(next)
  }
  return (
    <Dialog
      open
      onOpenChange={closeDialog}
      title="Type into several terminals"
      description="Every key, and everything pasted, goes into each of them until you stop it."
    >
      <ul className="flex max-h-[40vh] flex-col overflow-y-auto rounded-card border border-line">
        {mayType.map((pane) => (
          <li key={pane.session_id} className="border-line not-first:border-t">
            <label className="flex h-10 items-center gap-3 px-3 hover:bg-hover">
              <input
                type="checkbox"
                className="size-4 accent-accent"
                checked={chosen.has(pane.session_id)}
                onChange={() => toggle(pane.session_id)}
              />
              <span className="font-medium">{workspaces.get(pane.workspace_id)?.name}</span>
              <span className="min-w-0 flex-1 truncate text-sm text-muted">
                {names.long(pane.session_id, pane.title)}
              </span>
              {!here.includes(pane) && <span className="text-xs text-muted">another tab</span>}
            </label>
          </li>
        ))}
      </ul>
      {mayType.length < 2 && <p className="mt-3 text-sm text-muted">It takes two terminals that are live.</p>}
      <div className="mt-5 flex justify-end gap-2">
        <Button onClick={closeDialog}>Not now</Button>
        <Button
          look="primary"
          autoFocus
          disabled={chosen.size < 2}
          onClick={() => {
            broadcastSessions.set(chosen)
            openDialog.set({ kind: 'none' })
          }}
        >
          Type into {chosen.size === 1 ? '1 terminal' : `${chosen.size} terminals`}
        </Button>
      </div>
    </Dialog>
  )
}
