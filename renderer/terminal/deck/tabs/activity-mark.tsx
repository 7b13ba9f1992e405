// On the tab and in the list of a terminal where something has happened unseen: a long command has ended, or the bell rang.

import { Bell } from 'lucide-react'
import type { ReactNode } from 'react'
import { useStore } from '../../../store.ts'
import { type Activity, activityKinds, unseenActivity } from '../state/deck-state.ts'

const marks: Record<Activity, { color: string; sign: ReactNode; words: string }> = {
  failed: { color: 'text-failed-text', sign: '✗', words: 'a command failed' },
  rang: { color: 'text-attention', sign: <Bell className="size-3" />, words: 'the bell rang' },
  done: { color: 'text-running', sign: '✓', words: 'a command has ended' },
}

/** Of several terminals, what matters most. */
export function ActivityMark({ sessions }: { sessions: readonly string[] }) {
  const known = useStore(unseenActivity)
  const most = activityKinds.find((kind) => sessions.some((session) => known.get(session) === kind))
  if (!most) return null
  const { color, sign, words } = marks[most]
  return (
    <span className={`text-xs font-semibold ${color}`} title={words}>
      <span aria-hidden>{sign}</span>
      <span className="sr-only">{words}</span>
    </span>
  )
}
