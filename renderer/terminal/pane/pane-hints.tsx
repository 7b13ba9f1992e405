// Short hints over the lower edge of a terminal: size, connection, links.

import { useEffect, useState } from 'react'
import type { TerminalSize } from '../../../api/agents/terminal-frames.ts'
import { Kbd } from '../../components/kbd.tsx'
import { isMac } from '../../desktop.ts'
import type { TerminalLink } from '../screen/terminal-links.ts'

const hintClass =
  'pointer-events-none absolute bottom-2 max-w-[calc(100%-24px)] rounded-control border border-line-strong bg-surface px-2 py-0.5 text-xs text-muted'

/** Shown while another client owns the size of the session. */
export function SizeHint({ size, onTakeSize }: { size: TerminalSize; onTakeSize: (() => void) | undefined }) {
  return (
    <p className={`${hintClass} right-4`}>
      {size.cols} × {size.rows}, set by another client
      {onTakeSize && (
        <>
          {' · type to '}
          <button type="button" className="pointer-events-auto -my-2 py-2 underline" onClick={onTakeSize}>
            use your size
          </button>
        </>
      )}
    </p>
  )
}

// Shorter interruptions are not worth a hint.
const hintDelayMs = 2_000

/** @param reason from the server; empty if it sent none */
export function DisconnectedHint({ reason }: { reason: string }) {
  const [isDue, setDue] = useState(false)
  useEffect(() => {
    const timer = setTimeout(() => setDue(true), hintDelayMs)
    return () => clearTimeout(timer)
  }, [])
  if (!isDue) return null
  return (
    <p className={`${hintClass} left-3`}>
      {reason || 'Connection lost. Your programs keep running; what you type is sent after reconnecting.'}
    </p>
  )
}

export function NewSessionHint() {
  return <p className={`${hintClass} left-3`}>The previous session has ended. This is a new session.</p>
}

export function LinkHint({ link: { kind, text } }: { link: TerminalLink }) {
  return (
    <p className={`${hintClass} left-3 truncate`}>
      <Kbd>{isMac ? '⌘+Click' : 'Ctrl+Click'}</Kbd> to {kind === 'address' ? `open ${text}` : 'copy this location'}
    </p>
  )
}
