// A tab on its way into a window that is being opened: more than an address holds. Leaves its window when the new one has
// it, so that nothing is lost where a browser opens none.

import { randomUuid } from '../random-uuid.ts'
import { parseWindowLayout } from './layout-parser.ts'
import type { Tab } from './window-layout.ts'

// One at a time: what no window has come for goes with the next.
const key = 'terminal-tab-on-its-way'

/** @returns what the new window asks for it by */
export function startTabTransfer(tab: Tab): string {
  const id = randomUuid()
  localStorage.setItem(key, JSON.stringify({ id, tab }))
  return id
}

/** Once. Undefined when there is none of that id. */
export function receiveTabTransfer(id: string): Tab | undefined {
  const text = localStorage.getItem(key)
  const handed = text === null ? undefined : (JSON.parse(text) as { id?: unknown; tab?: unknown })
  if (handed?.id !== id) return undefined
  localStorage.removeItem(key)
  // Whatever page of this origin wrote it: it is read like a stored layout.
  return parseWindowLayout({ tabs: [handed.tab] }).tabs[0]
}
