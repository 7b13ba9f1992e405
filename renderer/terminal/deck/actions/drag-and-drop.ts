// Drag and drop of panes and tabs, within a window and to another window of the same browser.

import type { DragEvent } from 'react'
import { parseWindowLayout } from '../../layout/layout-parser.ts'
import { listPanes, type Side } from '../../layout/tree.ts'
import type { Tab } from '../../layout/window-layout.ts'

/** A pane is dragged as a tab with only that pane. */
export interface DragPayload {
  readonly kind: 'pane' | 'tab'
  readonly tab: Tab
}

const mimeType = 'application/x-coder-local-terminals'

// The payload of a drag from this window: browsers reveal its data only at the drop.
let currentDrag: DragPayload | undefined

export function startDragging(event: DragEvent, dragged: DragPayload, label: string): void {
  currentDrag = dragged
  event.dataTransfer.effectAllowed = 'move'
  event.dataTransfer.setData(mimeType, JSON.stringify(dragged))
  event.dataTransfer.setData('text/plain', label)
}

/** @returns whether the drag ended outside the window without a drop target */
export function endDragging({ dataTransfer, screenX: x, screenY: y }: DragEvent): boolean {
  currentDrag = undefined
  const { screenX: left, screenY: top, outerWidth: width, outerHeight: height } = window
  const isInside = x >= left && x <= left + width && y >= top && y <= top + height
  // Some systems report the screen's origin instead of the position.
  return dataTransfer.dropEffect === 'none' && !isInside && (x !== 0 || y !== 0)
}

export const hasDragPayload = (event: DragEvent): boolean => event.dataTransfer.types.includes(mimeType)

/** The dropped payload, and whether it comes from another window. Undefined if terminals were not dropped. */
export function readDropPayload(event: DragEvent): (DragPayload & { readonly isForeign: boolean }) | undefined {
  const text = event.dataTransfer.getData(mimeType)
  if (currentDrag) return { ...currentDrag, isForeign: false }
  if (!text) return undefined
  const { kind, tab } = JSON.parse(text) as { kind?: unknown; tab?: unknown }
  // Validated like a stored layout: any page of this origin can write it.
  const [parsed] = parseWindowLayout({ tabs: [tab] }).tabs
  return parsed && { kind: kind === 'pane' ? 'pane' : 'tab', tab: parsed, isForeign: true }
}

export const listSessions = ({ tab }: DragPayload): string[] => listPanes(tab.root).map(({ session_id }) => session_id)

/** Whether the pane, or the tab that contains it, is being dragged. */
export const isDragSource = (sessionId: string): boolean =>
  currentDrag !== undefined && listSessions(currentDrag).includes(sessionId)

export type DropZone = Side | 'center'

// A drop within this fraction of an edge places the payload there; a drop in the center swaps the panes.
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
  return nearest && nearest[1] < edgeShare ? nearest[0] : 'center'
}
