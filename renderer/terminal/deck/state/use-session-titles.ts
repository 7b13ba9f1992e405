// What the terminals of the page are called, the same in tabs, lists and palette. Before a pane has said anything of its
// session, the agent's list has.

import { useQuery } from '@tanstack/react-query'
import { thisComputerQuery } from '../../../api/this-computer.ts'
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
  /** Where there is room for a word or two; empty while nothing is known of the session.
   *  @param title given by the person */
  short(session: string, title?: string): string
  /** Where there is room for a line. */
  long(session: string, title?: string): string
}

export function useSessionTitles(): SessionTitles {
  const known = useStore(paneStatuses)
  const { terminals } = useOpenTerminals()
  const { data: computer } = useQuery(thisComputerQuery)
  const oldestFirst = terminals
    .map(({ session }) => session)
    .sort((a, b) => a.created_at.localeCompare(b.created_at) || a.id.localeCompare(b.id))
  const listed = new Map(oldestFirst.map((session) => [session.id, session]))
  const facts = (session: string, title = '') =>
    describeSession(title, known.get(session), listed.get(session), computer?.home)
  // One that is in no list yet is a new one.
  const folders = [...new Set([...listed.keys(), ...known.keys()])].map((id) => [id, facts(id).folder] as const)
  const names = shortenFolders(folders.map(([, folder]) => folder))
  const counts = numberWithinFolders(folders)
  return {
    short: (session, title) => formatShortTitle(facts(session, title), names, counts.get(session)),
    long: (session, title) => formatLongTitle(facts(session, title), counts.get(session)),
  }
}
