// One terminal attached to one session. terminal-connection.ts writes output directly to xterm, not through React, which holds
// only the status: connection, commands, confirmations.

import { ContextMenu } from 'radix-ui'
import { type CSSProperties, useEffect, useImperativeHandle, useMemo, useRef, useState } from 'react'
import { useTerminalPreferences } from '../../api/terminal-preferences.ts'
import { classNames } from '../../components/class-names.ts'
import { notify } from '../../notices.ts'
import { useIsDark } from '../../theme/theme.ts'
import { resolveAppearance, type TerminalAppearance, tint } from '../appearance/terminal-appearance.ts'
import type { TerminalAction } from '../keys/terminal-actions.ts'
import { applyKeyPreferences, hasLinkModifier } from '../keys/terminal-keys.ts'
import type { TerminalLink } from '../screen/terminal-links.ts'
import { openAddress } from '../screen/xterm-screen.ts'
import { useBell } from './bell.ts'
import { CommandGutter } from './commands/command-gutter.tsx'
import { StickyCommand } from './commands/sticky-command.tsx'
import { useVisibleCommands } from './commands/visible-commands.ts'
import { ExitedBar } from './exited-bar.tsx'
import type { OpenPane } from './open-pane.ts'
import { createCommandActions, createPaneActions } from './pane-actions.ts'
import { copyOrNotify, createPaneClipboard, writeForProgram } from './pane-clipboard.ts'
import { type ConfirmationRequest, PaneConfirmation } from './pane-confirmation.tsx'
import { DisconnectedHint, LinkHint, NewSessionHint, SizeHint } from './pane-hints.tsx'
import { PaneMenu } from './pane-menu.tsx'
import { usePaneSession } from './pane-session.ts'
import type { TerminalPaneProps } from './pane-types.ts'
import { useZoom } from './pane-zoom.ts'
import { TerminalSearch } from './terminal-search.tsx'

/** Attached while it is mounted. Another session needs another pane (`key`). */
export default function TerminalPane(props: TerminalPaneProps) {
  const { agentId, sessionId, autoFocus = true, isVisible = true, profileId = '', folder = '' } = props
  const [isReadOnly, setReadOnly] = useState(props.isReadOnly ?? false)
  const [isSearching, setSearching] = useState(false)
  const [confirmation, setConfirmation] = useState<ConfirmationRequest>()
  const container = useRef<HTMLDivElement>(null)
  const [zoom, setZoom] = useZoom(container)
  const preferences = useTerminalPreferences()
  const isDark = useIsDark()
  const appearance = useMemo(
    () => resolveAppearance(preferences, profileId, isDark, zoom),
    [preferences, profileId, isDark, zoom],
  )
  const bell = useBell(preferences.bell, props.onBell)
  const target = { agentId, sessionId, profileId, folder, isReadOnly }
  const view = { appearance, isVisible, autoFocus }
  const { pane, status, foreignSize, hoveredLink } = usePaneSession(container, target, view, {
    onSessionsChanged: props.onSessionsChanged,
    onInput: (data) => props.onInput?.(data),
    onBell: bell.ring,
    onCommandEnd: (command) => props.onCommandEnd?.(command),
    // A confirmation that the user may be answering is not replaced.
    onClipboardWrite: (text) =>
      writeForProgram(text, preferences.clipboard_writes, (request) => setConfirmation((before) => before ?? request)),
    onLinkActivate: activateLink,
    onShortcut: (action) => run(action) || (props.onAction?.(action) ?? false),
  })
  const { state } = status

  const clipboard = createPaneClipboard({ pane, isReadOnly, preferences, confirm: setConfirmation, run })
  const actions: Partial<Record<TerminalAction, () => unknown>> = createPaneActions({
    pane,
    workspaceName: props.workspaceName,
    openSearch: () => setSearching(true),
    toggleReadOnly: () => setReadOnly(!isReadOnly),
    paste: clipboard.paste,
    setZoom,
  })
  function run(action: TerminalAction): boolean {
    const act = actions[action]
    act?.()
    return act !== undefined
  }
  const focus = () => pane?.screen.terminal.focus()
  const takeSize = () => {
    pane?.connection.takeSize()
    focus()
  }

  useImperativeHandle(props.ref, () => ({
    focus,
    input: (data) => pane?.connection.input(data),
    insertCommand: clipboard.insertCommand,
    run,
    selection: () => pane?.screen.terminal.getSelection() ?? '',
    retry: () => pane?.connection.retry(),
  }))
  // biome-ignore lint/correctness/useExhaustiveDependencies: only a new status is reported
  useEffect(() => props.onStatus(status), [status])
  useEffect(() => applyKeyPreferences(preferences), [preferences])

  return (
    <section
      aria-label={`Terminal of ${props.workspaceName}`}
      className="flex min-h-0 flex-1 flex-col"
      data-terminal-state={state.kind}
      onFocus={() => props.onFocus?.()}
    >
      <ContextMenu.Root modal={false}>
        {/* The element's own handler runs first; the menu opens unless that prevents it. */}
        <ContextMenu.Trigger asChild disabled={preferences.right_click !== 'menu'}>
          {/* biome-ignore lint/a11y/noStaticElementInteractions: the terminal inside has the role and the focus */}
          <div
            className="relative min-h-0 flex-1 overflow-clip"
            style={{ background: appearance.theme.background }}
            onContextMenu={clipboard.onContextMenu}
            onPasteCapture={clipboard.onPasteCapture}
            onMouseUp={clipboard.onMouseUp}
          >
            <div
              ref={container}
              className={classNames(
                'absolute top-2 right-0 bottom-0 left-3',
                state.kind === 'reconnecting' && 'opacity-60',
                state.kind === 'exited' && 'opacity-80',
                // Outlines the screen while another client owns its size.
                foreignSize && '[&_.xterm-screen]:outline [&_.xterm-screen]:outline-(color:--edge)',
              )}
              style={{ '--edge': tint(appearance.theme.foreground) } as CSSProperties}
            />
            {pane && <CommandOverlay pane={pane} appearance={appearance} />}
            {isSearching && pane && (
              <TerminalSearch
                search={pane.screen.search}
                initialText={getSingleLineSelection(pane)}
                onClose={() => {
                  setSearching(false)
                  focus()
                }}
              />
            )}
            {foreignSize && state.kind === 'live' && (
              <SizeHint size={foreignSize} onTakeSize={status.isReadOnly ? undefined : takeSize} />
            )}
            {hoveredLink && <LinkHint link={hoveredLink} />}
            {status.isReplaced && state.kind === 'live' && <NewSessionHint />}
            {state.kind === 'reconnecting' && <DisconnectedHint reason={state.reason} />}
            {bell.isFlashing && (
              <div
                aria-hidden
                data-bell
                className="pointer-events-none absolute inset-0"
                style={{ background: tint(appearance.theme.foreground) }}
              />
            )}
            {confirmation && (
              <PaneConfirmation
                request={confirmation}
                onClose={() => {
                  setConfirmation(undefined)
                  focus()
                }}
              />
            )}
          </div>
        </ContextMenu.Trigger>
        <PaneMenu
          hasSelection={pane?.screen.terminal.hasSelection() ?? false}
          hasCommand={status.command !== undefined}
          isReadOnly={status.isReadOnly}
          isRecording={status.isRecording}
          run={run}
        />
      </ContextMenu.Root>
      {/* Below the terminal, so that it does not cover the last lines. */}
      {state.kind === 'exited' && (
        <ExitedBar code={state.code} signal={state.signal} onNewSession={props.onNewSession} />
      )}
    </section>
  )
}

function activateLink({ kind, text }: TerminalLink, event: MouseEvent): void {
  if (kind === 'address') openAddress(event, `http://${text.replace('0.0.0.0', 'localhost')}`)
  else if (hasLinkModifier(event)) {
    copyOrNotify(text)
    notify('Copied', text)
  }
}

/** The search starts with the selection; it finds text within one line. */
function getSingleLineSelection({ screen: { terminal } }: OpenPane): string {
  const selection = terminal.getSelection()
  return /[\r\n]/.test(selection) ? '' : selection
}

function CommandOverlay({ pane, appearance }: { pane: OpenPane; appearance: TerminalAppearance }) {
  const { commands, sticky } = useVisibleCommands(pane.screen, pane.marks)
  const actions = useMemo(() => createCommandActions(pane), [pane])
  return (
    <>
      <div className="absolute top-2 bottom-0 left-0 w-3 overflow-clip">
        <CommandGutter commands={commands} theme={appearance.theme} actions={actions} />
      </div>
      {sticky && (
        <StickyCommand
          block={sticky}
          appearance={appearance}
          onPress={() => {
            pane.screen.terminal.scrollToLine(sticky.from)
            pane.screen.terminal.focus()
          }}
        />
      )}
    </>
  )
}
