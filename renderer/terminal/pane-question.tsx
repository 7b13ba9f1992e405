// What a terminal asks its person before it goes on: over its lower edge, with the keyboard, and gone with Esc.

import { type ReactNode, useEffect, useId, useRef } from 'react'
import { Button } from '../components/button.tsx'
import { floatClass } from '../components/dialog.tsx'

export interface PaneQuestion {
  readonly title: string
  readonly detail?: string
  /** Shown as it is, in the terminal's own letters. */
  readonly text: string
  /** The first is the usual one. */
  readonly answers: readonly { readonly label: string; readonly run: () => void }[]
}

const shownLines = 6

export function Question({ question, onClose }: { question: PaneQuestion; onClose: () => void }) {
  const id = useId()
  const first = useRef<HTMLButtonElement>(null)
  useEffect(() => first.current?.focus({ preventScroll: true }), [])
  const lines = question.text.replace(/\s+$/, '').split(/\r\n|\r|\n/)
  return (
    <Floating>
      <div
        role="alertdialog"
        aria-labelledby={id}
        className={`${floatClass} pointer-events-auto max-h-full w-full max-w-[560px] overflow-y-auto p-4`}
        onKeyDown={(event) => {
          if (event.key === 'Escape') onClose()
          event.stopPropagation()
        }}
      >
        <p id={id} className="font-semibold">
          {question.title}
        </p>
        {question.detail && <p className="mt-0.5 text-sm text-muted">{question.detail}</p>}
        <pre className="mt-3 overflow-x-auto rounded-control bg-terminal px-3 py-2 text-xs leading-5 text-terminal-text">
          {lines.slice(0, shownLines).join('\n')}
          {lines.length > shownLines && (
            <span className="block text-terminal-muted">… and {lines.length - shownLines} more lines</span>
          )}
        </pre>
        <div className="mt-3 flex flex-wrap justify-end gap-2">
          <Button look="quiet" onClick={onClose}>
            Cancel
          </Button>
          {[...question.answers].reverse().map(({ label, run }, index) => {
            const isUsual = index === question.answers.length - 1
            return (
              <Button
                key={label}
                ref={isUsual ? first : undefined}
                look={isUsual ? 'primary' : 'plain'}
                onClick={() => {
                  run()
                  onClose()
                }}
              >
                {label}
              </Button>
            )
          })}
        </div>
      </div>
    </Floating>
  )
}

function Floating({ children }: { children: ReactNode }) {
  return <div className="pointer-events-none absolute inset-0 z-20 flex items-end justify-center p-3">{children}</div>
}
