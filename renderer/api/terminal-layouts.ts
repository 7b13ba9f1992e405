// The user's terminal layouts, stored by coderd for all windows.

import { queryOptions } from '@tanstack/react-query'
import { getTerminalLayouts, type TerminalLayouts, updateTerminalLayouts } from '../../api/agents/terminals.ts'
import { ApiError } from '../../api/errors.ts'
import { client } from './client.ts'

const params = { user: 'me' }

/** The layouts as last read or written; undefined after a failed write. Loading a window reads them again. */
let cached: TerminalLayouts | undefined

export async function readLayouts(signal?: AbortSignal): Promise<TerminalLayouts> {
  cached = await client.call(getTerminalLayouts, { params, ...(signal ? { signal } : {}) })
  return cached
}

export const layoutsQuery = queryOptions({
  queryKey: ['terminal-layouts'],
  // Changes by other windows cause no event.
  staleTime: 0,
  queryFn: ({ signal }) => readLayouts(signal),
})

// Concurrent changes by several windows succeed within a few attempts.
const maxAttempts = 8

/** Reads, changes and writes the layouts; retries when another window has written in between. */
export async function updateLayouts(change: (layouts: TerminalLayouts) => TerminalLayouts): Promise<TerminalLayouts> {
  for (let attempt = 1; ; attempt++) {
    const before = cached ?? (await readLayouts())
    try {
      cached = await client.call(updateTerminalLayouts, { params, body: change(before) })
      return cached
    } catch (error) {
      cached = undefined
      if (!(error instanceof ApiError && error.status === 409) || attempt === maxAttempts) throw error
    }
  }
}
