// Exchanges the launch code for a session before any page is shown.

import { type ReactNode, useEffect, useRef, useState } from 'react'
import { Button } from '../../components/button.tsx'
import { Failure } from '../../components/failure.tsx'
import { Delayed } from '../../components/skeleton.tsx'
import { type ExchangeResult, exchangeCode } from './launch-code.ts'
import { SignInFrame } from './sign-in-frame.tsx'

interface CodeSignInProps {
  code: string
  onStale: () => void
  /** The user declined the account of the link and has no session. */
  onDecline: () => void
  children: ReactNode
}

export function CodeSignIn({ code, onStale, onDecline, children }: CodeSignInProps) {
  const [outcome, setOutcome] = useState<ExchangeResult>()
  const pendingExchange = useRef<Promise<ExchangeResult>>(undefined)

  const run = (again: boolean, isConfirmed = false) => {
    // A code works once, so both effect runs of strict mode share the attempt.
    if (again || !pendingExchange.current) pendingExchange.current = exchangeCode(code, isConfirmed)
    void pendingExchange.current.then((result) => {
      if (result.kind === 'stale') onStale()
      setOutcome(result)
    })
  }
  // biome-ignore lint/correctness/useExhaustiveDependencies: runs once per page load
  useEffect(() => run(false), [])

  if (outcome?.kind === 'unconfirmed') {
    const { username, current } = outcome
    const decline = () => {
      if (current === undefined) onDecline()
      setOutcome({ kind: 'signed-in' })
    }
    return (
      <SignInFrame title={`Sign in as ${username}?`}>
        <p className="text-muted">
          This link signs this browser in to the account of {username}. Continue only if it is your account and you
          created the link.
        </p>
        {current !== undefined && <p className="mt-2 text-muted">You are signed in as {current}.</p>}
        <div className="mt-5 flex gap-2">
          <Button autoFocus onClick={decline}>
            {current === undefined ? 'Cancel' : `Stay ${current}`}
          </Button>
          <Button variant="primary" onClick={() => run(true, true)}>
            Sign in as {username}
          </Button>
        </div>
      </SignInFrame>
    )
  }
  if (outcome?.kind === 'failed') {
    return (
      <main className="h-dvh overflow-y-auto p-4">
        <Failure title="Could not sign in with this link" error={outcome.error} onRetry={() => run(true)} />
      </main>
    )
  }
  if (!outcome) {
    return (
      <SignInFrame title="">
        <Delayed>
          <p className="text-muted">Signing in</p>
        </Delayed>
      </SignInFrame>
    )
  }
  return children
}
