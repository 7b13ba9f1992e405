// What the window is like at the moment, as CSS would ask it.

import { useCallback, useSyncExternalStore } from 'react'

/** The width below which one thing at a time is shown; the same as `max-sm` in theme/theme.css. */
export const phone = '(max-width: 639.98px)'

export function useMedia(query: string): boolean {
  const subscribe = useCallback(
    (listener: () => void) => {
      const list = matchMedia(query)
      list.addEventListener('change', listener)
      return () => list.removeEventListener('change', listener)
    },
    [query],
  )
  return useSyncExternalStore(subscribe, () => matchMedia(query).matches)
}
