// On the tab and in the list of a terminal where a long command has ended unseen.

import { classNames } from '../../components/class-names.ts'

export function UnseenMark({ exit }: { exit: number | undefined }) {
  const hasFailed = exit !== 0
  return (
    <span className={classNames('text-xs font-semibold', hasFailed ? 'text-failed-text' : 'text-running')}>
      <span aria-hidden>{hasFailed ? '✗' : '✓'}</span>
      <span className="sr-only">{hasFailed ? 'a command failed' : 'a command has ended'}</span>
    </span>
  )
}
