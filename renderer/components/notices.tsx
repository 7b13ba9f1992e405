// Short messages about what an action came to, at the lower right. Failures stay until dismissed, the rest goes by itself.

import { CircleX, Info, X } from 'lucide-react'
import { useSyncExternalStore } from 'react'
import { Button } from './button.tsx'
import { classNames } from './class-names.ts'
import { floatClass } from './dialog.tsx'
import { describeError } from './failure.tsx'

interface Notice {
  id: number
  kind: 'done' | 'failed'
  title: string
  detail: string
  action: NoticeAction | undefined
}

/** What can be pressed in a notice. */
interface NoticeAction {
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

const dismiss = (id: number) => change(notices.filter((notice) => notice.id !== id))

function show(kind: Notice['kind'], title: string, detail: string, action?: NoticeAction): void {
  const id = nextId++
  change([
    ...notices.filter((notice) => notice.title !== title || notice.detail !== detail),
    { id, kind, title, detail, action },
  ])
  if (kind === 'done') setTimeout(() => dismiss(id), shownMs)
}

export const tell = (title: string, detail = '', action?: NoticeAction): void => show('done', title, detail, action)

export function tellFailure(title: string, error: unknown): void {
  const { message, detail } = describeError(error)
  show('failed', title, [message, detail].filter(Boolean).join(' '))
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

export function Notices() {
  const shown = useSyncExternalStore(subscribe, () => notices)
  return (
    <div className="pointer-events-none fixed right-4 bottom-4 z-50 flex w-[min(360px,calc(100vw-32px))] flex-col gap-2 max-sm:bottom-16">
      {shown.map((notice) => (
        <div
          key={notice.id}
          role={notice.kind === 'failed' ? 'alert' : 'status'}
          className={classNames(
            floatClass,
            'pointer-events-auto flex gap-2.5 p-3',
            notice.kind === 'failed' && 'border-failed',
          )}
        >
          {notice.kind === 'failed' ? (
            <CircleX className="mt-0.5 size-4 shrink-0 text-failed" aria-hidden />
          ) : (
            <Info className="mt-0.5 size-4 shrink-0 text-muted" aria-hidden />
          )}
          <div className="min-w-0 flex-1 text-sm">
            <p className="font-semibold break-words">{notice.title}</p>
            {notice.detail && <p className="break-words text-muted">{notice.detail}</p>}
          </div>
          {notice.action && (
            <Button
              size="small"
              onClick={() => {
                dismiss(notice.id)
                notice.action?.run()
              }}
            >
              {notice.action.label}
            </Button>
          )}
          <Button
            look="quiet"
            size="icon-small"
            className="-m-1"
            aria-label="Dismiss"
            onClick={() => dismiss(notice.id)}
          >
            <X className="size-4" aria-hidden />
          </Button>
        </div>
      ))}
    </div>
  )
}
