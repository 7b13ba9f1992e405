// How a person has terminals arranged, as coderd keeps it for all of their windows.

import { queryOptions } from '@tanstack/react-query'
import { getTerminalLayouts, type TerminalLayouts, updateTerminalLayouts } from '../../api/agents/terminals.ts'
import { ApiError } from '../../api/errors.ts'
import { client } from './client.ts'

const params = { user: 'me' }

/** As they were last read or written. Whoever signs in after somebody else reads first. */
let known: TerminalLayouts | undefined

export async function readLayouts(signal?: AbortSignal): Promise<TerminalLayouts> {
  known = await client.call(getTerminalLayouts, { params, ...(signal ? { signal } : {}) })
  return known
}

export const layoutsQuery = queryOptions({
  queryKey: ['terminal-layouts'],
  // Other windows change it without an event.
  staleTime: 0,
  queryFn: ({ signal }) => readLayouts(signal),
})

// Windows that change it at the same moment take turns within a few attempts.
const maxAttempts = 8

/** Reads, changes and writes it; again from the start when another window was faster. */
export async function updateLayouts(change: (layouts: TerminalLayouts) => TerminalLayouts): Promise<TerminalLayouts> {
  for (let attempt = 1; ; attempt++) {
    const before = known ?? (await readLayouts())
    try {
      known = await client.call(updateTerminalLayouts, { params, body: change(before) })
      return known
    } catch (error) {
      known = undefined
      if (!(error instanceof ApiError && error.status === 409) || attempt === maxAttempts) throw error
    }
  }
}
