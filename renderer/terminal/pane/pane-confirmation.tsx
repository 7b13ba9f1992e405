// A confirmation over the lower edge of a terminal. Esc cancels it.

import { type ReactNode, useEffect, useId, useRef } from 'react'
import { Button } from '../../components/button.tsx'
import { floatClass } from '../../components/dialog.tsx'

export interface ConfirmationRequest {
  readonly title: string
  /** A program may request it at any time: keys that are being typed must not answer it. */
  readonly isFromProgram?: boolean
  readonly detail?: string
  /** The text in question, shown verbatim in the terminal's font. */
  readonly text: string
  /** The first one is the default. */
  readonly choices: readonly { readonly label: string; readonly run: () => void }[]
  readonly cancelLabel: string
}

export function PaneConfirmation({ request, onClose }: { request: ConfirmationRequest; onClose: () => void }) {
  const id = useId()
  const dialog = useRef<HTMLDivElement>(null)
  const defaultButton = useRef<HTMLButtonElement>(null)
  useEffect(() => {
    if (!request.isFromProgram) return defaultButton.current?.focus({ preventScroll: true })
    // Does not take the focus from another pane.
    const hasFocus = dialog.current?.closest('section')?.contains(document.activeElement)
    if (hasFocus) dialog.current?.focus({ preventScroll: true })
  }, [request.isFromProgram])
  const text = request.text.trimEnd()
  return (
    <LowerEdge>
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
          {request.title}
        </p>
        {/* Scrolls in a small pane, so that the buttons stay visible. */}
        <div className="min-h-8 overflow-y-auto">
          {request.detail && <p className="mt-0.5 text-sm text-muted">{request.detail}</p>}
          <pre className="mt-3 max-h-36 overflow-auto rounded-control bg-terminal px-3 py-2 text-xs leading-5 text-terminal-text">
            {text}
          </pre>
        </div>
        <div className="mt-3 flex shrink-0 flex-wrap justify-end gap-2">
          <Button variant="quiet" onClick={onClose}>
            {request.cancelLabel}
          </Button>
          {[...request.choices].reverse().map(({ label, run }, index) => {
            const isDefault = index === request.choices.length - 1
            return (
              <Button
                key={label}
                ref={isDefault ? defaultButton : undefined}
                variant={isDefault ? 'primary' : 'plain'}
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
    </LowerEdge>
  )
}

function LowerEdge({ children }: { children: ReactNode }) {
  return <div className="pointer-events-none absolute inset-0 z-20 flex items-end justify-center p-3">{children}</div>
}
