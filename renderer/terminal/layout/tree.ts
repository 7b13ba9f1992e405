// How the terminals of one tab share its place: a tree of splits with terminals as its leaves. Pure values; what is on
// the page, and which sessions exist, is known elsewhere.

/** A terminal in a layout: which session it shows, and how to start that session where there is none yet. */
export interface Pane {
  readonly kind: 'pane'
  readonly session_id: string
  readonly workspace_id: string
  readonly agent_name: string
  /** Id of a profile; empty for the person's default. */
  readonly profile: string
  /** Given by the person; empty: named after its program. */
  readonly title: string
}

/** `row`: its children stand beside each other, `column`: below each other. */
export interface Split {
  readonly kind: 'split'
  readonly direction: 'row' | 'column'
  /** Two or more, none of them a split in the same direction. */
  readonly children: readonly Tree[]
  /** Each child's share; together 1. */
  readonly sizes: readonly number[]
}

export type Tree = Pane | Split

export type Side = 'left' | 'right' | 'up' | 'down'

// A pane smaller than this share of its split shows nothing and can hardly be taken hold of again.
const smallestShare = 0.05

export const listPanes = (tree: Tree): Pane[] => (tree.kind === 'pane' ? [tree] : tree.children.flatMap(listPanes))

export const findPane = (tree: Tree, sessionId: string): Pane | undefined =>
  listPanes(tree).find(({ session_id }) => session_id === sessionId)

/** A split of these children, brought into the form that Split promises. Undefined without children. */
export function createSplit(
  direction: Split['direction'],
  children: readonly Tree[],
  sizes: readonly number[] = [],
): Tree | undefined {
  const shares = children.map((_, index) => {
    const size = sizes[index]
    return size !== undefined && Number.isFinite(size) && size > 0 ? size : 1 / children.length
  })
  const flat = children.flatMap((child, index) => {
    const share = shares[index] ?? 0
    return child.kind === 'split' && child.direction === direction
      ? child.children.map((inner, at) => ({ child: inner, share: share * (child.sizes[at] ?? 0) }))
      : [{ child, share }]
  })
  const [only] = flat
  if (flat.length < 2) return only?.child
  const whole = flat.reduce((sum, { share }) => sum + share, 0)
  return {
    kind: 'split',
    direction,
    children: flat.map(({ child }) => child),
    sizes: flat.map(({ share }) => share / whole),
  }
}

/** The tree with each pane replaced by what `change` makes of it; undefined takes a pane away, and its neighbours grow. */
export function mapPanes(tree: Tree, change: (pane: Pane) => Tree | undefined): Tree | undefined {
  if (tree.kind === 'pane') return change(tree)
  const kept = tree.children.flatMap((child, index) => {
    const changed = mapPanes(child, change)
    return changed ? [{ changed, size: tree.sizes[index] ?? 0 }] : []
  })
  return createSplit(
    tree.direction,
    kept.map(({ changed }) => changed),
    kept.map(({ size }) => size),
  )
}

/** How many splits stand in each other at most. */
export const getDepth = (tree: Tree): number =>
  tree.kind === 'pane' ? 0 : 1 + Math.max(...tree.children.map(getDepth))

/** Gives the pane half of the place of the one with this session. */
export function insertBeside(tree: Tree, sessionId: string, side: Side, pane: Pane): Tree {
  const direction = side === 'left' || side === 'right' ? 'row' : 'column'
  const isBefore = side === 'left' || side === 'up'
  const inserted = mapPanes(tree, (there) =>
    there.session_id === sessionId ? createSplit(direction, isBefore ? [pane, there] : [there, pane]) : there,
  )
  return inserted ?? tree
}

/** Undefined when it was the last one. */
export const removePane = (tree: Tree, sessionId: string): Tree | undefined =>
  mapPanes(tree, (pane) => (pane.session_id === sessionId ? undefined : pane))

export const swapPanes = (tree: Tree, one: Pane, other: Pane): Tree =>
  mapPanes(tree, (pane) => {
    if (pane.session_id === one.session_id) return other
    return pane.session_id === other.session_id ? one : pane
  }) ?? tree

/** Moves the line after the child `index` of the split at `path` (indexes of children from the root), by a share of that
 *  split. Both neighbours keep a little. */
export function moveDivider(tree: Tree, path: readonly number[], index: number, by: number): Tree {
  if (tree.kind === 'pane') return tree
  const [step, ...rest] = path
  if (step !== undefined) {
    const children = tree.children.map((child, at) => (at === step ? moveDivider(child, rest, index, by) : child))
    return { ...tree, children }
  }
  const before = tree.sizes[index]
  const after = tree.sizes[index + 1]
  if (before === undefined || after === undefined) return tree
  const smallest = Math.min(smallestShare, before, after)
  const moved = Math.min(after - smallest, Math.max(smallest - before, by))
  const sizes = tree.sizes.map((size, at) => (at === index ? before + moved : at === index + 1 ? after - moved : size))
  return { ...tree, sizes }
}

/** The same arrangement with equal shares. */
export const equalizeSizes = (tree: Tree): Tree =>
  tree.kind === 'pane'
    ? tree
    : {
        ...tree,
        children: tree.children.map(equalizeSizes),
        sizes: tree.children.map(() => 1 / tree.children.length),
      }

/** The panes in rows of equal height, as square as their number allows; the last row shares its width among fewer. */
export function createGrid(panes: readonly Pane[]): Tree | undefined {
  const columns = Math.ceil(Math.sqrt(panes.length))
  const rows: Tree[] = []
  for (let at = 0; at < panes.length; at += columns) {
    const row = createSplit('row', panes.slice(at, at + columns))
    if (row) rows.push(row)
  }
  return createSplit('column', rows)
}
