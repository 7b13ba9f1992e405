// Titles of terminals, the same in tabs, lists and the palette. The agent's list provides them until a pane has a status.

import { useQuery } from '@tanstack/react-query'
import { thisComputerQuery } from '../../../api/local.ts'
import { useStore } from '../../../store.ts'
import { useOpenTerminals } from '../../open-terminals.ts'
import { paneStatuses } from './deck-state.ts'
import {
  describeSession,
  formatLongTitle,
  formatShortTitle,
  numberWithinFolders,
  shortenFolders,
} from './session-titles.ts'

export interface SessionTitles {
  /** One or two words; empty while the session is unknown.
   *  @param title set by the user */
  short(session: string, title?: string): string
  /** One line. */
  long(session: string, title?: string): string
}

export function useSessionTitles(): SessionTitles {
  const statuses = useStore(paneStatuses)
  const { terminals } = useOpenTerminals()
  const { data: computer } = useQuery(thisComputerQuery)
  const oldestFirst = terminals
    .map(({ session }) => session)
    .sort((a, b) => a.created_at.localeCompare(b.created_at) || a.id.localeCompare(b.id))
  const listed = new Map(oldestFirst.map((session) => [session.id, session]))
  const toDescription = (session: string, title = '') =>
    describeSession(title, statuses.get(session), listed.get(session), computer?.home)
  // Sessions that are not listed yet are the newest.
  const folders = [...new Set([...listed.keys(), ...statuses.keys()])].map(
    (id) => [id, toDescription(id).folder] as const,
  )
  const names = shortenFolders(folders.map(([, folder]) => folder))
  const numbers = numberWithinFolders(folders)
  return {
    short: (session, title) => formatShortTitle(toDescription(session, title), names, numbers.get(session)),
    long: (session, title) => formatLongTitle(toDescription(session, title), numbers.get(session)),
  }
}
