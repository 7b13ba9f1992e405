// The visible range of a virtual list whose rows have the same height.

import { type RefObject, useCallback, useEffect, useState } from 'react'

// Rows rendered above and below the viewport, enough for one turn of the mouse wheel.
const overscanRows = 12
// The range moves in steps, to render less often while scrolling.
const stepRows = 6

export interface RowRange {
  readonly first: number
  /** Exclusive. */
  readonly end: number
}

export interface VisibleRows {
  readonly range: RowRange
  /** Scrolls by the smallest distance that makes a row visible. */
  readonly reveal: (index: number) => void
}

const scrollerOf = (list: HTMLElement): HTMLElement | null => list.closest('main')

/** Offset of the list in its scroll container, in pixels. */
const offsetIn = (scroller: HTMLElement, list: HTMLElement): number =>
  list.getBoundingClientRect().top - scroller.getBoundingClientRect().top + scroller.scrollTop

function computeVisibleRange(list: HTMLElement, rowHeight: number): RowRange {
  const scroller = scrollerOf(list)
  if (!scroller) return { first: 0, end: Number.POSITIVE_INFINITY }
  const top = scroller.scrollTop - offsetIn(scroller, list)
  const first = Math.floor(top / rowHeight) - overscanRows
  const end = Math.ceil((top + scroller.clientHeight) / rowHeight) + overscanRows
  return { first: Math.max(0, Math.floor(first / stepRows) * stepRows), end: Math.ceil(end / stepRows) * stepRows }
}

/** @param list contains only the rows and scrolls with the page's `main` */
export function useVisibleRows(list: RefObject<HTMLElement | null>, rowHeight: number): VisibleRows {
  const [range, setRange] = useState<RowRange>({ first: 0, end: 48 })

  useEffect(() => {
    const element = list.current
    const scroller = element && scrollerOf(element)
    if (!element || !scroller) return
    const measure = () =>
      setRange((before) => {
        const next = computeVisibleRange(element, rowHeight)
        return next.first === before.first && next.end === before.end ? before : next
      })
    measure()
    scroller.addEventListener('scroll', measure, { passive: true })
    const observer = new ResizeObserver(measure)
    observer.observe(scroller)
    return () => {
      scroller.removeEventListener('scroll', measure)
      observer.disconnect()
    }
  }, [list, rowHeight])

  const reveal = useCallback(
    (index: number) => {
      const element = list.current
      const scroller = element && scrollerOf(element)
      if (!element || !scroller) return
      const top = offsetIn(scroller, element) + index * rowHeight
      if (top < scroller.scrollTop) scroller.scrollTop = top - rowHeight
      else if (top + rowHeight > scroller.scrollTop + scroller.clientHeight) {
        scroller.scrollTop = top + 2 * rowHeight - scroller.clientHeight
      }
    },
    [list, rowHeight],
  )

  return { range, reveal }
}
