// What panes and tabs are called: after what runs in them, then after the folder they are in.

import type { Workspace } from '../../../../api/workspaces/workspaces.ts'
import type { TerminalSession } from '../../../api/terminals.ts'
import type { Tone } from '../../../components/status-dot.tsx'
import { shortFolder, workspaceState } from '../../../workspace/workspace-state.ts'
import type { Pane } from '../../layout/tree.ts'
import type { PaneStatus } from '../../pane/pane-types.ts'

const tones: Record<PaneStatus['state']['kind'], Tone> = {
  connecting: 'changing',
  live: 'running',
  reconnecting: 'attention',
  exited: 'stopped',
}

/** A pane that is not open yet is as well as its workspace. */
export function getPaneTone(status: PaneStatus | undefined, workspace: Workspace | null | undefined): Tone {
  if (workspace && workspaceState(workspace).tone !== 'running' && status?.state.kind !== 'live')
    return workspaceState(workspace).tone
  if (status) return tones[status.state.kind]
  return workspace ? 'running' : 'stopped'
}

/** `zsh` of `/usr/bin/zsh`; shells that call themselves `dev@desk: ~/work`, or `~/w/shop` as fish does, say nothing that is
 *  not said beside it. */
function extractProgram(title: string, folder: string): string {
  if (/^[^@\s]+@[^:\s]+:/.test(title) || isAbbreviation(title, folder)) return ''
  return /^\/\S+$/.test(title) ? title.slice(title.lastIndexOf('/') + 1) : title
}

/** Whether all but the last part is the beginning of what stands there. */
function isAbbreviation(title: string, folder: string): boolean {
  const [short, whole] = [title.split('/'), folder.split('/')]
  return (
    short.length === whole.length &&
    short.at(-1) === whole.at(-1) &&
    short.every((part, index) => part === whole[index] || (part !== '' && whole[index]?.startsWith(part)))
  )
}

const getRunningCommand = (status: PaneStatus | undefined): string =>
  status?.command?.isRunning ? status.command.command : ''

/** Behind the workspace's name in a pane's header: `~/work/shop · zsh`, or the command that runs. */
export function formatPaneSubtitle(pane: Pane, status: PaneStatus | undefined, home: string | undefined): string {
  const running = getRunningCommand(status)
  if (pane.title || running) return [pane.title, running].filter(Boolean).join(' · ')
  const folder = status?.cwd ? shortFolder(status.cwd, home) : ''
  return [folder, extractProgram(status?.title ?? '', folder)].filter(Boolean).join(' · ')
}

/** What a session is called after, from its pane and from the agent's list, as far as each knows. */
export interface SessionDescription {
  /** Given by the person. */
  readonly title: string
  readonly running: string
  /** What ran last in a shell that waits. */
  readonly last: string
  readonly program: string
  /** `~/work` where home is known. */
  readonly folder: string
}

/** Which one in its folder each session is, oldest first, counted from 1: by no more than that shells are told apart that
 *  wait in one folder. What runs in them is not asked, so that no other changes its name as a command begins.
 *  @param folders of the sessions, by their id, the oldest session first */
export function numberWithinFolders(
  folders: Iterable<readonly [session: string, folder: string]>,
): Map<string, number> {
  const counts = new Map<string, number>()
  return new Map(
    [...folders].map(([session, folder]) => {
      const count = (counts.get(folder) ?? 0) + 1
      counts.set(folder, count)
      return [session, folder === '' ? 1 : count]
    }),
  )
}

const appendNumber = (name: string, count: number): string => (name !== '' && count > 1 ? `${name} (${count})` : name)

/** @param status what its pane says, if it has one: that is newer than the agent's list */
export function describeSession(
  title: string,
  status: PaneStatus | undefined,
  listed: TerminalSession | undefined,
  home: string | undefined,
): SessionDescription {
  const command = status?.command?.command ?? listed?.last_command ?? ''
  const isRunning = status?.command?.isRunning ?? listed?.is_busy ?? false
  const folder = shortFolder(status?.cwd || listed?.cwd || '', home)
  // A shell that waits: whatever was in front of it when the agent was asked has ended.
  const shown = status?.title || (status?.isAtPrompt ? '' : listed?.title) || ''
  return {
    title,
    running: isRunning ? command : '',
    last: isRunning ? '' : command,
    program: extractProgram(shown, folder) || listed?.command || '',
    folder,
  }
}

/** Programs that are as good as nothing: what somebody does in them is told by their folder. */
const shellNames = /^-?((ba|da|fi|k|z)?sh|nu|pwsh)$/

const getNonShellProgram = ({ program }: SessionDescription): string => (shellNames.test(program) ? '' : program)

const splitPath = (folder: string): string[] => folder.split(/[\\/]/).filter((part) => part !== '')

/** Names of folders: their last part, and as many before it as tell them apart from the others. */
export function shortenFolders(folders: Iterable<string>): ReadonlyMap<string, string> {
  const all = [...new Set(folders)]
  const tail = (folder: string, length: number) => splitPath(folder).slice(-length).join('/')
  const nameOf = (folder: string): string => {
    const others = all.filter((other) => other !== folder)
    const total = splitPath(folder).length
    for (let length = 1; length < total; length++) {
      const name = tail(folder, length)
      if (others.every((other) => tail(other, length) !== name)) return name
    }
    return total > 1 ? folder : tail(folder, 1) || folder
  }
  return new Map(all.map((folder) => [folder, nameOf(folder)]))
}

/** Where there is room for a word or two: what runs, else where.
 *  @param names of the folders that it is to be told apart from
 *  @param count which one in its folder it is (countInFolders) */
export function formatShortTitle(facts: SessionDescription, names: ReadonlyMap<string, string>, count = 1): string {
  const { title, running, program, folder } = facts
  return title || running || getNonShellProgram(facts) || appendNumber(names.get(folder) || folder, count) || program
}

/** Where there is room for a line: what runs and where, or where and after what. */
export function formatLongTitle(facts: SessionDescription, count = 1): string {
  const { title, running, last, program, folder } = facts
  const place = appendNumber(truncateFolder(folder), count)
  const active = running || getNonShellProgram(facts)
  const doing = active ? [active, place] : [place || program, last && `after ${last}`]
  return [title, ...doing].filter(Boolean).join(' · ')
}

// Of a longer folder the end says most, and it is what a narrow list cuts off.
const maxFolderLength = 32

function truncateFolder(folder: string): string {
  if (folder.length <= maxFolderLength) return folder
  const all = splitPath(folder)
  let shown = all.length - 1
  while (shown > 1 && all.slice(shown - 1).join('/').length < maxFolderLength) shown--
  return `…/${all.slice(shown).join('/')}`
}
