// What a terminal asks its person before it goes on: over its lower edge, and gone with Esc.

import { type ReactNode, useEffect, useId, useRef } from 'react'
import { Button } from '../../components/button.tsx'
import { floatClass } from '../../components/dialog.tsx'

export interface ConfirmationRequest {
  readonly title: string
  /** Asked by a program, at any moment: what is typed just then must not be an answer. */
  readonly isProgram?: boolean
  readonly detail?: string
  /** Shown as it is, in the terminal's own letters. */
  readonly text: string
  /** The first is the usual one. */
  readonly answers: readonly { readonly label: string; readonly run: () => void }[]
  /** What does none of it. */
  readonly refusal: string
}

const shownLines = 6

export function PaneConfirmation({ question, onClose }: { question: ConfirmationRequest; onClose: () => void }) {
  const id = useId()
  const dialog = useRef<HTMLDivElement>(null)
  const first = useRef<HTMLButtonElement>(null)
  useEffect(() => {
    if (!question.isProgram) return first.current?.focus({ preventScroll: true })
    // Another pane keeps the keyboard.
    const isHere = dialog.current?.closest('section')?.contains(document.activeElement)
    if (isHere) dialog.current?.focus({ preventScroll: true })
  }, [question.isProgram])
  const lines = question.text.replace(/\s+$/, '').split(/\r\n|\r|\n/)
  return (
    <Floating>
      <div
        ref={dialog}
        role="alertdialog"
        aria-labelledby={id}
        tabIndex={-1}
        className={`${floatClass} pointer-events-auto flex max-h-full w-full max-w-[560px] flex-col overflow-y-auto p-4 outline-none`}
        onKeyDown={(event) => {
          if (event.key === 'Escape') onClose()
          event.stopPropagation()
        }}
      >
        <p id={id} className="font-semibold">
          {question.title}
        </p>
        {/* In a small pane this is scrolled, and what can be pressed stays in sight. */}
        <div className="min-h-8 overflow-y-auto">
          {question.detail && <p className="mt-0.5 text-sm text-muted">{question.detail}</p>}
          <pre className="mt-3 overflow-x-auto rounded-control bg-terminal px-3 py-2 text-xs leading-5 text-terminal-text">
            {lines.slice(0, shownLines).join('\n')}
            {lines.length > shownLines && (
              <span className="block text-terminal-muted">… and {lines.length - shownLines} more lines</span>
            )}
          </pre>
        </div>
        <div className="mt-3 flex shrink-0 flex-wrap justify-end gap-2">
          <Button look="quiet" onClick={onClose}>
            {question.refusal}
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
