// Media queries as React state.

import { useCallback, useSyncExternalStore } from 'react'

/** Narrow windows; equal to `max-sm` in theme/theme.css. */
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
