// What a view shows instead of its content when that could not be had: what happened, why, what to press.

import { CircleX, Copy, RotateCw } from 'lucide-react'
import type { ReactNode } from 'react'
import { ApiError } from '../../api/errors.ts'
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
              <Button look="primary" onClick={onRetry}>
                <RotateCw className="size-4" aria-hidden /> Try again
              </Button>
            )}
            {children}
            <Button onClick={() => copyText(`${title}\n${reason.message}\n${reason.detail}`)}>
              <Copy className="size-4" aria-hidden /> Copy the failure
            </Button>
          </div>
        </div>
      </div>
    </section>
  )
}

/** An error in the words that were meant for a person, with its validations. */
export function describeError(error: unknown): { message: string; detail: string } {
  if (error instanceof ApiError) {
    // What the browser says of it tells a person nothing.
    if (error.status === 0) return { message: error.message, detail: 'It may be starting anew: try again in a moment.' }
    const validations = error.validations.map(({ field, detail }) => `${field}: ${detail}`)
    return { message: error.message, detail: [error.detail, ...validations].filter(Boolean).join(' · ') }
  }
  return { message: error instanceof Error ? error.message : String(error), detail: '' }
}
