// Store of the notices shown at the lower right. Failures stay until dismissed; other notices expire.
// components/notices.tsx renders them.

import { useSyncExternalStore } from 'react'
import { describeError } from './describe-error.ts'

export interface Notice {
  id: number
  kind: 'done' | 'failed'
  title: string
  detail: string
  action: NoticeAction | undefined
}

/** A button of a notice. */
export interface NoticeAction {
  label: string
  run: () => void
}

// Long enough to read a line twice.
const shownMs = 5000

let notices: readonly Notice[] = []
let nextId = 1
const listeners = new Set<() => void>()

function change(next: readonly Notice[]): void {
  notices = next
  for (const listener of listeners) listener()
}

export const dismissNotice = (id: number): void => change(notices.filter((notice) => notice.id !== id))

function show(kind: Notice['kind'], title: string, detail: string, action?: NoticeAction): void {
  const id = nextId++
  change([
    ...notices.filter((notice) => notice.title !== title || notice.detail !== detail),
    { id, kind, title, detail, action },
  ])
  if (kind === 'done') setTimeout(() => dismissNotice(id), shownMs)
}

export const notify = (title: string, detail = '', action?: NoticeAction): void => show('done', title, detail, action)

export function notifyFailure(title: string, error: unknown): void {
  const { message, detail } = describeError(error)
  show('failed', title, [message, detail].filter(Boolean).join(' '))
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

export const useNotices = (): readonly Notice[] => useSyncExternalStore(subscribe, () => notices)
