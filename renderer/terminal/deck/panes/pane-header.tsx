// The header of a pane: workspace, title, connection state and menu. Also the handle to drag the pane.

import { Ellipsis, ExternalLink, Maximize2, Minimize2, PanelTop, RotateCw, X } from 'lucide-react'
import type { Workspace } from '../../../../api/workspaces/workspaces.ts'
import { Badge } from '../../../components/badge.tsx'
import { Button } from '../../../components/button.tsx'
import { classNames } from '../../../components/class-names.ts'
import { Menu, MenuItem, MenuSeparator } from '../../../components/menu.tsx'
import { StatusDot } from '../../../components/status-dot.tsx'
import { phone, useMedia } from '../../../media.ts'
import { useStore } from '../../../store.ts'
import { formatTargetName } from '../../../workspace/workspace-state.ts'
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
  readonly isBroadcasting: boolean
}

const icon = 'size-4 text-muted'

export function PaneHeader({ pane, workspace, home, isActive, isBroadcasting }: PaneHeaderProps) {
  const { session_id: session } = pane
  const status = useStore(paneStatuses).get(session)
  const isMaximized = useStore(maximizedSession) === session
  const isPhone = useMedia(phone)
  const close = useClosePanes()
  const name = formatTargetName(workspace, pane.agent_name)
  const subtitle = formatPaneSubtitle(pane, status, home)
  const activate = () => {
    changeLayout((layout) => activatePane(layout, session))
    paneHandles.get(session)?.focus()
  }
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: an additional click target for focusing the terminal
    <header
      draggable
      onDragStart={(event) => startDragging(event, { kind: 'pane', tab: wrapInTab(pane) }, `${name} ${subtitle}`)}
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
      <span className="min-w-0 flex-1 truncate text-muted" dir="auto" title={subtitle}>
        {subtitle}
      </span>
      {/* Hidden in a narrow pane, whose frame shows it. */}
      {isBroadcasting && (
        <span className="shrink-0 @max-[380px]:hidden">
          <Badge variant="attention">broadcasting</Badge>
        </span>
      )}
      {status?.isRecording && <Badge variant="failed">recording</Badge>}
      {status?.isReadOnly && <Badge>read only</Badge>}
      {status?.state.kind === 'reconnecting' && (
        <Button
          variant="quiet"
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
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: clicks on its buttons must not focus the terminal */}
      {/* biome-ignore lint/a11y/noStaticElementInteractions: see above */}
      <span className="flex shrink-0" onClick={(event) => event.stopPropagation()}>
        <Menu
          onCloseFocus={focusActivePane}
          trigger={
            <Button
              variant="quiet"
              size="icon-small"
              className="size-6"
              aria-label={`More actions for ${name} ${subtitle}`}
            >
              <Ellipsis className="size-4" aria-hidden />
            </Button>
          }
        >
          {!isPhone && (
            <MenuItem
              icon={
                isMaximized ? <Minimize2 className={icon} aria-hidden /> : <Maximize2 className={icon} aria-hidden />
              }
              {...shortcutProps('zoomPane')}
              onSelect={() => {
                activate()
                maximizedSession.set(isMaximized ? undefined : session)
              }}
            >
              {isMaximized ? 'Restore pane' : 'Maximize pane'}
            </MenuItem>
          )}
          <MenuItem icon={<PanelTop className={icon} aria-hidden />} onSelect={() => movePaneToOwnTab(session)}>
            Move to new tab
          </MenuItem>
          <MenuItem
            icon={<ExternalLink className={icon} aria-hidden />}
            onSelect={() => moveToNewWindow(wrapInTab(pane))}
          >
            Move to new window
          </MenuItem>
          <MenuSeparator />
          <MenuItem icon={<X className={icon} aria-hidden />} onSelect={() => detachPanes([session])}>
            Close and keep running
          </MenuItem>
          <MenuItem
            icon={<X className={icon} aria-hidden />}
            {...shortcutProps('closePane')}
            onSelect={() => close([session])}
          >
            Close pane
          </MenuItem>
        </Menu>
      </span>
    </header>
  )
}

function shortcutProps(action: 'zoomPane' | 'closePane'): { keys?: string } {
  const keys = shortcutOf(action)
  return keys ? { keys } : {}
}
