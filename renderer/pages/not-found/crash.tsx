// What is shown when a page itself broke: what happened, and two ways on.

import type { ErrorComponentProps } from '@tanstack/react-router'
import { Button } from '../../components/button.tsx'
import { Failure } from '../../components/failure.tsx'

export function Crash({ error, reset }: ErrorComponentProps) {
  return (
    <main className="h-full min-w-0 flex-1 overflow-y-auto p-4">
      <Failure title="This page broke" error={error} onRetry={reset}>
        <Button onClick={() => location.assign('/')}>Load everything again</Button>
      </Failure>
    </main>
  )
}
