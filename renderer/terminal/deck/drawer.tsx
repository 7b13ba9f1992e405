// The terminals over any page: a drawer at its foot, as high as it was left.

import { type KeyboardEvent, type PointerEvent, useEffect, useState } from 'react'
import { DeckOutlet } from './state/deck-location.tsx'

const heightKey = 'terminal-drawer'
const usualHeight = 320
const smallestHeight = 140
// Of the page above it this much stays.
const keptAbove = 120
const keyStep = 24

const within = (height: number): number =>
  Math.round(Math.max(smallestHeight, Math.min(window.innerHeight - keptAbove, height)))

export function Drawer() {
  const [height, setHeight] = useState(() => within(Number(localStorage.getItem(heightKey)) || usualHeight))
  useEffect(() => localStorage.setItem(heightKey, String(height)), [height])
  const onPointerMove = (event: PointerEvent<HTMLElement>) => {
    if (!event.currentTarget.hasPointerCapture(event.pointerId)) return
    const foot = event.currentTarget.parentElement?.getBoundingClientRect().bottom ?? window.innerHeight
    setHeight(within(foot - event.clientY))
  }
  const onKeyDown = (event: KeyboardEvent) => {
    const step = event.key === 'ArrowUp' ? keyStep : event.key === 'ArrowDown' ? -keyStep : 0
    if (step === 0) return
    event.preventDefault()
    setHeight((before) => within(before + step))
  }
  return (
    <section
      aria-label="Terminal drawer"
      className="relative flex max-h-[calc(100dvh-120px)] shrink-0 border-t border-line-strong"
      style={{ height }}
    >
      {/* biome-ignore lint/a11y/useSemanticElements: a rule cannot be moved */}
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
        onDoubleClick={() => setHeight(usualHeight)}
        className="absolute inset-x-0 -top-1 z-20 h-2 cursor-row-resize touch-none hover:bg-accent/60 focus-visible:bg-accent focus-visible:outline-none"
      />
      <DeckOutlet kind="drawer" />
    </section>
  )
}
