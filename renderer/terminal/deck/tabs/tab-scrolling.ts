import { type RefObject, useEffect, useRef, useState, type WheelEvent } from 'react'

/** Keeps the active tab scrolled into view when titles or the width change, unless the user has scrolled the strip since the
 *  tab became active. @returns the wheel handler */
export function useScrollToActiveTab(list: RefObject<HTMLElement | null>, active: string, names: string) {
  const scrolledTab = useRef<string>(undefined)
  const width = useWidth(list)
  // biome-ignore lint/correctness/useExhaustiveDependencies: titles and width move the tab
  useEffect(() => {
    if (scrolledTab.current === active) return
    scrolledTab.current = undefined
    list.current?.querySelector('[aria-selected="true"]')?.parentElement?.scrollIntoView({ inline: 'nearest' })
  }, [list, active, names, width])
  return (event: WheelEvent) => {
    scrolledTab.current = active
    // A mouse wheel scrolls vertically, the strip horizontally.
    if (event.deltaX === 0) event.currentTarget.scrollLeft += event.deltaY
  }
}

function useWidth(element: RefObject<HTMLElement | null>): number {
  const [width, setWidth] = useState(0)
  useEffect(() => {
    const observer = new ResizeObserver(([entry]) => setWidth(entry?.contentRect.width ?? 0))
    if (element.current) observer.observe(element.current)
    return () => observer.disconnect()
  }, [element])
  return width
}
