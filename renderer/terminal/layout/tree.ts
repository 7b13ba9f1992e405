// The arrangement of one tab: a tree of splits with panes as leaves. Pure values, independent of the page and of running
// sessions.

/** A terminal in a layout: its session, and how to start that session if it does not exist. */
export interface Pane {
  readonly kind: 'pane'
  readonly session_id: string
  readonly workspace_id: string
  readonly agent_name: string
  /** Profile id; empty for the user's default. */
  readonly profile: string
  /** Set by the user; empty for a title derived from the program. */
  readonly title: string
}

/** Children are side by side in a `row` and stacked in a `column`. */
export interface Split {
  readonly kind: 'split'
  readonly direction: 'row' | 'column'
  /** Two or more, none of them a split in the same direction. */
  readonly children: readonly Tree[]
  /** Each child's fraction; the sum is 1. */
  readonly sizes: readonly number[]
}

export type Tree = Pane | Split

export type Side = 'left' | 'right' | 'up' | 'down'

// A smaller pane shows nothing and its divider is hard to grab.
const smallestShare = 0.05

export const listPanes = (tree: Tree): Pane[] => (tree.kind === 'pane' ? [tree] : tree.children.flatMap(listPanes))

export const findPane = (tree: Tree, sessionId: string): Pane | undefined =>
  listPanes(tree).find(({ session_id }) => session_id === sessionId)

/** Creates a valid split: flattens nested splits of the same direction and normalizes the sizes. Returns a single child as
 *  it is, and undefined without children. */
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

/** Replaces each pane with the result of `change`; undefined removes the pane, and its neighbors grow. */
export function mapPanes(tree: Tree, change: (pane: Pane) => Tree | undefined): Tree | undefined {
  if (tree.kind === 'pane') return change(tree)
  const remaining = tree.children.flatMap((child, index) => {
    const changed = mapPanes(child, change)
    return changed ? [{ changed, size: tree.sizes[index] ?? 0 }] : []
  })
  return createSplit(
    tree.direction,
    remaining.map(({ changed }) => changed),
    remaining.map(({ size }) => size),
  )
}

/** Maximum nesting of splits. */
export const getDepth = (tree: Tree): number =>
  tree.kind === 'pane' ? 0 : 1 + Math.max(...tree.children.map(getDepth))

/** Splits the pane with this session in half and adds the new pane on that side. */
export function insertBeside(tree: Tree, sessionId: string, side: Side, pane: Pane): Tree {
  const direction = side === 'left' || side === 'right' ? 'row' : 'column'
  const isBefore = side === 'left' || side === 'up'
  const inserted = mapPanes(tree, (existing) =>
    existing.session_id === sessionId
      ? createSplit(direction, isBefore ? [pane, existing] : [existing, pane])
      : existing,
  )
  return inserted ?? tree
}

/** Undefined if it was the last pane. */
export const removePane = (tree: Tree, sessionId: string): Tree | undefined =>
  mapPanes(tree, (pane) => (pane.session_id === sessionId ? undefined : pane))

export const swapPanes = (tree: Tree, first: Pane, second: Pane): Tree =>
  mapPanes(tree, (pane) => {
    if (pane.session_id === first.session_id) return second
    return pane.session_id === second.session_id ? first : pane
  }) ?? tree

/** Moves the divider after child `index` of the split at `path` (child indexes from the root) by a fraction of that split.
 *  Both neighbors keep a minimum size. */
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

/** Gives the children of each split equal sizes. */
export const equalizeSizes = (tree: Tree): Tree =>
  tree.kind === 'pane'
    ? tree
    : {
        ...tree,
        children: tree.children.map(equalizeSizes),
        sizes: tree.children.map(() => 1 / tree.children.length),
      }

/** Arranges panes in a nearly square grid; the last row may have fewer, wider panes. */
export function createGrid(panes: readonly Pane[]): Tree | undefined {
  const columns = Math.ceil(Math.sqrt(panes.length))
  const rows: Tree[] = []
  for (let at = 0; at < panes.length; at += columns) {
    const row = createSplit('row', panes.slice(at, at + columns))
    if (row) rows.push(row)
  }
  return createSplit('column', rows)
}
