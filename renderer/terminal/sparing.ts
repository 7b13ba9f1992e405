// What xterm draws and nobody sees, left out. In a flood it draws every frame what is gone before it can be read; and for
// each line that scrolls it draws all rows once more, to move a selection even where there is none. What that takes, the
// programs that bring the flood can use.

import type { Terminal } from '@xterm/xterm'

// Between two frames of a screen, or 4 MB a second: ten screens full of text.
const floodBytes = 64 * 1024
// So that fifteen frames a second are drawn. The browser is not asked for those between: each would have it look what has
// changed on the page.
const floodFrameMs = 60

const waiting = -1

/** xterm has no public way to when it draws. */
interface Drawing {
  readonly _renderService: { readonly _renderDebouncer: Debouncer }
  readonly _selectionService: SelectionService
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
export function drawSparingly(terminal: Terminal): (byteCount: number) => void {
  const { _core } = terminal as unknown as { _core: Drawing }
  moveSelections(_core._selectionService)
  return leaveFramesOut(_core._renderService._renderDebouncer)
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

function leaveFramesOut(debouncer: Debouncer): (byteCount: number) => void {
  const draw = debouncer._innerRefresh.bind(debouncer)
  let bytes = 0
  const drawNow = () => {
    bytes = 0
    draw()
  }
  debouncer._innerRefresh = () => {
    if (bytes <= floodBytes) return drawNow()
    // Stands for the frame that is waited for, so that no other is asked for meanwhile.
    debouncer._animationFrame = waiting
    setTimeout(() => (debouncer._animationFrame = requestAnimationFrame(drawNow)), floodFrameMs)
  }
  return (byteCount) => {
    bytes += byteCount
  }
}
