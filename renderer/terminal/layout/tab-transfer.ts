// Transfers a tab to a window that is being opened. An address is too short for it, so it passes through local storage. The
// tab leaves its window only after the new window has received it: a blocked pop-up loses nothing.

import { randomUuid } from '../random-uuid.ts'
import { parseWindowLayout } from './layout-parser.ts'
import type { Tab } from './window-layout.ts'

// One at a time: the next transfer replaces one that was never received.
const key = 'terminal-tab-transfer'

/** @returns the id by which the new window requests the tab */
export function startTabTransfer(tab: Tab): string {
  const id = randomUuid()
  localStorage.setItem(key, JSON.stringify({ id, tab }))
  return id
}

/** Returns the tab the first time only. Undefined if there is no transfer with this id. */
export function receiveTabTransfer(id: string): Tab | undefined {
  const text = localStorage.getItem(key)
  const transfer = text === null ? undefined : (JSON.parse(text) as { id?: unknown; tab?: unknown })
  if (transfer?.id !== id) return undefined
  localStorage.removeItem(key)
  // Validated like a stored layout: any page of this origin can write it.
  return parseWindowLayout({ tabs: [transfer.tab] }).tabs[0]
}
