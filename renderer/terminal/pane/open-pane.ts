// Opens a terminal on the page and attaches it to its session: connects xterm, the connection, the command marks and the
// recorder, and reports changes as events. Independent of React.

import { ClipboardAddon, type IClipboardProvider } from '@xterm/addon-clipboard'
import { WebLinksAddon } from '@xterm/addon-web-links'
import { openPty } from '../../../api/agents/agents.ts'
import type { TerminalSize } from '../../../api/agents/terminal-frames.ts'
import { client, socketUrl } from '../../api/client.ts'
import { renewPageProof } from '../../api/page-session.ts'
import type { TerminalAppearance } from '../appearance/terminal-appearance.ts'
import { connectTerminal, type TerminalConnection } from '../connection/terminal-connection.ts'
import { createRecorder, type Recorder } from '../recordings/recorder.ts'
import { registerLinks, type TerminalLink } from '../screen/terminal-links.ts'
import { onUserInput } from '../screen/xterm-internals.ts'
import { openAddress, openXterm, webLinkHandler, type XtermScreen } from '../screen/xterm-screen.ts'
import { isRegisteredSession, registerSessions } from '../session-registry.ts'
import { type CommandMarks, trackCommands } from './commands/command-marks.ts'
import type { ShellCommand } from './commands/shell-command.ts'
import type { PaneStatus } from './pane-types.ts'

// Shells report the exit status of a command terminated by a signal as this number plus the signal.
const signalExitBase = 128

export interface OpenPane {
  readonly screen: XtermScreen
  readonly connection: TerminalConnection
  readonly marks: CommandMarks
  readonly recorder: Recorder
  close(): void
}

export interface PaneEvents {
  onChange(changed: Partial<PaneStatus>): void
  onSessionsChanged(): void
  /** The user typed or pasted. */
  onInput(data: string | Uint8Array): void
  /** Another client owns the size from now on; undefined: this one does. */
  onFollowing(size: TerminalSize | undefined): void
  onBell(): void
  onCommandEnd(command: ShellCommand): void
  /** A program wants to write to the clipboard (OSC 52). */
  onClipboardWrite(text: string): void
  onLinkHover(link: TerminalLink | undefined): void
  onLinkActivate(link: TerminalLink, event: MouseEvent): void
}

export interface PaneTarget {
  readonly agentId: string
  readonly sessionId: string
  readonly profileId: string
  /** Initial folder of a session that is created; empty for the workspace's folder. */
  readonly folder: string
  readonly isReadOnly: boolean
}

export async function openPane(
  container: HTMLElement,
  target: PaneTarget,
  appearance: TerminalAppearance,
  events: PaneEvents,
): Promise<OpenPane> {
  const screen = await openXterm(container, appearance)
  const { terminal } = screen
  const marks = trackCommands(terminal)
  screen.onReplay((isReplaying) => {
    marks.isReplaying = isReplaying
  })
  const recorder = createRecorder(terminal, (isRecording) => events.onChange({ isRecording }))
  const connection = connectTerminal({
    url: (size, resume) => buildUrl(target, size, resume && `${resume.epoch}:${resume.offset}`),
    prepareRetry: renewPageProof,
    screen: recorder.recordScreen(screen),
    isReadOnly: target.isReadOnly,
    onState(state) {
      events.onChange({ state })
      if (state.kind !== 'exited') return
      // After the last output is parsed, which may have started a command.
      terminal.write('', () => marks.finish(state.signal ? signalExitBase + state.signal : state.code))
      events.onSessionsChanged()
    },
    onAttached({ created, restored_from: restoredFrom, read_only: isReadOnly = false, nonce = '' }) {
      marks.nonce = nonce
      const isReplaced = created && !restoredFrom && isRegisteredSession(target.sessionId)
      registerSessions([target.sessionId])
      events.onChange({ restoredFrom: restoredFrom ?? '', isReplaced, isReadOnly })
      events.onSessionsChanged()
    },
    onFollowing: events.onFollowing,
  })
  forwardInput(screen, connection, (data) => {
    events.onInput(data)
    events.onChange({ restoredFrom: '', isReplaced: false })
  })
  terminal.onTitleChange((title) => events.onChange({ title }))
  terminal.onBell(events.onBell)
  marks.onChange(() => events.onChange({ cwd: marks.cwd, command: marks.last, isAtPrompt: marks.isAtPrompt }))
  marks.onEnd(events.onCommandEnd)
  terminal.loadAddon(new ClipboardAddon(undefined, createClipboard(events)))
  const hovering = {
    // The text of an OSC 8 link may differ from its address, which the user must see before clicking.
    hover: (_event: MouseEvent, text: string) => events.onLinkHover({ kind: 'address', text }),
    leave: () => events.onLinkHover(undefined),
  }
  terminal.loadAddon(new WebLinksAddon(openAddress, hovering))
  terminal.options.linkHandler = { ...webLinkHandler, ...hovering }
  registerLinks(terminal, { activate: events.onLinkActivate, hover: events.onLinkHover })
  const observer = new ResizeObserver(() => connection.resize())
  observer.observe(container)
  return {
    screen,
    connection,
    marks,
    recorder,
    close() {
      observer.disconnect()
      connection.close()
      recorder.stop()
      marks.dispose()
      screen.dispose()
    },
  }
}

function buildUrl({ agentId, sessionId, ...target }: PaneTarget, size: TerminalSize, resume?: string): string {
  return socketUrl(
    client.url(openPty, {
      params: { workspaceagent: agentId },
      query: {
        reconnect: sessionId,
        width: size.cols,
        height: size.rows,
        protocol: '2',
        images: 'true',
        ended: 'true',
        ...(target.isReadOnly ? { read_only: 'true' as const } : {}),
        ...(target.profileId ? { profile: target.profileId } : {}),
        ...(target.folder ? { folder: target.folder } : {}),
        ...(resume ? { resume } : {}),
      },
    }),
  )
}

/** Sends input of the user, and separately the answers that xterm gives to queries of a program. */
function forwardInput(
  { terminal }: XtermScreen,
  connection: TerminalConnection,
  onInput: (data: string | Uint8Array) => void,
): void {
  let isFromUser = false
  onUserInput(terminal, () => {
    isFromUser = true
  })
  terminal.onData((data) => {
    if (isFromUser) {
      connection.input(data)
      onInput(data)
    } else connection.answer(data)
    isFromUser = false
  })
  // Binary data of some mouse protocols.
  terminal.onBinary((data) => connection.input(Uint8Array.from(data, (char) => char.charCodeAt(0))))
}

/** Programs must not read the clipboard: it may hold a password. */
const createClipboard = (events: PaneEvents): IClipboardProvider => ({
  readText: () => '',
  writeText: (_selection, text) => events.onClipboardWrite(text),
})
