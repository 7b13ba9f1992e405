// The warning above the panes while input is broadcast.

import { RadioTower } from 'lucide-react'
import { Button } from '../../components/button.tsx'
import { Kbd } from '../../components/kbd.tsx'
import { useStore } from '../../store.ts'
import { shortcutOf } from '../keys/terminal-keys.ts'
import { useLayout } from '../layout/current-layout.ts'
import { listAllPanes } from '../layout/window-layout.ts'
import { stopBroadcast } from './actions/broadcast.ts'
import { broadcastSessions } from './state/deck-state.ts'
import type { PaneWorkspaces } from './state/pane-workspaces.ts'

export function BroadcastBar({ workspaces }: { workspaces: PaneWorkspaces }) {
  const sessions = useStore(broadcastSessions)
  const layout = useLayout()
  if (sessions.size === 0 || !layout) return null
  const names = listAllPanes(layout)
    .filter(({ session_id }) => sessions.has(session_id))
    .map(({ workspace_id }) => workspaces.get(workspace_id)?.name ?? '')
  return (
    <div
      role="alert"
      className="flex shrink-0 items-center gap-3 border-b border-attention bg-attention-soft px-3 py-1.5 text-sm text-attention-text"
    >
      <RadioTower className="size-4 shrink-0" aria-hidden />
      <p className="min-w-0 flex-1 truncate">
        Your input is sent to {names.length} terminals: {[...new Set(names)].join(', ')}
      </p>
      <Button size="small" onClick={stopBroadcast}>
        Stop broadcast {shortcutOf('broadcast') && <Kbd>{shortcutOf('broadcast')}</Kbd>}
      </Button>
    </div>
  )
}
