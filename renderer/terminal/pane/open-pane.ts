// Opens a terminal on the page and keeps it attached to its session: joins xterm, the connection and the marks of
// commands, and says what of it the pane shows. Knows no React.

import { ClipboardAddon, type IClipboardProvider } from '@xterm/addon-clipboard'
import { WebLinksAddon } from '@xterm/addon-web-links'
import type { Terminal } from '@xterm/xterm'
import { openPty } from '../../../api/agents/agents.ts'
import { client, socketUrl } from '../../api/client.ts'
import type { TerminalAppearance } from '../appearance/terminal-appearance.ts'
import { connectTerminal, type TerminalConnection } from '../connection/terminal-connection.ts'
import type { TerminalSize } from '../connection/terminal-frames.ts'
import { createRecorder, type Recorder } from '../recordings/recorder.ts'
import { registerLinks, type TerminalLink } from '../screen/terminal-links.ts'
import { openAddress, openXterm, webLinkHandler, type XtermScreen } from '../screen/xterm-screen.ts'
import { isRegisteredSession, registerSessions } from '../session-registry.ts'
import { type CommandMarks, watchCommands } from './command-marks.ts'
import type { PaneStatus, ShellCommand } from './pane-types.ts'

// What shells say of a command that a signal has ended: this and the signal.
const signalExit = 128

export interface OpenPane {
  readonly screen: XtermScreen
  readonly connection: TerminalConnection
  readonly marks: CommandMarks
  readonly recorder: Recorder
  /** As if it were typed: what the person did elsewhere. */
  type(text: string): void
  close(): void
}

export interface PaneEvents {
  onChange(changed: Partial<PaneStatus>): void
  onSessionsChanged(): void
  /** The person typed or pasted here. */
  onInput(data: string | Uint8Array): void
  onFollowing(size: TerminalSize | undefined): void
  onBell(): void
  onCommandEnd(command: ShellCommand): void
  /** A program wants text on the clipboard (OSC 52). */
  onClipboardWrite(text: string): void
  onLink(link: TerminalLink | undefined): void
  onLinkPress(link: TerminalLink, event: MouseEvent): void
}

export interface PaneTarget {
  readonly agentId: string
  readonly sessionId: string
  readonly profileId: string
  /** Where a session that is started begins; empty for the workspace's own folder. */
  readonly folder: string
  readonly isReadOnly: boolean
}

export async function openPane(
  place: HTMLElement,
  target: PaneTarget,
  look: TerminalAppearance,
  events: PaneEvents,
): Promise<OpenPane> {
  const screen = await openXterm(place, look)
  const { terminal } = screen
  const marks = watchCommands(terminal)
  screen.onReplay((isReplaying) => {
    marks.isReplaying = isReplaying
  })
  const recorder = createRecorder(terminal, (isRecording) => events.onChange({ isRecording }))
  const connection = connectTerminal({
    url: (size, resume) => addressOf(target, size, resume && `${resume.epoch}:${resume.offset}`),
    screen: recorder.recordScreen(screen),
    isReadOnly: target.isReadOnly,
    onState(state) {
      events.onChange({ state })
      if (state.kind !== 'exited') return
      // After what it printed last, which may have begun a command.
      terminal.write('', () => marks.finish(state.signal ? signalExit + state.signal : state.code))
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
  takeInput(terminal, connection, (data) => {
    events.onInput(data)
    events.onChange({ restoredFrom: '', isReplaced: false })
  })
  terminal.onTitleChange((title) => events.onChange({ title }))
  terminal.onBell(events.onBell)
  marks.onChange(() => events.onChange({ cwd: marks.cwd, command: marks.last, isAtPrompt: marks.isAtPrompt }))
  marks.onEnd(events.onCommandEnd)
  terminal.loadAddon(new ClipboardAddon(undefined, clipboardFor(events)))
  const hovering = {
    // Where the text of a link (OSC 8) is not its address, one sees the address before one presses it.
    hover: (_event: MouseEvent, text: string) => events.onLink({ kind: 'address', text }),
    leave: () => events.onLink(undefined),
  }
  terminal.loadAddon(new WebLinksAddon(openAddress, hovering))
  terminal.options.linkHandler = { ...webLinkHandler, ...hovering }
  registerLinks(terminal, { press: events.onLinkPress, hover: events.onLink })
  const observer = new ResizeObserver(() => connection.resize())
  observer.observe(place)
  return {
    screen,
    connection,
    marks,
    recorder,
    type: (text) => terminal.input(text, true),
    close() {
      observer.disconnect()
      connection.close()
      recorder.stop()
      marks.dispose()
      screen.dispose()
    },
  }
}

function addressOf({ agentId, sessionId, ...target }: PaneTarget, size: TerminalSize, resume?: string): string {
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

/** Tells what the person does from what xterm answers to a program by itself; it says so only inside. */
function takeInput(
  terminal: Terminal,
  connection: TerminalConnection,
  onPersons: (data: string | Uint8Array) => void,
): void {
  const { _core } = terminal as unknown as { _core: { coreService: { onUserInput(listener: () => void): void } } }
  let isPersons = false
  _core.coreService.onUserInput(() => {
    isPersons = true
  })
  terminal.onData((data) => {
    if (isPersons) {
      connection.input(data)
      onPersons(data)
    } else connection.answer(data)
    isPersons = false
  })
  // Bytes that are not text, from some mouse protocols.
  terminal.onBinary((data) => connection.input(Uint8Array.from(data, (char) => char.charCodeAt(0))))
}

/** What is on the clipboard is not a program's to read: it may be a password. */
const clipboardFor = (events: PaneEvents): IClipboardProvider => ({
  readText: () => '',
  writeText: (_selection, text) => events.onClipboardWrite(text),
})
