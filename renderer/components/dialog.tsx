// A modal dialog. Esc and a click outside close it; the focus returns to the previous element.

import { Dialog as Radix } from 'radix-ui'
import { type ReactNode, useRef } from 'react'
import { classNames } from './class-names.ts'

interface DialogProps {
  open: boolean
  onOpenChange: (open: boolean) => void
  title: string
  description?: ReactNode
  children: ReactNode
  className?: string
}

/** Restores the focus after a dialog without a trigger, usually to a terminal, unless an action in the dialog has moved
 *  it. */
export function useFocusReturn(isOpen = true) {
  const before = useRef<Element | null>(null)
  const wasOpen = useRef(false)
  // Read during rendering: an autoFocus element takes the focus before effects run.
  if (isOpen && !wasOpen.current) before.current = document.activeElement
  wasOpen.current = isOpen
  return {
    onCloseAutoFocus: (event: Event) => {
      event.preventDefault()
      const isElsewhere = document.activeElement !== null && document.activeElement !== document.body
      if (before.current instanceof HTMLElement && !isElsewhere) before.current.focus()
    },
  }
}

export const scrimClass = 'fixed inset-0 z-40 bg-scrim'
export const floatClass = 'rounded-card border border-line-strong bg-surface text-text shadow-float appear'

export function Dialog({ open, onOpenChange, title, description, children, className }: DialogProps) {
  const focusReturn = useFocusReturn(open)
  return (
    <Radix.Root open={open} onOpenChange={onOpenChange}>
      <Radix.Portal>
        <Radix.Overlay className={scrimClass} />
        <div className="pointer-events-none fixed inset-0 z-50 flex items-start justify-center overflow-y-auto p-3 pt-[12vh]">
          <Radix.Content
            {...focusReturn}
            className={classNames(floatClass, 'pointer-events-auto w-full max-w-[480px] p-5 outline-none', className)}
            {...(description ? {} : { 'aria-describedby': undefined })}
          >
            <Radix.Title className="text-lg font-semibold break-words">{title}</Radix.Title>
            {description && <Radix.Description className="mt-1 text-base text-muted">{description}</Radix.Description>}
            <div className="mt-4">{children}</div>
          </Radix.Content>
        </div>
      </Radix.Portal>
    </Radix.Root>
  )
}
