import { describe, expect, test } from 'vitest'
import { maxLayoutDepth } from '../../../api/agents/terminals.ts'
import { computeDividers, computeRects, findAdjacentPane } from './geometry.ts'
import { parseWindowLayout } from './layout-parser.ts'
import {
  createGrid,
  equalizeSizes,
  getDepth,
  insertBeside,
  listPanes,
  moveDivider,
  type Pane,
  type Side,
  type Tree,
} from './tree.ts'
import {
  activatePane,
  adoptTab,
  arrangeTabAsGrid,
  closePane,
  closeTab,
  cycleTabs,
  emptyWindow,
  equalizeTab,
  focusAdjacentPane,
  listAllPanes,
  mergeTab,
  movePaneToTab,
  moveTab,
  openBeside,
  openTab,
  replaceSession,
  resizeSplit,
  swapPanePositions,
  type WindowLayout,
} from './window-layout.ts'

const pane = (session_id: string): Pane => ({
  kind: 'pane',
  session_id,
  workspace_id: 'w',
  agent_name: 'main',
  profile: '',
  title: '',
})

const ids = (layout: WindowLayout): string[] => listAllPanes(layout).map(({ session_id }) => session_id)
const shape = (tree: Tree): unknown =>
  tree.kind === 'pane' ? tree.session_id : { [tree.direction]: tree.children.map(shape) }

/** a │ b over c. */
const three = insertBeside(insertBeside(pane('a'), 'a', 'right', pane('b')), 'b', 'down', pane('c'))

describe('a tree of splits', () => {
  test('a split in the direction of its parent becomes part of it', () => {
    expect(shape(three)).toEqual({ row: ['a', { column: ['b', 'c'] }] })
    const wider = insertBeside(three, 'a', 'left', pane('d'))
    expect(shape(wider)).toEqual({ row: ['d', 'a', { column: ['b', 'c'] }] })
    expect(wider.kind === 'split' && wider.sizes).toEqual([0.25, 0.25, 0.5])
  })

  test('a moved divider shifts area between its neighbors and keeps a minimum for both', () => {
    const moved = moveDivider(three, [], 0, 0.2)
    expect(moved.kind === 'split' && moved.sizes.map((size) => size.toFixed(2))).toEqual(['0.70', '0.30'])
    const squeezed = moveDivider(three, [1], 0, -9)
    expect(computeRects(squeezed).get('b')?.height).toBeCloseTo(0.05)
    expect(computeRects(equalizeSizes(squeezed))).toEqual(computeRects(three))
  })

  test('a grid has rows of equal height, with wider panes in an incomplete last row', () => {
    const five = createGrid(['a', 'b', 'c', 'd', 'e'].map(pane))
    if (!five) throw new Error('no grid')
    expect(shape(five)).toEqual({ column: [{ row: ['a', 'b', 'c'] }, { row: ['d', 'e'] }] })
    expect(computeRects(five).get('e')).toEqual({ x: 0.5, y: 0.5, width: 0.5, height: 0.5 })
    expect(createGrid([])).toBeUndefined()
  })

  test('each divider has the path of its split', () => {
    expect(computeDividers(three).map(({ path, index, direction, at }) => ({ path, index, direction, at }))).toEqual([
      { path: [], index: 0, direction: 'row', at: 0.5 },
      { path: [1], index: 0, direction: 'column', at: 0.5 },
    ])
  })
})

describe('the adjacent pane', () => {
  test('is the nearest on that side, with the longest shared edge', () => {
    expect(findAdjacentPane(three, 'a', 'right')).toBe('b')
    expect(findAdjacentPane(moveDivider(three, [1], 0, -0.3), 'a', 'right')).toBe('c')
    expect(findAdjacentPane(three, 'c', 'up')).toBe('b')
    expect(findAdjacentPane(three, 'c', 'left')).toBe('a')
  })

  test('is undefined at the edge of the tab', () => {
    expect(findAdjacentPane(three, 'a', 'left')).toBeUndefined()
    expect(findAdjacentPane(three, 'a', 'up')).toBeUndefined()
    expect(findAdjacentPane(three, 'unknown', 'up')).toBeUndefined()
  })
})

describe('a window', () => {
  const opened = openTab(openTab(openTab(emptyWindow, '1', pane('a')), '2', pane('b')), '3', pane('c'))

  test('activates a session that is already open instead of opening it twice', () => {
    const again = openTab(opened, '4', pane('a'))
    expect(ids(again)).toEqual(['a', 'b', 'c'])
    expect(again.active_tab).toBe('1')
  })

  test('focuses the neighbor of a closed pane and the tab after a closed one', () => {
    const split = openBeside(opened, 'c', 'right', pane('d'))
    expect(split.tabs[2]?.active_pane).toBe('d')
    expect(closePane(split, 'd').tabs[2]).toMatchObject({ root: pane('c'), active_pane: 'c' })
    expect(closeTab(activatePane(opened, 'b'), '2').active_tab).toBe('3')
    expect(closeTab(opened, '3').active_tab).toBe('2')
    expect(['1', '2', '3'].reduce(closeTab, opened)).toEqual(emptyWindow)
  })

  test('moves a pane beside one of another tab and closes its empty tab', () => {
    const moved = openBeside(opened, 'a', 'down', pane('c'))
    expect(moved.tabs.map(({ root }) => shape(root))).toEqual([{ column: ['a', 'c'] }, 'b'])
    expect(moved.active_tab).toBe('1')
  })

  test('moves a whole tab beside a pane and keeps its arrangement', () => {
    const split = openBeside(opened, 'c', 'right', pane('d'))
    expect(shape(mergeTab(split, '3', 'a', 'up').tabs[0]?.root ?? pane(''))).toEqual({
      column: [{ row: ['c', 'd'] }, 'a'],
    })
  })

  test('moves a pane to a new tab at the drop position', () => {
    const split = openBeside(opened, 'c', 'right', pane('d'))
    expect(movePaneToTab(split, 'd', '4', 1).tabs.map(({ id }) => id)).toEqual(['1', '4', '2', '3'])
    expect(movePaneToTab(opened, 'a', '4', 3).tabs.map(({ id }) => id)).toEqual(['2', '3', '1'])
  })

  test('adopts a tab of another window without the sessions it already has', () => {
    const foreign = { id: '9', title: 'shop', root: three, active_pane: 'c' }
    const small = openTab(emptyWindow, '1', pane('c'))
    const adopted = adoptTab(small, foreign)
    expect(adopted.tabs[1]).toMatchObject({ title: 'shop', active_pane: 'a' })
    expect(ids(adopted)).toEqual(['c', 'a', 'b'])
  })

  test('rearranges splits beyond the maximum depth as a grid', () => {
    const sideAt = (index: number) => (index % 2 === 0 ? 'right' : 'down')
    const deep = Array.from({ length: maxLayoutDepth }).reduce<WindowLayout>(
      (layout, _, index) => openBeside(layout, `p${index}`, sideAt(index), pane(`p${index + 1}`)),
      openTab(emptyWindow, '1', pane('p0')),
    )
    expect(ids(deep)).toHaveLength(maxLayoutDepth + 1)
    expect(getDepth(deep.tabs[0]?.root ?? pane(''))).toBe(2)
    expectValid(deep)
  })

  test('cycles through its tabs', () => {
    expect(cycleTabs(opened, 1).active_tab).toBe('1')
    expect(cycleTabs(opened, -1).active_tab).toBe('2')
    expect(cycleTabs(emptyWindow, 1)).toEqual(emptyWindow)
  })
})

describe('a stored layout', () => {
  test('parses to the same layout', () => {
    const layout = openBeside(openTab(emptyWindow, '1', pane('a')), 'a', 'right', pane('b'))
    expect(parseWindowLayout(JSON.parse(JSON.stringify(layout)))).toEqual(layout)
  })

  test('keeps the valid parts of an invalid layout', () => {
    const invalid = {
      active_tab: 'unknown',
      tabs: [
        null,
        { id: '1', root: { kind: 'split', direction: 'row', sizes: [-1, 'x'], children: [pane('a'), 7, pane('b')] } },
        { id: '1', root: pane('c') },
        { id: '2', root: pane('a') },
        { id: '3', root: { kind: 'split', children: [] } },
        { id: '4', root: { kind: 'split', direction: 'column', children: [pane('d')] }, active_pane: 'a' },
      ],
    }
    const parsed = parseWindowLayout(invalid)
    expect(parsed.active_tab).toBe('1')
    expect(parsed.tabs.map(({ id, root }) => [id, shape(root)])).toEqual([
      ['1', { row: ['a', 'b'] }],
      ['4', 'd'],
    ])
    expectValid(parsed)
    expect(parseWindowLayout('nothing')).toEqual(emptyWindow)
  })
})

/** Checks the invariants of window-layout.ts. */
function expectValid(layout: WindowLayout): void {
  const { tabs, active_tab: active } = layout
  expect(new Set(ids(layout)).size).toBe(ids(layout).length)
  expect(new Set(tabs.map(({ id }) => id)).size).toBe(tabs.length)
  expect(tabs.length === 0 ? active === '' : tabs.some(({ id }) => id === active)).toBe(true)
  for (const { root, active_pane } of tabs) {
    expect(listPanes(root).map(({ session_id }) => session_id)).toContain(active_pane)
    expectValidTree(root)
    // coderd counts the pane in the innermost split as one more level.
    expect(getDepth(root)).toBeLessThan(maxLayoutDepth)
    const area = [...computeRects(root).values()].reduce((sum, { width, height }) => sum + width * height, 0)
    expect(area).toBeCloseTo(1)
  }
}

function expectValidTree(tree: Tree): void {
  if (tree.kind === 'pane') return
  expect(tree.children.length).toBeGreaterThan(1)
  expect(tree.sizes).toHaveLength(tree.children.length)
  expect(tree.sizes.reduce((sum, size) => sum + size, 0)).toBeCloseTo(1)
  expect(Math.min(...tree.sizes)).toBeGreaterThan(0)
  for (const child of tree.children) {
    expect(child.kind === 'split' && child.direction === tree.direction).toBe(false)
    expectValidTree(child)
  }
}

/** Returns the same numbers for the same seed, so that failures are reproducible. */
function randomNumbers(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    // mulberry32
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below
  }
}

const sides: readonly Side[] = ['left', 'right', 'up', 'down']

describe('random operations in any order', () => {
  /** Runs operations on a window; `expected` are the sessions that must exist afterward. */
  function runOperations(seed: number, steps: number): void {
    const random = randomNumbers(seed)
    const expected = new Set<string>()
    let layout = emptyWindow
    let next = 0
    const anySession = () => ids(layout)[random(Math.max(1, expected.size))] ?? 'unknown'
    const anyTab = () => layout.tabs[random(Math.max(1, layout.tabs.length))]?.id ?? 'unknown'
    const anySide = () => sides[random(4)] ?? 'left'
    const createId = () => `${seed}-${next++}`
    const operations: readonly (() => WindowLayout)[] = [
      () => {
        const id = createId()
        expected.add(id)
        return openTab(layout, id, pane(id), random(layout.tabs.length + 1))
      },
      () => {
        const id = createId()
        const beside = anySession()
        if (expected.has(beside)) expected.add(id)
        return openBeside(layout, beside, anySide(), pane(id))
      },
      () => openBeside(layout, anySession(), anySide(), pane(anySession())),
      () => {
        const id = anySession()
        if (random(3) > 0) return layout
        expected.delete(id)
        return closePane(layout, id)
      },
      () => {
        if (random(8) > 0) return layout
        const id = anyTab()
        for (const { session_id } of layout.tabs.filter((tab) => tab.id === id).flatMap(({ root }) => listPanes(root)))
          expected.delete(session_id)
        return closeTab(layout, id)
      },
      () => movePaneToTab(layout, anySession(), createId(), random(layout.tabs.length + 1)),
      () => moveTab(layout, anyTab(), random(layout.tabs.length + 1)),
      () => mergeTab(layout, anyTab(), anySession(), anySide()),
      () => swapPanePositions(layout, anySession(), anySession()),
      () => {
        const from = anySession()
        const to = createId()
        if (expected.delete(from)) expected.add(to)
        return replaceSession(layout, from, to)
      },
      () => {
        const tab = layout.tabs.find(({ id }) => id === anyTab())
        const lines = tab ? computeDividers(tab.root) : []
        const line = lines[random(Math.max(1, lines.length))]
        return tab && line ? resizeSplit(layout, tab.id, line.path, line.index, (random(200) - 100) / 50) : layout
      },
      () => equalizeTab(layout, anyTab()),
      () => arrangeTabAsGrid(layout, anyTab()),
      () => focusAdjacentPane(layout, anySide()),
      () => cycleTabs(layout, random(2) === 0 ? 1 : -1),
      () => activatePane(layout, anySession()),
      () => parseWindowLayout(JSON.parse(JSON.stringify(layout))),
      () => {
        // To another window and back.
        const tab = layout.tabs[random(Math.max(1, layout.tabs.length))]
        return tab ? adoptTab(closeTab(layout, tab.id), tab, random(layout.tabs.length)) : layout
      },
    ]
    for (let step = 0; step < steps; step++) {
      layout = operations[random(operations.length)]?.() ?? layout
      expect([...ids(layout)].sort()).toEqual([...expected].sort())
      expectValid(layout)
    }
  }

  test.each(Array.from({ length: 40 }, (_, seed) => seed))('keep each session exactly once (seed %i)', (seed) =>
    runOperations(seed, 120),
  )
})
