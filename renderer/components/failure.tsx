// Replaces the content of a view that could not be loaded: what happened, the cause and the next step.

import { CircleX, Copy, RotateCw } from 'lucide-react'
import type { ReactNode } from 'react'
import { describeError } from '../describe-error.ts'
import { Button } from './button.tsx'
import { copyText } from './copy-text.ts'

interface FailureProps {
  title: string
  error: unknown
  onRetry?: () => void
  children?: ReactNode
}

export function Failure({ title, error, onRetry, children }: FailureProps) {
  const reason = describeError(error)
  return (
    <section
      role="alert"
      className="mx-auto mt-12 w-full max-w-[640px] rounded-card border border-failed bg-surface p-5"
    >
      <div className="flex gap-3">
        <CircleX className="mt-0.5 size-5 shrink-0 text-failed" aria-hidden />
        <div className="min-w-0 flex-1">
          <h2 className="font-semibold">{title}</h2>
          <p className="mt-1 break-words">{reason.message}</p>
          {reason.detail && <p className="mt-1 text-sm break-words text-muted">{reason.detail}</p>}
          <div className="mt-4 flex flex-wrap gap-2">
            {onRetry && (
              <Button variant="primary" onClick={onRetry}>
                <RotateCw className="size-4" aria-hidden /> Try again
              </Button>
            )}
            {children}
            <Button onClick={() => copyText(`${title}\n${reason.message}\n${reason.detail}`)}>
              <Copy className="size-4" aria-hidden /> Copy details
            </Button>
          </div>
        </div>
      </div>
    </section>
  )
}
