// Positions of the panes of a tree and of the dividers between them, as fractions of the tab's area; adjacent panes.

import type { Side, Split, Tree } from './tree.ts'

/** Fractions of the tab's width and height, from its upper left corner. */
export interface Rect {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

/** The movable line between two children of a split. */
export interface Divider {
  /** Path to the split: child indexes from the root. */
  readonly path: readonly number[]
  readonly index: number
  readonly direction: Split['direction']
  /** Area of the split; movements are fractions of it. */
  readonly within: Rect
  /** Fraction of the split before the line. */
  readonly at: number
}

const whole: Rect = { x: 0, y: 0, width: 1, height: 1 }

function computeChildRects({ direction, sizes }: Split, area: Rect): Rect[] {
  let before = 0
  return sizes.map((size) => {
    const from = before
    before += size
    return direction === 'row'
      ? { ...area, x: area.x + from * area.width, width: size * area.width }
      : { ...area, y: area.y + from * area.height, height: size * area.height }
  })
}

/** Areas of the panes, by session. */
export function computeRects(tree: Tree, area: Rect = whole): Map<string, Rect> {
  if (tree.kind === 'pane') return new Map([[tree.session_id, area]])
  const areas = computeChildRects(tree, area)
  return new Map(tree.children.flatMap((child, index) => [...computeRects(child, areas[index] ?? area)]))
}

export function computeDividers(tree: Tree, area: Rect = whole, path: readonly number[] = []): Divider[] {
  if (tree.kind === 'pane') return []
  const areas = computeChildRects(tree, area)
  let at = 0
  const own = tree.sizes.slice(0, -1).map((size, index): Divider => {
    at += size
    return { path, index, direction: tree.direction, within: area, at }
  })
  return [
    ...own,
    ...tree.children.flatMap((child, index) => computeDividers(child, areas[index] ?? area, [...path, index])),
  ]
}

// Edges closer than this are equal: positions are sums of fractions.
const tolerance = 1e-6

/** Distance from the edge of `from` on that side to `to`; negative if `to` is not on that side. */
function measureGap(side: Side, from: Rect, to: Rect): number {
  switch (side) {
    case 'left':
      return from.x - (to.x + to.width)
    case 'right':
      return to.x - (from.x + from.width)
    case 'up':
      return from.y - (to.y + to.height)
    case 'down':
      return to.y - (from.y + from.height)
  }
}

function measureSharedEdge(side: Side, a: Rect, b: Rect): number {
  return side === 'left' || side === 'right'
    ? Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y)
    : Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x)
}

/** Session of the nearest pane on that side; among equals, the one with the longest shared edge. Undefined at the edge of
 *  the tab. */
export function findAdjacentPane(tree: Tree, sessionId: string, side: Side): string | undefined {
  const rects = computeRects(tree)
  const from = rects.get(sessionId)
  if (!from) return undefined
  const candidates = [...rects]
    .filter(([id]) => id !== sessionId)
    .map(([id, rect]) => ({ id, gap: measureGap(side, from, rect), edge: measureSharedEdge(side, from, rect) }))
    .filter(({ gap, edge }) => gap > -tolerance && edge > tolerance)
  const nearest = Math.min(...candidates.map(({ gap }) => gap))
  const touching = candidates.filter(({ gap }) => gap < nearest + tolerance)
  return touching.sort((a, b) => b.edge - a.edge)[0]?.id
}
