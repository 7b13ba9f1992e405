// Finds out which of the person's windows this page is, brings its layout and keeps it. A window goes by an id that its
// page holds for as long as it lives; after a restart the first page takes the window that was used last. Only pages of
// one browser can see what the others hold, so a browser takes its own windows only; one that is new here begins with a
// copy of what the person arranged elsewhere.

import type { LayoutNode, LayoutWindow, TerminalLayouts } from '../../../api/agents/terminals.ts'
import { readLayouts, updateLayouts } from '../../api/terminal-layouts.ts'
import { notifyFailure } from '../../notices.ts'
import { randomUuid } from '../random-uuid.ts'
import { parseWindowLayout } from './layout-parser.ts'
import { emptyWindow, type WindowLayout } from './window-layout.ts'

const idKey = 'terminal-window'
// All windows of this browser.
const ownIdsKey = 'terminal-windows'
// Windows that nobody has come back to for long make room.
const maxStoredWindows = 20
// The first change is stored at once, those of the same gesture together.
const saveIntervalMs = 150
const retryMs = 3_000
// A page that is reloaded waits for the one before it to go; a duplicated tab waits this long in vain.
const reloadTimeoutMs = 500

// Opened by another window for a pane of its own: it takes up no earlier window's layout.
const isNewWindow = new URLSearchParams(location.search).get('window') === 'new'

let windowId = ''
/** Ids that this page holds. */
const held = new Set<string>()

/** The layout of this window; empty when it could not be read, which is told. */
export async function claimWindow(): Promise<WindowLayout> {
  try {
    const { last } = await readLayouts()
    const isNewHere = localStorage.getItem(idKey) === null && !isNewWindow
    windowId = await claimId(last.map(({ id }) => id))
    const [copied] = isNewHere ? last : []
    const own = last.find(({ id }) => id === windowId)
    const layout = parseWindowLayout(own ?? copied)
    // It is this window's own from now on: a reload finds it.
    if (!own && copied) saveWindow(layout)
    return layout
  } catch (error) {
    windowId = randomUuid()
    notifyFailure('The arrangement of terminals could not be read', error)
    return emptyWindow
  } finally {
    sessionStorage.setItem(idKey, windowId)
    noteOwnId(windowId)
    if (!(await isFirstElsewhere())) localStorage.setItem(idKey, windowId)
  }
}

async function claimId(known: readonly string[]): Promise<string> {
  if (isNewWindow) return holdNewId()
  const own = sessionStorage.getItem(idKey)
  if (own && (await holdId(own, { signal: AbortSignal.timeout(reloadTimeoutMs) }))) return own
  // The first window of before, not the one that was opened beside it.
  const first = known.filter((id) => id === localStorage.getItem(idKey))
  const ours = known.filter((id) => ownIds().includes(id))
  for (const id of [...first, ...ours]) if (await holdId(id, { ifAvailable: true })) return id
  return holdNewId()
}

const ownIds = (): readonly string[] => localStorage.getItem(ownIdsKey)?.split(' ') ?? []

function noteOwnId(id: string): void {
  const ids = [id, ...ownIds().filter((other) => other !== id)]
  localStorage.setItem(ownIdsKey, ids.slice(0, maxStoredWindows).join(' '))
}

/** Whether the window that will be the first again after a restart is another one, which is open. */
async function isFirstElsewhere(): Promise<boolean> {
  const first = localStorage.getItem(idKey)
  if (first === null || first === windowId || !navigator.locks) return isNewWindow
  const { held: locks = [] } = await navigator.locks.query()
  return isNewWindow || locks.some(({ name }) => name === lockName(first))
}

const lockName = (id: string): string => `terminal-window:${id}`

async function holdNewId(): Promise<string> {
  const id = randomUuid()
  await holdId(id, { ifAvailable: true })
  return id
}

/** Holds the id until the page goes. Over plain HTTP browsers have no locks: then nobody else holds it, as far as known. */
function holdId(id: string, options: LockOptions): Promise<boolean> {
  if (!navigator.locks || held.has(id)) return Promise.resolve(true)
  return new Promise((resolve) => {
    const hold = (lock: Lock | null) => {
      if (lock) held.add(id)
      resolve(lock !== null)
      return lock === null ? undefined : new Promise(() => undefined)
    }
    navigator.locks.request(lockName(id), options, hold).catch(() => resolve(false))
  })
}

let unsaved: WindowLayout | undefined
let isDue = false

/** Stores the layout; while coderd is away, as soon as it is back. */
export function saveWindow(layout: WindowLayout): void {
  unsaved = layout
  if (isDue) return
  isDue = true
  void save()
}

/** What is not stored yet is not to be, as its person has signed out. */
export function discardUnsaved(): void {
  unsaved = undefined
}

async function save(): Promise<void> {
  const saving = unsaved
  isDue = saving !== undefined
  if (!saving) return
  let again = saveIntervalMs
  try {
    await updateLayouts((layouts) => withWindow(layouts, saving))
    if (unsaved === saving) unsaved = undefined
  } catch (reason) {
    console.info('The arrangement of terminals is kept later:', reason)
    again = retryMs
  }
  setTimeout(save, again)
}

/** The window used last comes first. */
function withWindow(layouts: TerminalLayouts, layout: WindowLayout): TerminalLayouts {
  const others = layouts.last.filter(({ id }) => id !== windowId)
  const own = layout.tabs.length > 0 ? [toLayoutWindow(windowId, layout)] : []
  return { ...layouts, last: [...own, ...others].slice(0, maxStoredWindows) }
}

export const toLayoutWindow = (id: string, { tabs, active_tab }: WindowLayout): LayoutWindow => ({
  id,
  active_tab,
  tabs: tabs.map((tab) => ({ ...tab, root: tab.root satisfies LayoutNode })),
})
