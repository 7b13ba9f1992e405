// The terminal drawer at the bottom of a page. Its height is stored in the browser.

import { type KeyboardEvent, type PointerEvent, useEffect, useState } from 'react'
import { DeckOutlet } from './state/deck-location.tsx'

const heightKey = 'terminal-drawer'
const defaultHeight = 320
const minHeight = 140
// Height of the page that stays visible above it.
const pageHeight = 120
const keyStep = 24

const clampHeight = (height: number): number =>
  Math.round(Math.max(minHeight, Math.min(window.innerHeight - pageHeight, height)))

export function Drawer() {
  const [height, setHeight] = useState(() => clampHeight(Number(localStorage.getItem(heightKey)) || defaultHeight))
  useEffect(() => localStorage.setItem(heightKey, String(height)), [height])
  const onPointerMove = (event: PointerEvent<HTMLElement>) => {
    if (!event.currentTarget.hasPointerCapture(event.pointerId)) return
    const bottom = event.currentTarget.parentElement?.getBoundingClientRect().bottom ?? window.innerHeight
    setHeight(clampHeight(bottom - event.clientY))
  }
  const onKeyDown = (event: KeyboardEvent) => {
    const step = event.key === 'ArrowUp' ? keyStep : event.key === 'ArrowDown' ? -keyStep : 0
    if (step === 0) return
    event.preventDefault()
    setHeight((before) => clampHeight(before + step))
  }
  return (
    <section
      aria-label="Terminal drawer"
      className="relative flex max-h-[calc(100dvh-120px)] shrink-0 border-t border-line-strong"
      style={{ height }}
    >
      {/* biome-ignore lint/a11y/useSemanticElements: <hr> is not interactive */}
      <div
        role="separator"
        tabIndex={0}
        aria-label="Height of the drawer"
        aria-orientation="horizontal"
        aria-valuenow={height}
        onPointerDown={(event) => {
          event.preventDefault()
          event.currentTarget.setPointerCapture(event.pointerId)
        }}
        onPointerMove={onPointerMove}
        onKeyDown={onKeyDown}
        onDoubleClick={() => setHeight(defaultHeight)}
        className="absolute inset-x-0 -top-1 z-20 h-2 cursor-row-resize touch-none hover:bg-accent/60 focus-visible:bg-accent focus-visible:outline-none"
      />
      <DeckOutlet kind="drawer" />
    </section>
  )
}
