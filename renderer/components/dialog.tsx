// What asks or informs over the page. Esc and a click outside close it; focus goes back to where it came from.

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

/** Gives the focus back to where it was before a dialog without a trigger of its own, mostly a terminal, unless what was
 *  done in the dialog has brought it somewhere else. */
export function useFocusReturn(isOpen = true) {
  const before = useRef<Element | null>(null)
  const wasOpen = useRef(false)
  // Taken while it is drawn: what has autoFocus in it takes the focus before anything is told.
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
