// Error boundary of the pages: the error, a retry and a reload.

import type { ErrorComponentProps } from '@tanstack/react-router'
import { Button } from '../../components/button.tsx'
import { Failure } from '../../components/failure.tsx'

export function ErrorPage({ error, reset }: ErrorComponentProps) {
  return (
    <main className="h-full min-w-0 flex-1 overflow-y-auto p-4">
      <Failure title="Could not display this page" error={error} onRetry={reset}>
        <Button onClick={() => location.assign('/')}>Reload</Button>
      </Failure>
    </main>
  )
}
