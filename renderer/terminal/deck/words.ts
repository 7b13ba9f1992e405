// What panes and tabs are called: after what runs in them, then after the folder they are in.

import type { Workspace } from '../../../api/workspaces.ts'
import type { TerminalSession } from '../../api/terminals.ts'
import type { Tone } from '../../components/status-dot.tsx'
import { shortFolder, workspaceState } from '../../workspace/workspace-state.ts'
import type { Pane } from '../layout/tree.ts'
import type { PaneStatus } from '../pane.ts'

const tones: Record<PaneStatus['state']['kind'], Tone> = {
  connecting: 'changing',
  live: 'running',
  reconnecting: 'attention',
  exited: 'stopped',
}

/** A pane that is not open yet is as well as its workspace. */
export function paneTone(status: PaneStatus | undefined, workspace: Workspace | null | undefined): Tone {
  if (workspace && workspaceState(workspace).tone !== 'running' && status?.state.kind !== 'live')
    return workspaceState(workspace).tone
  if (status) return tones[status.state.kind]
  return workspace ? 'running' : 'stopped'
}

/** `zsh` of `/usr/bin/zsh`; shells that call themselves `dev@desk: ~/work` say nothing that is not said beside it. */
function programName(title: string): string {
  if (/^[^@\s]+@[^:\s]+:/.test(title)) return ''
  return /^\/\S+$/.test(title) ? title.slice(title.lastIndexOf('/') + 1) : title
}

const runningCommand = (status: PaneStatus | undefined): string =>
  status?.command?.isRunning ? status.command.command : ''

const lastPart = (folder: string): string => folder.split(/[\\/]/).findLast((part) => part !== '') ?? folder

/** Behind the workspace's name in a pane's header: `~/work/shop · zsh`, or the command that runs. */
export function paneNote(pane: Pane, status: PaneStatus | undefined, home: string | undefined): string {
  const running = runningCommand(status)
  if (pane.title || running) return [pane.title, running].filter(Boolean).join(' · ')
  const folder = status?.cwd ? shortFolder(status.cwd, home) : ''
  return [folder, programName(status?.title ?? '')].filter(Boolean).join(' · ')
}

/** In a tab, where there is room for a word or two. */
export function shortPaneName(
  pane: Pane,
  status: PaneStatus | undefined,
  workspaceName: string,
  home: string | undefined,
): string {
  if (pane.title) return pane.title
  const program = runningCommand(status) || programName(status?.title ?? '')
  if (program) return program
  return status?.cwd ? lastPart(shortFolder(status.cwd, home)) : workspaceName
}

/** Programs that are as good as nothing: what somebody does in them is told by their folder. */
const shell = /^((ba|da|fi|k|z)?sh|nu|pwsh)$/

/** What a session is called in a list: the command that runs in it, else the program that it shows, else its folder.
 *  @param status what its pane says, if it has one: that is newer than the agent's list */
export function sessionName(
  session: TerminalSession,
  status: PaneStatus | undefined,
  home: string | undefined,
): string {
  const running = status ? runningCommand(status) : session.is_busy && session.last_command
  if (running) return running
  const program = programName(session.title)
  if (program && !shell.test(program)) return program
  const folder = status?.cwd || session.cwd
  return (folder && lastPart(shortFolder(folder, home))) || program || session.command || 'shell'
}
