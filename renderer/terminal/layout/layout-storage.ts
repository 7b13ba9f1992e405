// Identifies this page as one of the user's windows, and loads and saves its layout. A page locks the id of its window while
// it is open; after a restart the first page takes the window that was used last. Locks are visible within one browser only,
// so a browser takes only windows that it created. A new browser starts with a copy of the user's last layout.

import type { LayoutNode, LayoutWindow, TerminalLayouts } from '../../../api/agents/terminals.ts'
import { readLayouts, updateLayouts } from '../../api/terminal-layouts.ts'
import { notifyFailure } from '../../notices.ts'
import { randomUuid } from '../random-uuid.ts'
import { parseWindowLayout } from './layout-parser.ts'
import { emptyWindow, type WindowLayout } from './window-layout.ts'

const idKey = 'terminal-window'
// Ids of all windows that this browser created.
const ownIdsKey = 'terminal-windows'
// The windows used least recently are dropped.
const maxStoredWindows = 20
// The first change is saved immediately, further ones of the same gesture in a batch.
const saveIntervalMs = 150
const retryMs = 3_000
// A reloaded page waits this long for its predecessor to release the lock; a duplicated tab times out.
const reloadTimeoutMs = 500

// Opened by another window for one of its tabs: does not take over an earlier window.
const isNewWindow = new URLSearchParams(location.search).get('window') === 'new'

let windowId = ''
/** Ids that this page has locked. */
const held = new Set<string>()

/** The layout of this window. On failure it notifies the user and returns an empty layout. */
export async function claimWindow(): Promise<WindowLayout> {
  try {
    const { last } = await readLayouts()
    const isNewHere = localStorage.getItem(idKey) === null && !isNewWindow
    windowId = await claimId(last.map(({ id }) => id))
    const [copied] = isNewHere ? last : []
    const own = last.find(({ id }) => id === windowId)
    const layout = parseWindowLayout(own ?? copied)
    // Saved as this window's own, so that a reload finds it.
    if (!own && copied) saveWindow(layout)
    return layout
  } catch (error) {
    windowId = randomUuid()
    notifyFailure('Could not load the terminal layout', error)
    return emptyWindow
  } finally {
    sessionStorage.setItem(idKey, windowId)
    recordOwnId(windowId)
    if (!(await hasOtherFirstWindow())) localStorage.setItem(idKey, windowId)
  }
}

async function claimId(existingIds: readonly string[]): Promise<string> {
  if (isNewWindow) return lockNewId()
  const own = sessionStorage.getItem(idKey)
  if (own && (await lockId(own, { signal: AbortSignal.timeout(reloadTimeoutMs) }))) return own
  // The earlier first window has priority over windows that were opened from it.
  const first = existingIds.filter((id) => id === localStorage.getItem(idKey))
  const ours = existingIds.filter((id) => listOwnIds().includes(id))
  for (const id of [...first, ...ours]) if (await lockId(id, { ifAvailable: true })) return id
  return lockNewId()
}

const listOwnIds = (): readonly string[] => localStorage.getItem(ownIdsKey)?.split(' ') ?? []

function recordOwnId(id: string): void {
  const ids = [id, ...listOwnIds().filter((other) => other !== id)]
  localStorage.setItem(ownIdsKey, ids.slice(0, maxStoredWindows).join(' '))
}

/** Whether another open window is the one that a restart restores first. */
async function hasOtherFirstWindow(): Promise<boolean> {
  const first = localStorage.getItem(idKey)
  if (first === null || first === windowId || !navigator.locks) return isNewWindow
  const { held: locks = [] } = await navigator.locks.query()
  return isNewWindow || locks.some(({ name }) => name === toLockName(first))
}

const toLockName = (id: string): string => `terminal-window:${id}`

async function lockNewId(): Promise<string> {
  const id = randomUuid()
  await lockId(id, { ifAvailable: true })
  return id
}

/** Locks the id until the page is closed. Pages served over plain HTTP have no locks; every id is then free. */
function lockId(id: string, options: LockOptions): Promise<boolean> {
  if (!navigator.locks || held.has(id)) return Promise.resolve(true)
  return new Promise((resolve) => {
    const hold = (lock: Lock | null) => {
      if (lock) held.add(id)
      resolve(lock !== null)
      return lock === null ? undefined : new Promise(() => undefined)
    }
    navigator.locks.request(toLockName(id), options, hold).catch(() => resolve(false))
  })
}

let unsaved: WindowLayout | undefined
let isSaving = false

/** Saves the layout; retries until coderd is reachable. */
export function saveWindow(layout: WindowLayout): void {
  unsaved = layout
  if (isSaving) return
  isSaving = true
  void save()
}

/** Drops unsaved changes at sign-out. */
export function discardUnsaved(): void {
  unsaved = undefined
}

async function save(): Promise<void> {
  const saving = unsaved
  isSaving = saving !== undefined
  if (!saving) return
  let delayMs = saveIntervalMs
  try {
    await updateLayouts((layouts) => addWindow(layouts, saving))
    if (unsaved === saving) unsaved = undefined
  } catch (reason) {
    console.info('Could not save the terminal layout, retrying:', reason)
    delayMs = retryMs
  }
  setTimeout(save, delayMs)
}

/** Puts this window first, as the one used last. */
function addWindow(layouts: TerminalLayouts, layout: WindowLayout): TerminalLayouts {
  const others = layouts.last.filter(({ id }) => id !== windowId)
  const own = layout.tabs.length > 0 ? [toLayoutWindow(windowId, layout)] : []
  return { ...layouts, last: [...own, ...others].slice(0, maxStoredWindows) }
}

export const toLayoutWindow = (id: string, { tabs, active_tab }: WindowLayout): LayoutWindow => ({
  id,
  active_tab,
  tabs: tabs.map((tab) => ({ ...tab, root: tab.root satisfies LayoutNode })),
})
