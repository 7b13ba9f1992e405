// The dividers between panes, moved with the pointer or the arrow keys. A double click gives all panes equal sizes.

import type { KeyboardEvent, PointerEvent } from 'react'
import { classNames } from '../../../components/class-names.ts'
import { changeLayout } from '../../layout/current-layout.ts'
import type { Divider } from '../../layout/geometry.ts'
import { resizeSplit } from '../../layout/window-layout.ts'
import { equalizePanes } from '../actions/deck-actions.ts'

export function Dividers({ tabId, dividers }: { tabId: string; dividers: readonly Divider[] }) {
  return dividers.map((divider) => (
    <DividerHandle key={[...divider.path, divider.index].join('.')} tabId={tabId} divider={divider} />
  ))
}

const keyStep = 0.02
const percent = (share: number): string => `${share * 100}%`

function DividerHandle({ tabId, divider }: { tabId: string; divider: Divider }) {
  const { within, direction, at, path, index } = divider
  const isRow = direction === 'row'
  const moveBy = (by: number) => changeLayout((layout) => resizeSplit(layout, tabId, path, index, by))

  const onPointerMove = (event: PointerEvent<HTMLElement>) => {
    if (!event.currentTarget.hasPointerCapture(event.pointerId)) return
    const area = event.currentTarget.parentElement?.getBoundingClientRect()
    if (!area) return
    const pointer = isRow ? (event.clientX - area.left) / area.width : (event.clientY - area.top) / area.height
    const [start, length] = isRow ? [within.x, within.width] : [within.y, within.height]
    moveBy((pointer - start) / length - at)
  }
  const onKeyDown = (event: KeyboardEvent) => {
    const steps = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 }
    const step = Object.hasOwn(steps, event.key) ? steps[event.key as keyof typeof steps] : 0
    if (step === 0) return
    event.preventDefault()
    moveBy(step * keyStep)
  }
  const edge = isRow ? within.x + at * within.width : within.y + at * within.height
  return (
    // biome-ignore lint/a11y/useSemanticElements: <hr> is not interactive
    <div
      role="separator"
      tabIndex={0}
      aria-label={isRow ? 'Width of the adjacent panes' : 'Height of the adjacent panes'}
      aria-orientation={isRow ? 'vertical' : 'horizontal'}
      aria-valuenow={Math.round(at * 100)}
      onPointerDown={(event) => {
        event.preventDefault()
        event.currentTarget.setPointerCapture(event.pointerId)
      }}
      onPointerMove={onPointerMove}
      onKeyDown={onKeyDown}
      onDoubleClick={equalizePanes}
      className={classNames(
        'absolute z-10 touch-none hover:bg-accent/60 focus-visible:bg-accent focus-visible:outline-none',
        isRow ? 'w-[7px] -translate-x-[3px] cursor-col-resize' : 'h-[7px] -translate-y-[3px] cursor-row-resize',
      )}
      style={
        isRow
          ? { left: percent(edge), top: percent(within.y), height: percent(within.height) }
          : { top: percent(edge), left: percent(within.x), width: percent(within.width) }
      }
    />
  )
}
