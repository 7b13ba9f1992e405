// Titles of panes and tabs, derived from the running command, the program and the folder.

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

/** Status color of a pane; that of its workspace until the pane is open. */
export function getPaneTone(status: PaneStatus | undefined, workspace: Workspace | null | undefined): Tone {
  if (workspace && workspaceState(workspace).tone !== 'running' && status?.state.kind !== 'live')
    return workspaceState(workspace).tone
  if (status) return tones[status.state.kind]
  return workspace ? 'running' : 'stopped'
}

/** Program name in a window title: `zsh` for `/usr/bin/zsh`. Empty for titles such as `dev@desk: ~/work`, or `~/w/shop` by
 *  fish, which repeat the folder. */
function extractProgram(title: string, folder: string): string {
  if (/^[^@\s]+@[^:\s]+:/.test(title) || isAbbreviation(title, folder)) return ''
  return /^\/\S+$/.test(title) ? title.slice(title.lastIndexOf('/') + 1) : title
}

/** Whether the title is the folder with its parts abbreviated, except the last one. */
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

/** Shown after the workspace's name in a pane's header: `~/work/shop · zsh`, or the running command. */
export function formatPaneSubtitle(pane: Pane, status: PaneStatus | undefined, home: string | undefined): string {
  const running = getRunningCommand(status)
  if (pane.title || running) return [pane.title, running].filter(Boolean).join(' · ')
  const folder = status?.cwd ? shortFolder(status.cwd, home) : ''
  return [folder, extractProgram(status?.title ?? '', folder)].filter(Boolean).join(' · ')
}

/** The parts of a session's title, from its pane and from the agent's list. */
export interface SessionDescription {
  /** Set by the user. */
  readonly title: string
  readonly running: string
  /** Last command of a shell at its prompt. */
  readonly last: string
  readonly program: string
  /** `~/work` if the home folder is known. */
  readonly folder: string
}

/** Numbers the sessions of each folder from 1, oldest first, to distinguish idle shells in one folder. Running commands do
 *  not affect the numbers: a command that starts must not change other titles.
 *  @param folders of the sessions, oldest session first */
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

const appendNumber = (name: string, number: number): string =>
  name !== '' && number > 1 ? `${name} (${number})` : name

/** @param status of the session's pane, if it has one; newer than the agent's list */
export function describeSession(
  title: string,
  status: PaneStatus | undefined,
  listed: TerminalSession | undefined,
  home: string | undefined,
): SessionDescription {
  const command = status?.command?.command ?? listed?.last_command ?? ''
  const isRunning = status?.command?.isRunning ?? listed?.is_busy ?? false
  const folder = shortFolder(status?.cwd || listed?.cwd || '', home)
  // At a prompt the listed title may belong to a program that has exited since.
  const windowTitle = status?.title || (status?.isAtPrompt ? '' : listed?.title) || ''
  return {
    title,
    running: isRunning ? command : '',
    last: isRunning ? '' : command,
    program: extractProgram(windowTitle, folder) || listed?.command || '',
    folder,
  }
}

/** Omitted from titles: the folder is more informative. */
const shellNames = /^-?((ba|da|fi|k|z)?sh|nu|pwsh)$/

const getNonShellProgram = ({ program }: SessionDescription): string => (shellNames.test(program) ? '' : program)

const splitPath = (folder: string): string[] => folder.split(/[\\/]/).filter((part) => part !== '')

/** Short names of folders: the last part, and as many parts before it as make it unique. */
export function shortenFolders(folders: Iterable<string>): ReadonlyMap<string, string> {
  const all = [...new Set(folders)]
  const tail = (folder: string, length: number) => splitPath(folder).slice(-length).join('/')
  const shorten = (folder: string): string => {
    const others = all.filter((other) => other !== folder)
    const total = splitPath(folder).length
    for (let length = 1; length < total; length++) {
      const name = tail(folder, length)
      if (others.every((other) => tail(other, length) !== name)) return name
    }
    return total > 1 ? folder : tail(folder, 1) || folder
  }
  return new Map(all.map((folder) => [folder, shorten(folder)]))
}

/** One or two words: the running command or program, otherwise the folder.
 *  @param names short names of all folders
 *  @param number of the session in its folder (numberWithinFolders) */
export function formatShortTitle(session: SessionDescription, names: ReadonlyMap<string, string>, number = 1): string {
  const { title, running, program, folder } = session
  return title || running || getNonShellProgram(session) || appendNumber(names.get(folder) || folder, number) || program
}

/** One line: the running command and its folder, or the folder and the last command. */
export function formatLongTitle(session: SessionDescription, number = 1): string {
  const { title, running, last, program, folder } = session
  const location = appendNumber(truncateFolder(folder), number)
  const active = running || getNonShellProgram(session)
  const details = active ? [active, location] : [location || program, last && `after ${last}`]
  return [title, ...details].filter(Boolean).join(' · ')
}

// Longer folders keep their end, which is the most specific part.
const maxFolderLength = 32

function truncateFolder(folder: string): string {
  if (folder.length <= maxFolderLength) return folder
  const all = splitPath(folder)
  let shown = all.length - 1
  while (shown > 1 && all.slice(shown - 1).join('/').length < maxFolderLength) shown--
  return `…/${all.slice(shown).join('/')}`
}
