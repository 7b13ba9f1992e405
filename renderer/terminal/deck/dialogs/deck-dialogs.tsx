// The dialogs of the deck, one at a time.

import { useQuery } from '@tanstack/react-query'
import { Trash2 } from 'lucide-react'
import { lazy, Suspense, useState } from 'react'
import { layoutsQuery } from '../../../api/terminal-layouts.ts'
import { Button } from '../../../components/button.tsx'
import { Dialog } from '../../../components/dialog.tsx'
import { TextField } from '../../../components/field.tsx'
import { useStore } from '../../../store.ts'
import { changeLayout, useLayout } from '../../layout/current-layout.ts'
import { useDeleteLayout, useSaveLayout } from '../../layout/named-layouts.ts'
import { listAllPanes, renameTab } from '../../layout/window-layout.ts'
import { detachPanes, useEndSessions } from '../actions/close-panes.ts'
import { closeDialog, currentDialog, paneStatuses } from '../state/deck-state.ts'
import { usePaneWorkspaces } from '../state/pane-workspaces.ts'
import { useSessionTitles } from '../state/use-session-titles.ts'
import { BroadcastDialog } from './broadcast-dialog.tsx'

const loadSwitcher = () => import('./terminal-switcher.tsx')
const loadHistory = () => import('./history-dialog.tsx')
const Switcher = lazy(loadSwitcher)
const HistoryDialog = lazy(loadHistory)

/** Loads the dialogs that users open by shortcut and type into immediately. */
export const preloadDialogs = (): Promise<unknown> => Promise.all([loadSwitcher(), loadHistory()])

export default function DeckDialogs() {
  const dialog = useStore(currentDialog)
  const layout = useLayout()
  const workspaces = usePaneWorkspaces(layout ? listAllPanes(layout).map(({ workspace_id }) => workspace_id) : [])
  switch (dialog.kind) {
    case 'none':
      return null
    case 'switcher':
      return (
        <Suspense>
          <Switcher workspaces={workspaces} />
        </Suspense>
      )
    case 'history':
      return (
        <Suspense>
          <HistoryDialog />
        </Suspense>
      )
    case 'broadcast':
      return <BroadcastDialog workspaces={workspaces} />
    case 'layouts':
      return <LayoutsDialog />
    case 'rename-tab':
      return <RenameDialog tabId={dialog.tabId} />
    case 'close':
      return <CloseDialog sessions={dialog.sessions} />
  }
}

function CloseDialog({ sessions }: { sessions: readonly string[] }) {
  const titles = useSessionTitles()
  const statuses = useStore(paneStatuses)
  const layout = useLayout()
  const end = useEndSessions()
  const panes = layout ? listAllPanes(layout).filter(({ session_id }) => sessions.includes(session_id)) : []
  const running = panes.flatMap((pane) => {
    const { state, command } = statuses.get(pane.session_id) ?? {}
    if (!state || state.kind === 'exited') return []
    return command === undefined || command.isRunning ? [{ pane, command: command?.command ?? '' }] : []
  })
  const [only] = running
  const command = running.length === 1 && only?.command ? `“${only.command}”` : ''
  return (
    <Dialog
      open
      onOpenChange={closeDialog}
      title={
        command ? `End ${command}?` : sessions.length > 1 ? `End ${sessions.length} terminals?` : 'End this terminal?'
      }
      description={
        command
          ? 'The command is still running. If you keep it running, it stays in the list of open terminals.'
          : 'A program may still be running. If you keep it running, it stays in the list of open terminals.'
      }
    >
      {running.length > 1 && (
        <ul className="mb-4 flex flex-col gap-1 text-sm">
          {running.map(({ pane, command }) => (
            <li key={pane.session_id} className="truncate text-muted" dir="auto">
              {command || titles.long(pane.session_id, pane.title) || 'shell'}
            </li>
          ))}
        </ul>
      )}
      <div className="flex flex-wrap justify-end gap-2">
        <Button onClick={closeDialog}>Cancel</Button>
        <Button
          onClick={() => {
            closeDialog()
            detachPanes(sessions)
          }}
        >
          Keep running
        </Button>
        <Button
          variant="danger"
          autoFocus
          onClick={() => {
            closeDialog()
            end(sessions)
          }}
        >
          {sessions.length > 1 ? 'End terminals' : 'End terminal'}
        </Button>
      </div>
    </Dialog>
  )
}

function RenameDialog({ tabId }: { tabId: string }) {
  const layout = useLayout()
  const [title, setTitle] = useState(layout?.tabs.find(({ id }) => id === tabId)?.title ?? '')
  return (
    <Dialog open onOpenChange={closeDialog} title="Rename tab">
      <form
        onSubmit={(event) => {
          event.preventDefault()
          changeLayout((before) => renameTab(before, tabId, title.trim()))
          closeDialog()
        }}
      >
        <TextField
          label="Name"
          hint="default: running program"
          autoFocus
          maxLength={100}
          value={title}
          onChange={(event) => setTitle(event.target.value)}
        />
        <div className="mt-5 flex justify-end gap-2">
          <Button onClick={closeDialog}>Cancel</Button>
          <Button variant="primary" type="submit">
            Rename tab
          </Button>
        </div>
      </form>
    </Dialog>
  )
}

function LayoutsDialog() {
  const layout = useLayout()
  const { data: layouts } = useQuery(layoutsQuery)
  const saveLayout = useSaveLayout()
  const deleteLayout = useDeleteLayout()
  const [name, setName] = useState('')
  const isKnown = layouts?.named.some((named) => named.name === name.trim())
  return (
    <Dialog
      open
      onOpenChange={closeDialog}
      title="Save layout"
      description="Saves all tabs and panes of this window. Opening the layout starts new sessions for those that have ended."
    >
      <form
        onSubmit={(event) => {
          event.preventDefault()
          if (layout && name.trim()) saveLayout.mutate({ name: name.trim(), layout })
          closeDialog()
        }}
      >
        <TextField
          label="Name"
          autoFocus
          maxLength={100}
          value={name}
          onChange={(event) => setName(event.target.value)}
        />
        <div className="mt-5 flex justify-end gap-2">
          <Button onClick={closeDialog}>Cancel</Button>
          <Button variant="primary" type="submit" disabled={!name.trim()}>
            {isKnown ? 'Replace layout' : 'Save layout'}
          </Button>
        </div>
      </form>
      {layouts && layouts.named.length > 0 && (
        <ul className="mt-4 border-t border-line pt-3">
          {layouts.named.map((named) => (
            <li key={named.id} className="flex h-9 items-center gap-2">
              <span className="min-w-0 flex-1 truncate">{named.name}</span>
              <Button
                variant="quiet"
                size="icon-small"
                aria-label={`Delete ${named.name}`}
                onClick={() => deleteLayout.mutate(named)}
              >
                <Trash2 className="size-4" aria-hidden />
              </Button>
            </li>
          ))}
        </ul>
      )}
    </Dialog>
  )
}
