// Exchanges the launch code for a session before any page is shown.

import { type ReactNode, useEffect, useRef, useState } from 'react'
import { Failure } from '../../components/failure.tsx'
import { Delayed } from '../../components/skeleton.tsx'
import { type ExchangeResult, exchangeCode } from './launch-code.ts'
import { SignInFrame } from './sign-in-frame.tsx'

interface CodeSignInProps {
  code: string
  onStale: () => void
  children: ReactNode
}

export function CodeSignIn({ code, onStale, children }: CodeSignInProps) {
  const [outcome, setOutcome] = useState<ExchangeResult>()
  const pendingExchange = useRef<Promise<ExchangeResult>>(undefined)

  const run = (again: boolean) => {
    // A code works once, so both effect runs of strict mode share the attempt.
    if (again || !pendingExchange.current) pendingExchange.current = exchangeCode(code)
    void pendingExchange.current.then((result) => {
      if (result.kind === 'stale') onStale()
      setOutcome(result)
    })
  }
  // biome-ignore lint/correctness/useExhaustiveDependencies: runs once per page load
  useEffect(() => run(false), [])

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
