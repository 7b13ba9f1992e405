// What xterm draws and nobody sees, left out. In a flood it draws every frame what is gone before it can be read, moves its
// scroll bar with each line and has its cursor blink; and for each line that scrolls it draws all rows once more, to move a
// selection even where there is none. What that takes, the programs that bring the flood can use.

import type { Terminal } from '@xterm/xterm'

// Between two frames of a screen, or 4 MB a second: ten screens full of text.
const floodBytes = 64 * 1024
// So that fifteen frames a second are drawn. The browser is not asked for those between: each would have it look what has
// changed on the page.
const floodFrameMs = 60

const waiting = -1

// A cursor that blinks has the browser look at the page for each frame of the screen: in a flood it stands still (theme.css).
const floodClass = 'terminal-in-flood'
const calmMs = 300

/** xterm has no public way to when it draws. */
interface Drawing {
  readonly _renderService: { readonly _renderDebouncer: Debouncer }
  readonly _selectionService: SelectionService
  /** Moves the scroll bar; without a line to where the output is. */
  readonly _viewport: { _sync(line?: number): void }
  /** Moves what is typed into below the cursor, where an input method shows its choice. */
  _syncTextArea(): void
}

interface Debouncer {
  _animationFrame: number | undefined
  _innerRefresh(): void
}

interface SelectionService {
  readonly _model: { readonly finalSelectionStart: unknown }
  refresh(isMouseSelection?: boolean): void
}

/** Has an open terminal draw sparingly. @returns to be told how many bytes are written to it */
export function throttleRendering(terminal: Terminal): (byteCount: number) => void {
  const { _core } = terminal as unknown as { _core: Drawing }
  moveSelections(_core._selectionService)
  let bytes = 0
  const isFlood = () => bytes > floodBytes
  const follow = followFrames(_core, isFlood)
  const calm = tellFlood(terminal)
  leaveFramesOut(_core._renderService._renderDebouncer, isFlood, () => {
    if (isFlood()) calm()
    bytes = 0
    follow()
  })
  return (byteCount) => {
    bytes += byteCount
  }
}

/** Only where there is one, or was. */
function moveSelections(service: SelectionService): void {
  const refresh = service.refresh.bind(service)
  let wasSelected = false
  service.refresh = (isMouseSelection) => {
    const isSelected = service._model.finalSelectionStart !== undefined
    if (isSelected || wasSelected) refresh(isMouseSelection)
    wasSelected = isSelected
  }
}

/** In a flood the scroll bar and the place of what is typed wait for a frame. @returns to be called before one */
function followFrames(drawing: Drawing, isFlood: () => boolean): () => void {
  const { _viewport: viewport } = drawing
  const sync = viewport._sync.bind(viewport)
  const syncTextArea = drawing._syncTextArea.bind(drawing)
  let [isBarLate, isTextAreaLate] = [false, false]
  viewport._sync = (line) => {
    if (line === undefined && isFlood()) isBarLate = true
    else sync(line)
  }
  drawing._syncTextArea = () => {
    if (isFlood()) isTextAreaLate = true
    else syncTextArea()
  }
  return () => {
    if (isBarLate) sync()
    if (isTextAreaLate) syncTextArea()
    isBarLate = false
    isTextAreaLate = false
  }
}

/** @returns to be called while there is one */
function tellFlood({ element }: Terminal): () => void {
  let calming: ReturnType<typeof setTimeout> | undefined
  return () => {
    clearTimeout(calming)
    element?.classList.add(floodClass)
    calming = setTimeout(() => element?.classList.remove(floodClass), calmMs)
  }
}

function leaveFramesOut(debouncer: Debouncer, isFlood: () => boolean, onDraw: () => void): void {
  const draw = debouncer._innerRefresh.bind(debouncer)
  const drawNow = () => {
    onDraw()
    draw()
  }
  debouncer._innerRefresh = () => {
    if (!isFlood()) return drawNow()
    // Stands for the frame that is waited for, so that no other is asked for meanwhile.
    debouncer._animationFrame = waiting
    setTimeout(() => (debouncer._animationFrame = requestAnimationFrame(drawNow)), floodFrameMs)
  }
}
