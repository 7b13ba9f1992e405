// Where the panes of a tree and the lines between them lie, in shares of the tab's place, and which pane lies beside
// another.

import type { Side, Split, Tree } from './tree.ts'

/** Shares of the tab's width and height, from its upper left corner. */
export interface Rect {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

/** A line between two children of a split, that can be moved. */
export interface Divider {
  /** Of the split, as `moveDivider` takes it. */
  readonly path: readonly number[]
  readonly index: number
  readonly direction: Split['direction']
  /** Of the whole split: a movement is a share of it. */
  readonly within: Rect
  /** Share of the split before the line. */
  readonly at: number
}

const whole: Rect = { x: 0, y: 0, width: 1, height: 1 }

/** The place of each child, from the beginning of its split. */
function computeChildRects({ direction, sizes }: Split, place: Rect): Rect[] {
  let before = 0
  return sizes.map((size) => {
    const from = before
    before += size
    return direction === 'row'
      ? { ...place, x: place.x + from * place.width, width: size * place.width }
      : { ...place, y: place.y + from * place.height, height: size * place.height }
  })
}

/** By session. */
export function computeRects(tree: Tree, place: Rect = whole): Map<string, Rect> {
  if (tree.kind === 'pane') return new Map([[tree.session_id, place]])
  const places = computeChildRects(tree, place)
  return new Map(tree.children.flatMap((child, index) => [...computeRects(child, places[index] ?? place)]))
}

export function computeDividers(tree: Tree, place: Rect = whole, path: readonly number[] = []): Divider[] {
  if (tree.kind === 'pane') return []
  const places = computeChildRects(tree, place)
  let at = 0
  const own = tree.sizes.slice(0, -1).map((size, index): Divider => {
    at += size
    return { path, index, direction: tree.direction, within: place, at }
  })
  return [
    ...own,
    ...tree.children.flatMap((child, index) => computeDividers(child, places[index] ?? place, [...path, index])),
  ]
}

// Below this, two edges are the same one: shares are sums of fractions.
const tolerance = 1e-6

/** How far `to` begins beyond `from`'s edge on that side; negative when it does not lie there. */
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

/** The session of the pane that lies beside this one: the nearest, of several the one with the longest common edge.
 *  Undefined at the edge of the tab. */
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
