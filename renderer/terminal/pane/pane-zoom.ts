// Zoom of one pane, in steps of a pixel: by keys and by Ctrl+wheel.

import { type RefObject, useEffect, useState } from 'react'

export function useZoom(element: RefObject<HTMLElement | null>) {
  const [zoom, setZoom] = useState(0)
  useEffect(() => {
    // A native listener: React's wheel listeners are passive and cannot prevent the browser from zooming the page.
    const target = element.current
    const onWheel = (event: WheelEvent) => {
      if (!event.ctrlKey) return
      event.preventDefault()
      event.stopPropagation()
      setZoom((before) => before - Math.sign(event.deltaY))
    }
    target?.addEventListener('wheel', onWheel, { capture: true, passive: false })
    return () => target?.removeEventListener('wheel', onWheel, { capture: true })
  }, [element])
  return [zoom, setZoom] as const
}
