// Panes and tabs on their way under the pointer: within a window, and into another window of the same browser.

import type { DragEvent } from 'react'
import { parseWindowLayout } from '../../layout/layout-parser.ts'
import { listPanes, type Side } from '../../layout/tree.ts'
import type { Tab } from '../../layout/window-layout.ts'

/** A pane alone travels as the tab it would be. */
export interface DragPayload {
  readonly kind: 'pane' | 'tab'
  readonly tab: Tab
}

const type = 'application/x-coder-local-terminals'

// What this window drags: a browser shows what is dragged only when it is dropped.
let currentDrag: DragPayload | undefined

export function startDragging(event: DragEvent, dragged: DragPayload, label: string): void {
  currentDrag = dragged
  event.dataTransfer.effectAllowed = 'move'
  event.dataTransfer.setData(type, JSON.stringify(dragged))
  event.dataTransfer.setData('text/plain', label)
}

/** @returns whether it was let go outside the window, where nothing took it. */
export function endDragging({ dataTransfer, screenX: x, screenY: y }: DragEvent): boolean {
  currentDrag = undefined
  const { screenX: left, screenY: top, outerWidth: width, outerHeight: height } = window
  const isInside = x >= left && x <= left + width && y >= top && y <= top + height
  // Where a system does not say where it ended, it says the corner of the screen.
  return dataTransfer.dropEffect === 'none' && !isInside && (x !== 0 || y !== 0)
}

export const hasDragPayload = (event: DragEvent): boolean => event.dataTransfer.types.includes(type)

/** What was dropped, and whether it comes from another window. Undefined for anything else. */
export function readDropPayload(event: DragEvent): (DragPayload & { readonly isForeign: boolean }) | undefined {
  const text = event.dataTransfer.getData(type)
  if (currentDrag) return { ...currentDrag, isForeign: false }
  if (!text) return undefined
  const { kind, tab } = JSON.parse(text) as { kind?: unknown; tab?: unknown }
  // Whatever page of this origin wrote it: it is read like a stored layout.
  const [read] = parseWindowLayout({ tabs: [tab] }).tabs
  return read && { kind: kind === 'pane' ? 'pane' : 'tab', tab: read, isForeign: true }
}

export const listSessions = ({ tab }: DragPayload): string[] => listPanes(tab.root).map(({ session_id }) => session_id)

/** True while the pane itself, or the tab it stands in, is dragged over it. */
export const isDragSource = (sessionId: string): boolean =>
  currentDrag !== undefined && listSessions(currentDrag).includes(sessionId)

export type DropZone = Side | 'centre'

// This share of a pane along each edge puts what is dropped beside it; the middle exchanges places.
const edgeShare = 0.3

export function findDropZone(event: DragEvent): DropZone {
  const { left, top, width, height } = event.currentTarget.getBoundingClientRect()
  const x = (event.clientX - left) / width
  const y = (event.clientY - top) / height
  const nearest = (
    [
      ['left', x],
      ['right', 1 - x],
      ['up', y],
      ['down', 1 - y],
    ] as const
  ).toSorted(([, one], [, other]) => one - other)[0]
  return nearest && nearest[1] < edgeShare ? nearest[0] : 'centre'
}
