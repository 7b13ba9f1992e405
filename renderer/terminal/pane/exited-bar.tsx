// The bar below an exited session, with its exit status and the button that starts a new one.

import { useEffect, useRef } from 'react'
import { Button } from '../../components/button.tsx'
import { Kbd } from '../../components/kbd.tsx'

interface ExitedBarProps {
  readonly code: number
  /** 0 if the process exited by itself. */
  readonly signal: number
  readonly onNewSession: () => void
}

export function ExitedBar({ code, signal, onNewSession }: ExitedBarProps) {
  const button = useRef<HTMLButtonElement>(null)
  // Enter, which ran `exit`, then also starts the new session. The focus is not taken from another pane.
  useEffect(() => {
    const hasFocus = button.current?.closest('section')?.contains(document.activeElement)
    if (hasFocus) button.current?.focus({ preventScroll: true })
  }, [])
  const status = signal ? ` by signal ${signal}` : code === 0 ? '' : ` with exit code ${code}`
  return (
    <div className="flex shrink-0 flex-wrap items-center gap-3 border-t border-line bg-surface px-4 py-3">
      <p className="min-w-0 flex-[1_1_15rem]">The session ended{status}. Its output stays visible.</p>
      <Button ref={button} variant="primary" onClick={onNewSession}>
        Start new session <Kbd onAccent>↵</Kbd>
      </Button>
    </div>
  )
}
