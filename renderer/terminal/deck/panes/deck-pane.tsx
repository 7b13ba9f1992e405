// One pane of a tab: its header, and its terminal or the reason why there is none. A drop target for tabs and panes.

import { useQueryClient } from '@tanstack/react-query'
import { Play, X } from 'lucide-react'
import { type DragEvent, lazy, type ReactNode, Suspense, useEffect, useState } from 'react'
import type { WorkspaceAgent } from '../../../../api/agents/agents.ts'
import type { Workspace } from '../../../../api/workspaces/workspaces.ts'
import { agentsOf } from '../../../api/agents.ts'
import { useCreateBuild } from '../../../api/workspaces.ts'
import { Button } from '../../../components/button.tsx'
import { classNames } from '../../../components/class-names.ts'
import { StatusDot } from '../../../components/status-dot.tsx'
import { Elapsed } from '../../../components/time.tsx'
import { useStore } from '../../../store.ts'
import { AgentAlert } from '../../../workspace/agent-alert.tsx'
import { agentState, isBuilding, isRunning, workspaceState } from '../../../workspace/workspace-state.ts'
import type { TerminalAction } from '../../keys/terminal-actions.ts'
import { adoptFromOtherWindow, changeLayout } from '../../layout/current-layout.ts'
import type { Rect } from '../../layout/geometry.ts'
import type { Pane } from '../../layout/tree.ts'
import {
  activatePane,
  adoptTab,
  mergeTab,
  openBeside,
  replaceSession,
  swapPanePositions,
  type WindowLayout,
} from '../../layout/window-layout.ts'
import type { ShellCommand } from '../../pane/commands/shell-command.ts'
import { randomUuid } from '../../random-uuid.ts'
import { broadcastInput } from '../actions/broadcast.ts'
import { detachPanes } from '../actions/close-panes.ts'
import {
  type DragPayload,
  type DropZone,
  findDropZone,
  hasDragPayload,
  isDragSource,
  listSessions,
  readDropPayload,
} from '../actions/drag-and-drop.ts'
import { broadcastSessions, initialFolders, paneHandles, setPaneStatus } from '../state/deck-state.ts'
import { PaneHeader } from './pane-header.tsx'

const TerminalPane = lazy(() => import('../../pane/terminal-pane.tsx'))

interface DeckPaneProps {
  readonly pane: Pane
  readonly rect: Rect
  readonly isVisible: boolean
  /** Has the focus while its tab is visible. */
  readonly isActive: boolean
  readonly hasOthers: boolean
  /** Undefined while it is loading, null if it is deleted or not accessible. */
  readonly workspace: Workspace | null | undefined
  readonly home: string | undefined
  readonly onAction: (action: TerminalAction) => boolean
  readonly onBell: () => void
  readonly onCommandEnd: (command: ShellCommand) => void
}

const percent = (share: number): string => `${share * 100}%`

export function DeckPane({ pane, rect, isVisible, isActive, hasOthers, home, ...rest }: DeckPaneProps) {
  const { session_id: session } = pane
  const isBroadcasting = useStore(broadcastSessions).has(session)
  const { zone, ...dropTarget } = useDropTarget(session)
  const { x, y, width, height } = rect
  return (
    <div
      data-pane={session}
      data-active={isActive || undefined}
      {...dropTarget}
      className={classNames(
        'absolute flex flex-col',
        !isVisible && 'invisible',
        // Leaves a line to the neighboring pane.
        x > 0 && 'pl-px',
        y > 0 && 'pt-px',
      )}
      style={{ left: percent(x), top: percent(y), width: percent(width), height: percent(height) }}
    >
      <PaneHeader
        pane={pane}
        workspace={rest.workspace}
        home={home}
        isActive={isActive && hasOthers}
        isBroadcasting={isBroadcasting}
      />
      <PaneContent pane={pane} isVisible={isVisible} isActive={isActive} {...rest} />
      {isBroadcasting && <div aria-hidden className="pointer-events-none absolute inset-0 border-2 border-attention" />}
      {zone && <DropIndicator zone={zone} />}
    </div>
  )
}

type PaneContentProps = Omit<DeckPaneProps, 'rect' | 'hasOthers' | 'home'>

function PaneContent({ pane, workspace, ...rest }: PaneContentProps) {
  const { session_id: session } = pane
  if (workspace === undefined) return <div className="flex-1 bg-terminal" />
  if (workspace === null) return <NoWorkspace session={session} />
  const agent = agentsOf(workspace.latest_build).find(({ name }) => name === pane.agent_name)
  if (!isRunning(workspace) || !agent) return <NotRunning workspace={workspace} agentName={pane.agent_name} />
  if (agent.first_connected_at === undefined) return <NotConnected agent={agent} workspace={workspace} />
  // Each build of a workspace creates new agents.
  return <SessionPane key={agent.id} pane={pane} workspace={workspace} agent={agent} {...rest} />
}

interface SessionPaneProps extends Omit<PaneContentProps, 'workspace'> {
  readonly workspace: Workspace
  readonly agent: WorkspaceAgent
}

function SessionPane({
  pane,
  isVisible,
  isActive,
  workspace,
  agent,
  onAction,
  onBell,
  onCommandEnd,
}: SessionPaneProps) {
  const cache = useQueryClient()
  const { session_id: session } = pane
  // The status must not outlive the pane.
  useEffect(() => () => setPaneStatus(session, undefined), [session])
  return (
    <>
      <AgentAlert agent={agent} workspace={workspace} className="shrink-0 border-x-0 border-t-0" />
      <Suspense fallback={<div className="flex-1 bg-terminal" />}>
        <TerminalPane
          ref={(handle) => {
            if (handle) paneHandles.set(session, handle)
            else paneHandles.delete(session)
          }}
          agentId={agent.id}
          sessionId={session}
          workspaceName={workspace.name}
          isVisible={isVisible}
          autoFocus={isActive}
          {...(pane.profile ? { profileId: pane.profile } : {})}
          {...withFolder(session)}
          onStatus={(status) => setPaneStatus(session, status)}
          onNewSession={() => changeLayout((layout) => replaceSession(layout, session, randomUuid()))}
          onSessionsChanged={() => void cache.invalidateQueries({ queryKey: ['terminals', agent.id] })}
          onAction={onAction}
          onInput={(data) => broadcastInput(session, data)}
          onBell={onBell}
          onCommandEnd={onCommandEnd}
          onFocus={() => changeLayout((layout) => activatePane(layout, session))}
        />
      </Suspense>
    </>
  )
}

function NotConnected({ agent, workspace }: { agent: WorkspaceAgent; workspace: Workspace }) {
  const hasTimedOut = agent.status === 'timeout'
  const limit = agent.connection_timeout_seconds
  return (
    <>
      <AgentAlert agent={agent} workspace={workspace} className="shrink-0 border-x-0 border-t-0" />
      <PaneNotice>
        <StatusDot tone={agentState(agent).tone} />
        <p role="status">
          {hasTimedOut ? 'Still waiting' : 'Waiting'} for the agent “{agent.name}” to connect ·{' '}
          <Elapsed since={agent.created_at} />
          {limit > 0 && !hasTimedOut && ` of ${limit} s`}
        </p>
      </PaneNotice>
    </>
  )
}

function withFolder(session: string): { folder?: string } {
  const folder = initialFolders.get(session)
  return folder ? { folder } : {}
}

function PaneNotice({ children }: { children: ReactNode }) {
  return (
    <div className="flex min-h-0 flex-1 flex-wrap content-center items-center justify-center gap-x-3 gap-y-4 overflow-y-auto bg-background p-4 text-center text-muted">
      {children}
    </div>
  )
}

function NoWorkspace({ session }: { session: string }) {
  return (
    <PaneNotice>
      <p className="w-full">The workspace of this terminal is deleted or not accessible.</p>
      <Button onClick={() => detachPanes([session])}>
        <X className="size-4" aria-hidden /> Close pane
      </Button>
    </PaneNotice>
  )
}

function NotRunning({ workspace, agentName }: { workspace: Workspace; agentName: string }) {
  const build = useCreateBuild()
  const { tone, label, since } = workspaceState(workspace)
  if (isBuilding(workspace)) {
    return (
      <PaneNotice>
        <StatusDot tone={tone} />
        <p role="status">
          {workspace.name} · {label} {since && <Elapsed since={since} />}
        </p>
      </PaneNotice>
    )
  }
  return (
    <PaneNotice>
      <p className="w-full">
        <StatusDot tone={tone} className="mr-2.5 inline-flex align-middle" />
        {isRunning(workspace)
          ? `${workspace.name} no longer has an agent “${agentName}”.`
          : `${workspace.name} is ${label.toLowerCase()}. The terminal opens when the workspace is running.`}
      </p>
      {!isRunning(workspace) && (
        <Button
          variant="primary"
          busy={build.isPending}
          onClick={() => build.mutate({ workspace, transition: 'start' })}
        >
          <Play className="size-4" aria-hidden /> Start workspace
        </Button>
      )}
    </PaneNotice>
  )
}

const dropZoneClasses: Record<DropZone, string> = {
  left: 'inset-y-0 left-0 w-1/2',
  right: 'inset-y-0 right-0 w-1/2',
  up: 'inset-x-0 top-0 h-1/2',
  down: 'inset-x-0 bottom-0 h-1/2',
  center: 'inset-0',
}

function DropIndicator({ zone }: { zone: DropZone }) {
  return (
    <div
      aria-hidden
      className={`pointer-events-none absolute z-20 border-2 border-accent bg-accent/20 ${dropZoneClasses[zone]}`}
    />
  )
}

function useDropTarget(session: string) {
  const [zone, setZone] = useState<DropZone>()
  return {
    zone,
    onDragOver(event: DragEvent) {
      if (!hasDragPayload(event) || isDragSource(session)) return
      event.preventDefault()
      event.dataTransfer.dropEffect = 'move'
      setZone(findDropZone(event))
    },
    onDragLeave(event: DragEvent) {
      if (event.relatedTarget instanceof Node && event.currentTarget.contains(event.relatedTarget)) return
      setZone(undefined)
    },
    onDrop(event: DragEvent) {
      if (!hasDragPayload(event)) return
      event.preventDefault()
      setZone(undefined)
      const dropped = readDropPayload(event)
      if (dropped && !isDragSource(session)) drop(dropped, dropped.isForeign, session, findDropZone(event))
    },
  }
}

function drop(dragged: DragPayload, isForeign: boolean, session: string, zone: DropZone): void {
  const { tab, kind } = dragged
  const side = zone === 'center' ? 'right' : zone
  const beside = (layout: WindowLayout) =>
    kind === 'pane' && tab.root.kind === 'pane'
      ? openBeside(layout, session, side, tab.root)
      : mergeTab(layout, tab.id, session, side)
  if (isForeign)
    adoptFromOtherWindow((layout) => beside(kind === 'tab' ? adoptTab(layout, tab) : layout), listSessions(dragged))
  else if (kind === 'pane' && zone === 'center')
    changeLayout((layout) => activatePane(swapPanePositions(layout, tab.active_pane, session), tab.active_pane))
  else changeLayout(beside)
}
