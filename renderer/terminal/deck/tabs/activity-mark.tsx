// Marks a terminal with activity while it is not visible: a long command finished, or the bell rang.

import { Bell } from 'lucide-react'
import type { ReactNode } from 'react'
import { useStore } from '../../../store.ts'
import { type Activity, activityKinds, unseenActivity } from '../state/deck-state.ts'

const marks: Record<Activity, { color: string; symbol: ReactNode; label: string }> = {
  failed: { color: 'text-failed-text', symbol: '✗', label: 'Command failed' },
  rang: { color: 'text-attention', symbol: <Bell className="size-3" />, label: 'Bell' },
  done: { color: 'text-running', symbol: '✓', label: 'Command finished' },
}

/** Shows the most important activity of several terminals. */
export function ActivityMark({ sessions }: { sessions: readonly string[] }) {
  const activity = useStore(unseenActivity)
  const most = activityKinds.find((kind) => sessions.some((session) => activity.get(session) === kind))
  if (!most) return null
  const { color, symbol, label } = marks[most]
  return (
    <span className={`text-xs font-semibold ${color}`} title={label}>
      <span aria-hidden>{symbol}</span>
      <span className="sr-only">{label}</span>
    </span>
  )
}
