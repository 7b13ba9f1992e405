// The root component: query cache, router, event stream and launch code.

import { type QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { createQueryClient } from './api/client.ts'
import { createEventStream, type EventStream } from './api/events.ts'
import { followOtherWindows } from './api/terminal-preferences.ts'
import { meQuery } from './api/users.ts'
import { TooltipProvider } from './components/tooltip.tsx'
import { CodeSignIn } from './pages/sign-in/code-sign-in.tsx'
import { createPageRouter } from './routes.tsx'
import { EventStreamContext } from './shell/connection-indicator.tsx'

interface AppServices {
  readonly cache: QueryClient
  readonly eventStream: EventStream
  readonly router: ReturnType<typeof createPageRouter>
}

/** Creates the objects with the lifetime of the page. */
export function createAppServices(): AppServices {
  const goToSignIn = () => {
    const { pathname, href } = router.state.location
    if (pathname === '/login') return
    cache.clear()
    void router.navigate({ to: '/login', search: { redirect: href } })
  }
  const cache = createQueryClient(goToSignIn)
  followOtherWindows(cache)
  const router = createPageRouter(cache)
  // A page cannot read why a WebSocket was refused; refetching the user reveals an expired session.
  const eventStream = createEventStream(cache, () => void cache.invalidateQueries({ queryKey: meQuery.queryKey }))
  return { cache, eventStream, router }
}

export function App({ services, code }: { services: AppServices; code: string | undefined }) {
  const { cache, eventStream, router } = services
  const pages = <RouterProvider router={router} />
  return (
    <QueryClientProvider client={cache}>
      <EventStreamContext.Provider value={eventStream}>
        <TooltipProvider delayDuration={400} skipDelayDuration={200}>
          {code === undefined ? (
            pages
          ) : (
            <CodeSignIn
              code={code}
              onStale={() => void router.navigate({ to: '/login', search: { reason: 'stale-link' } })}
              onDecline={() => void router.navigate({ to: '/login', search: {} })}
            >
              {pages}
            </CodeSignIn>
          )}
        </TooltipProvider>
      </EventStreamContext.Provider>
    </QueryClientProvider>
  )
}
