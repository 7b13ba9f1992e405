// Above a terminal: whose it is, what runs in it, and how fresh it is. It is what a pane is dragged by.

import { Ellipsis, ExternalLink, Maximize2, Minimize2, PanelTop, RotateCw, X } from 'lucide-react'
import type { Workspace } from '../../../../api/workspaces/workspaces.ts'
import { Badge } from '../../../components/badge.tsx'
import { Button } from '../../../components/button.tsx'
import { classNames } from '../../../components/class-names.ts'
import { Menu, MenuItem, MenuLine } from '../../../components/menu.tsx'
import { StatusDot } from '../../../components/status-dot.tsx'
import { phone, useMedia } from '../../../media.ts'
import { useStore } from '../../../store.ts'
import { placeName } from '../../../workspace/workspace-state.ts'
import { shortcutOf } from '../../keys/terminal-keys.ts'
import { changeLayout } from '../../layout/current-layout.ts'
import type { Pane } from '../../layout/tree.ts'
import { activatePane } from '../../layout/window-layout.ts'
import { TerminalBadge } from '../../pane/terminal-badge.tsx'
import { detachPanes, useClosePanes } from '../actions/close-panes.ts'
import { focusActivePane, movePaneToOwnTab, moveToNewWindow, wrapInTab } from '../actions/deck-actions.ts'
import { endDragging, startDragging } from '../actions/drag-and-drop.ts'
import { maximizedSession, paneHandles, paneStatuses } from '../state/deck-state.ts'
import { formatPaneSubtitle, getPaneTone } from '../state/session-titles.ts'

interface PaneHeaderProps {
  readonly pane: Pane
  readonly workspace: Workspace | null | undefined
  readonly home: string | undefined
  readonly isActive: boolean
  readonly isTogether: boolean
}

const icon = 'size-4 text-muted'

export function PaneHeader({ pane, workspace, home, isActive, isTogether }: PaneHeaderProps) {
  const { session_id: session } = pane
  const status = useStore(paneStatuses).get(session)
  const isAlone = useStore(maximizedSession) === session
  const isPhone = useMedia(phone)
  const close = useClosePanes()
  const name = placeName(workspace, pane.agent_name)
  const note = formatPaneSubtitle(pane, status, home)
  const activate = () => {
    changeLayout((layout) => activatePane(layout, session))
    paneHandles.get(session)?.focus()
  }
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: only a larger place to press than the terminal itself
    <header
      draggable
      onDragStart={(event) => startDragging(event, { kind: 'pane', tab: wrapInTab(pane) }, `${name} ${note}`)}
      onDragEnd={(event) => endDragging(event) && moveToNewWindow(wrapInTab(pane))}
      onClick={activate}
      className={classNames(
        'group @container flex h-7.5 shrink-0 items-center gap-2 border-b border-line pr-1 pl-2.5 text-sm select-none',
        isActive ? 'bg-surface' : 'bg-sunken',
      )}
    >
      <StatusDot tone={getPaneTone(status, workspace)} />
      <span
        className={classNames('max-w-[60%] min-w-4 truncate font-semibold', !isActive && 'text-text/90')}
        dir="auto"
      >
        {name}
      </span>
      <span className="min-w-0 flex-1 truncate text-muted" dir="auto" title={note}>
        {note}
      </span>
      {/* In a narrow pane its frame says so. */}
      {isTogether && (
        <span className="shrink-0 @max-[380px]:hidden">
          <Badge look="attention">typed into together</Badge>
        </span>
      )}
      {status?.isRecording && <Badge look="failed">recording</Badge>}
      {status?.isReadOnly && <Badge>read only</Badge>}
      {status?.state.kind === 'reconnecting' && (
        <Button
          look="quiet"
          size="icon-small"
          className="size-6"
          aria-label="Retry now"
          onClick={() => paneHandles.get(session)?.retry()}
        >
          <RotateCw className="size-3.5" aria-hidden />
        </Button>
      )}
      <span role="status" className="shrink-0">
        {status && workspace && <TerminalBadge state={status.state} restoredFrom={status.restoredFrom} />}
      </span>
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: a press on a button in it is not one on the header */}
      {/* biome-ignore lint/a11y/noStaticElementInteractions: see above */}
      <span className="flex shrink-0" onClick={(event) => event.stopPropagation()}>
        <Menu
          onCloseFocus={focusActivePane}
          trigger={
            <Button look="quiet" size="icon-small" className="size-6" aria-label={`More for ${name} ${note}`}>
              <Ellipsis className="size-4" aria-hidden />
            </Button>
          }
        >
          {!isPhone && (
            <MenuItem
              icon={isAlone ? <Minimize2 className={icon} aria-hidden /> : <Maximize2 className={icon} aria-hidden />}
              {...keysOf('zoomPane')}
              onSelect={() => {
                activate()
                maximizedSession.set(isAlone ? undefined : session)
              }}
            >
              {isAlone ? 'All panes' : 'Only this pane'}
            </MenuItem>
          )}
          <MenuItem icon={<PanelTop className={icon} aria-hidden />} onSelect={() => movePaneToOwnTab(session)}>
            Move to a tab of its own
          </MenuItem>
          <MenuItem
            icon={<ExternalLink className={icon} aria-hidden />}
            onSelect={() => moveToNewWindow(wrapInTab(pane))}
          >
            Move to a new window
          </MenuItem>
          <MenuLine />
          <MenuItem icon={<X className={icon} aria-hidden />} onSelect={() => detachPanes([session])}>
            Close, and leave it running
          </MenuItem>
          <MenuItem
            icon={<X className={icon} aria-hidden />}
            {...keysOf('closePane')}
            onSelect={() => close([session])}
          >
            Close
          </MenuItem>
        </Menu>
      </span>
    </header>
  )
}

function keysOf(action: 'zoomPane' | 'closePane'): { keys?: string } {
  const keys = shortcutOf(action)
  return keys ? { keys } : {}
}
