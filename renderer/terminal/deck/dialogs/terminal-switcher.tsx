// Quick switcher for terminals: the panes of this window, most recent first, running sessions without a pane, and a new
// terminal in each running workspace.

import { useQuery } from '@tanstack/react-query'
import { Command } from 'cmdk'
import { Plus, Search } from 'lucide-react'
import { Dialog } from 'radix-ui'
import type { ReactNode } from 'react'
import { workspacesQuery } from '../../../api/workspaces.ts'
import { floatClass, scrimClass } from '../../../components/dialog.tsx'
import { Kbd } from '../../../components/kbd.tsx'
import { StatusDot } from '../../../components/status-dot.tsx'
import { useStore } from '../../../store.ts'
import { formatTargetName, listTerminalTargets, workspaceState } from '../../../workspace/workspace-state.ts'
import { useLayout } from '../../layout/current-layout.ts'
import { findTab, getActivePane, listAllPanes } from '../../layout/window-layout.ts'
import { useOpenTerminals } from '../../open-terminals.ts'
import { createPaneFor, focusActivePane, useGoToPane, useShowSession } from '../actions/deck-actions.ts'
import { closeDialog, paneStatuses, recentSessions } from '../state/deck-state.ts'
import type { PaneWorkspaces } from '../state/pane-workspaces.ts'
import { getPaneTone } from '../state/session-titles.ts'
import { useSessionTitles } from '../state/use-session-titles.ts'

export default function Switcher({ workspaces }: { workspaces: PaneWorkspaces }) {
  return (
    <Dialog.Root open onOpenChange={closeDialog}>
      <Dialog.Portal>
        <Dialog.Overlay className={scrimClass} />
        <Dialog.Content
          aria-describedby={undefined}
          onCloseAutoFocus={(event) => {
            event.preventDefault()
            focusActivePane()
          }}
          className={`${floatClass} fixed top-[12vh] left-1/2 z-50 w-[min(560px,calc(100vw-24px))] -translate-x-1/2 overflow-hidden outline-none`}
        >
          <Dialog.Title className="sr-only">Go to terminal</Dialog.Title>
          <Command loop label="Go to terminal">
            <div className="flex h-12 items-center gap-3 border-b border-line px-4">
              <Search className="size-4 shrink-0 text-muted" aria-hidden />
              <Command.Input
                placeholder="Go to terminal"
                className="h-full flex-1 bg-transparent text-lg outline-none"
              />
              <Kbd>Esc</Kbd>
            </div>
            <Command.List className="max-h-[min(420px,60vh)] overflow-y-auto p-1.5">
              <Command.Empty className="px-3 py-8 text-center text-muted">No results</Command.Empty>
              <OpenPanes workspaces={workspaces} />
              <DetachedSessions />
              <NewTerminals />
            </Command.List>
          </Command>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  )
}

function OpenPanes({ workspaces }: { workspaces: PaneWorkspaces }) {
  const layout = useLayout()
  const statuses = useStore(paneStatuses)
  const titles = useSessionTitles()
  const goToPane = useGoToPane()
  if (!layout) return null
  const current = getActivePane(layout)?.session_id
  const recent = recentSessions.get()
  const rank = (session: string) => {
    const index = recent.indexOf(session)
    return session === current ? Number.MAX_SAFE_INTEGER : index < 0 ? recent.length : index
  }
  const panes = listAllPanes(layout).sort((a, b) => rank(a.session_id) - rank(b.session_id))
  return panes.map((pane) => {
    const workspace = workspaces.get(pane.workspace_id)
    const status = statuses.get(pane.session_id)
    return (
      <Entry
        key={pane.session_id}
        id={pane.session_id}
        icon={<StatusDot tone={getPaneTone(status, workspace)} className="size-4" />}
        label={formatTargetName(workspace, pane.agent_name)}
        note={titles.long(pane.session_id, pane.title)}
        tag={pane.session_id === current ? 'current' : (findTab(layout, pane.session_id)?.title ?? '')}
        onRun={() => goToPane(pane)}
      />
    )
  })
}

function DetachedSessions() {
  const layout = useLayout()
  const titles = useSessionTitles()
  const { terminals } = useOpenTerminals()
  const show = useShowSession()
  return terminals
    .filter(({ session }) => !layout || !findTab(layout, session.id))
    .map((terminal) => (
      <Entry
        key={terminal.session.id}
        id={terminal.session.id}
        icon={<StatusDot tone={workspaceState(terminal.workspace).tone} className="size-4" />}
        label={terminal.name}
        note={titles.long(terminal.session.id)}
        tag="without a pane"
        onRun={() => show(terminal)}
      />
    ))
}

function NewTerminals() {
  const { data: workspaces = [] } = useQuery(workspacesQuery)
  const goToPane = useGoToPane()
  return listTerminalTargets(workspaces).map((target) => (
    <Entry
      key={target.agent.id}
      id={`new ${target.agent.id}`}
      icon={<Plus className="size-4 text-muted" aria-hidden />}
      label="New terminal"
      note={`in ${target.name}`}
      onRun={() => goToPane(createPaneFor(target))}
    />
  ))
}

interface EntryProps {
  readonly id: string
  readonly icon: ReactNode
  readonly label: string
  readonly note: string
  readonly tag?: string
  readonly onRun: () => void
}

function Entry({ id, icon, label, note, tag, onRun }: EntryProps) {
  return (
    <Command.Item
      value={`${label} ${note} ${tag ?? ''} ${id}`}
      onSelect={() => {
        closeDialog()
        onRun()
      }}
      className="flex h-9 items-center gap-3 rounded-control px-2.5 data-[selected=true]:bg-accent-soft"
    >
      {icon}
      <span className="shrink-0 truncate font-medium">{label}</span>
      <span className="min-w-0 flex-1 truncate text-sm text-muted" dir="auto">
        {note}
      </span>
      {tag && <span className="shrink-0 text-xs text-muted">{tag}</span>}
    </Command.Item>
  )
}
