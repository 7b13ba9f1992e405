import { type DragEvent, type RefObject, useState } from 'react'
import { adoptFromOtherWindow, changeLayout } from '../../layout/current-layout.ts'
import { adoptTab, movePaneToTab, moveTab, type Tab, type WindowLayout } from '../../layout/window-layout.ts'
import { randomUuid } from '../../random-uuid.ts'
import { hasDragPayload, listSessions, readDropPayload } from '../actions/drag-and-drop.ts'

/** Accepts tabs and panes anywhere on the strip: between two tabs or after the last one. */
export function useTabDrop(list: RefObject<HTMLElement | null>, tabs: readonly Tab[], layout: WindowLayout) {
  const [dropAt, setDropAt] = useState<number>()
  const findDropIndex = (event: DragEvent): number => {
    const elements = [...(list.current?.querySelectorAll('[data-tab]') ?? [])]
    const after = elements.filter((element) => {
      const { left, width } = element.getBoundingClientRect()
      return event.clientX > left + width / 2
    })
    const next = tabs[after.length]
    return next ? layout.tabs.indexOf(next) : layout.tabs.length
  }
  const onDragOver = (event: DragEvent) => {
    if (!hasDragPayload(event)) return
    event.preventDefault()
    event.dataTransfer.dropEffect = 'move'
    setDropAt(findDropIndex(event))
  }
  const onDrop = (event: DragEvent) => {
    const dropped = readDropPayload(event)
    setDropAt(undefined)
    if (!dropped) return
    event.preventDefault()
    const index = findDropIndex(event)
    if (dropped.isForeign) {
      const tab = { ...dropped.tab, id: randomUuid() }
      adoptFromOtherWindow((before) => adoptTab(before, tab, index), listSessions(dropped))
    } else if (dropped.kind === 'tab') changeLayout((before) => moveTab(before, dropped.tab.id, index))
    else changeLayout((before) => movePaneToTab(before, dropped.tab.active_pane, randomUuid(), index))
  }
  return { dropAt, handlers: { onDragOver, onDrop, onDragLeave: () => setDropAt(undefined) } }
}
