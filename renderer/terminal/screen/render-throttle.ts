// Skips rendering that is not visible. During an output flood xterm draws frames that scroll away before they can be read,
// moves its scroll bar for each line and keeps the cursor blinking; for each line that scrolls it redraws all rows to move
// a selection, even without one. The CPU time saved is available to the programs that write the output.

import type { Terminal } from '@xterm/xterm'
import { wrapDraw, wrapScrollbarSync, wrapSelectionRefresh, wrapTextAreaSync } from './xterm-internals.ts'

// Output between two frames that counts as a flood: ten full screens of text, or 4 MB/s.
const floodBytes = 64 * 1024
// Draws about fifteen frames per second. Frames in between are not requested: each makes the browser check the whole page
// for changes.
const floodFrameMs = 60

// Any value except undefined marks a frame as pending in xterm.
const pendingFrame = -1

// A blinking cursor makes the browser check the page at every frame. theme.css stops it under this class.
const floodClass = 'terminal-in-flood'
const floodClassMs = 300

/** Throttles an opened terminal. @returns a function to call with the number of bytes of each write */
export function throttleRendering(terminal: Terminal): (byteCount: number) => void {
  skipEmptySelections(terminal)
  let bytes = 0
  const isFlood = () => bytes > floodBytes
  const applyDeferred = deferSyncs(terminal, isFlood)
  const markFlood = createFloodMarker(terminal)
  limitFrameRate(terminal, isFlood, () => {
    if (isFlood()) markFlood()
    bytes = 0
    applyDeferred()
  })
  return (byteCount) => {
    bytes += byteCount
  }
}

/** Refreshes the selection only while there is one, and once after it is cleared. */
function skipEmptySelections(terminal: Terminal): void {
  let hadSelection = false
  wrapSelectionRefresh(terminal, (refresh, hasSelection) => (isMouseSelection) => {
    const isSelected = hasSelection()
    if (isSelected || hadSelection) refresh(isMouseSelection)
    hadSelection = isSelected
  })
}

/** Defers the scroll bar and the text area to the next frame during a flood. @returns a function to call before a frame */
function deferSyncs(terminal: Terminal, isFlood: () => boolean): () => void {
  const deferred = new Set<() => void>()
  wrapScrollbarSync(terminal, (sync) => {
    const syncToOutput = () => sync()
    return (line) => {
      // Scrolling by the user passes a line and is never deferred.
      if (line === undefined && isFlood()) deferred.add(syncToOutput)
      else sync(line)
    }
  })
  wrapTextAreaSync(terminal, (sync) => () => {
    if (isFlood()) deferred.add(sync)
    else sync()
  })
  return () => {
    for (const sync of deferred) sync()
    deferred.clear()
  }
}

/** @returns a function to call for each frame of a flood; the class is removed shortly after the last one */
function createFloodMarker({ element }: Terminal): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined
  return () => {
    clearTimeout(timer)
    element?.classList.add(floodClass)
    timer = setTimeout(() => element?.classList.remove(floodClass), floodClassMs)
  }
}

function limitFrameRate(terminal: Terminal, isFlood: () => boolean, beforeDraw: () => void): void {
  wrapDraw(terminal, (draw, setPending) => {
    const drawNow = () => {
      beforeDraw()
      draw()
    }
    return () => {
      if (!isFlood()) return drawNow()
      setPending(pendingFrame)
      setTimeout(() => setPending(requestAnimationFrame(drawNow)), floodFrameMs)
    }
  })
}
