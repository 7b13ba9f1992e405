// One tab of the strip: title, status and close button; draggable.

import { X } from 'lucide-react'
import { type MouseEvent, useRef } from 'react'
import { classNames } from '../../../components/class-names.ts'
import { StatusDot } from '../../../components/status-dot.tsx'
import { changeLayout } from '../../layout/current-layout.ts'
import { listPanes } from '../../layout/tree.ts'
import { activateTab, type Tab } from '../../layout/window-layout.ts'
import { useClosePanes } from '../actions/close-panes.ts'
import { focusActivePane, moveToNewWindow } from '../actions/deck-actions.ts'
import { endDragging, startDragging } from '../actions/drag-and-drop.ts'
import { currentDialog } from '../state/deck-state.ts'
import { ActivityMark } from './activity-mark.tsx'
import type { TabDescription } from './tab-description.ts'

export const DropLine = () => <span aria-hidden className="h-7 w-0.5 shrink-0 self-center bg-accent" />

// A drag over a tab for this long activates it.
const openAfterMs = 500

interface TabButtonProps {
  readonly tab: Tab
  readonly description: TabDescription
  readonly isSelected: boolean
  readonly isDropBefore: boolean
}

export function TabButton({ tab, description, isSelected, isDropBefore }: TabButtonProps) {
  const close = useClosePanes()
  const { name, tone, tooltip } = description
  const sessions = listPanes(tab.root).map(({ session_id }) => session_id)
  const opening = useRef<ReturnType<typeof setTimeout>>(undefined)
  const select = () => {
    changeLayout((layout) => activateTab(layout, tab.id))
    focusActivePane()
  }
  const onAuxClick = (event: MouseEvent) => {
    if (event.button !== 1) return
    event.preventDefault()
    close(sessions)
  }
  return (
    <>
      {isDropBefore && <DropLine />}
      {/* biome-ignore lint/a11y/noStaticElementInteractions: the interactive elements are inside it */}
      <div
        data-tab={tab.id}
        draggable
        onDragStart={(event) => startDragging(event, { kind: 'tab', tab }, name)}
        onDragEnd={(event) => endDragging(event) && moveToNewWindow(tab)}
        onDragEnter={() => {
          clearTimeout(opening.current)
          opening.current = setTimeout(() => changeLayout((layout) => activateTab(layout, tab.id)), openAfterMs)
        }}
        onDragLeave={(event) => {
          if (event.relatedTarget instanceof Node && event.currentTarget.contains(event.relatedTarget)) return
          clearTimeout(opening.current)
        }}
        onDrop={() => clearTimeout(opening.current)}
        onAuxClick={onAuxClick}
        className={classNames(
          'group flex h-8 min-w-0 shrink-0 items-center rounded-t-control border pr-1 text-sm',
          isSelected
            ? 'border-line border-b-transparent bg-background font-semibold'
            : 'border-transparent text-muted hover:text-text',
        )}
      >
        <button
          type="button"
          role="tab"
          aria-selected={isSelected}
          tabIndex={isSelected ? 0 : -1}
          title={tooltip}
          onClick={select}
          onDoubleClick={() => currentDialog.set({ kind: 'rename-tab', tabId: tab.id })}
          className="flex h-full min-w-0 items-center gap-2 pr-1 pl-2.5 focus-visible:-outline-offset-2"
        >
          <StatusDot tone={tone} />
          <span className="max-w-40 truncate" dir="auto">
            {name}
          </span>
          {sessions.length > 1 && <span className="tabular text-xs font-normal text-muted">{sessions.length}</span>}
          <ActivityMark sessions={sessions} />
        </button>
        <button
          type="button"
          tabIndex={-1}
          aria-label={`Close ${name}`}
          onClick={() => close(sessions)}
          className={classNames(
            'flex size-5 items-center justify-center rounded-sm text-muted hover:bg-hover hover:text-text focus-visible:opacity-100',
            !isSelected && 'opacity-0 group-hover:opacity-100',
          )}
        >
          <X className="size-3.5" aria-hidden />
        </button>
      </div>
    </>
  )
}
