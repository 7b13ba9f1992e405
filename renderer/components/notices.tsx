// The notices at the lower right; notices.ts holds them.

import { CircleX, Info, X } from 'lucide-react'
import { dismissNotice, useNotices } from '../notices.ts'
import { Button } from './button.tsx'
import { classNames } from './class-names.ts'
import { floatClass } from './dialog.tsx'

export function Notices() {
  const shown = useNotices()
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
                dismissNotice(notice.id)
                notice.action?.run()
              }}
            >
              {notice.action.label}
            </Button>
          )}
          <Button
            variant="quiet"
            size="icon-small"
            className="-m-1"
            aria-label="Dismiss"
            onClick={() => dismissNotice(notice.id)}
          >
            <X className="size-4" aria-hidden />
          </Button>
        </div>
      ))}
    </div>
  )
}
