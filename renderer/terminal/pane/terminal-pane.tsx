// One terminal attached to one session. The bytes go from terminal-connection to xterm and never through React; what
// React learns is how the connection is, what runs in it, and what the person is asked.

import { ContextMenu } from 'radix-ui'
import { type CSSProperties, useEffect, useImperativeHandle, useMemo, useRef, useState } from 'react'
import { useTerminalPreferences } from '../../api/terminal-preferences.ts'
import { Button } from '../../components/button.tsx'
import { classNames } from '../../components/class-names.ts'
import { copyText } from '../../components/copy-text.ts'
import { Kbd } from '../../components/kbd.tsx'
import { isMac } from '../../desktop.ts'
import { notify, notifyFailure } from '../../notices.ts'
import { useIsDark } from '../../theme/theme.ts'
import { resolveAppearance, type TerminalAppearance, tint } from '../appearance/terminal-appearance.ts'
import type { TerminalSize } from '../connection/terminal-frames.ts'
import type { TerminalAction } from '../keys/terminal-actions.ts'
import { applyKeyPreferences, handleShortcuts, hasLinkModifier } from '../keys/terminal-keys.ts'
import type { TerminalLink } from '../screen/terminal-links.ts'
import { openAddress } from '../screen/xterm-screen.ts'
import { playBell } from './bell-sound.ts'
import { CommandGutter } from './commands/command-gutter.tsx'
import { StickyCommand } from './commands/sticky-command.tsx'
import { useVisibleCommands } from './commands/visible-commands.ts'
import { type OpenPane, openPane } from './open-pane.ts'
import { createCommandActions, paneActions } from './pane-actions.ts'
import { type ConfirmationRequest, PaneConfirmation } from './pane-confirmation.tsx'
import { PaneMenu } from './pane-menu.tsx'
import type { PaneStatus, TerminalPaneProps } from './pane-types.ts'
import { countLinesToConfirm, joinLines, stripControlCharacters } from './paste.ts'
import { TerminalSearch } from './terminal-search.tsx'

const atFirst: PaneStatus = {
  state: { kind: 'connecting' },
  title: '',
  cwd: '',
  command: undefined,
  isAtPrompt: false,
  restoredFrom: '',
  isReplaced: false,
  isReadOnly: false,
  isRecording: false,
}

const copy = (text: string): void => {
  copyText(text).catch((error: unknown) => notifyFailure('It could not be copied', error))
}

// As long as the eye needs to see it.
const flashMs = 150

/** Attaches for as long as it is there; another session is another pane (`key`). */
export default function TerminalPane(props: TerminalPaneProps) {
  const { agentId, sessionId, autoFocus = true, isVisible = true, profileId = '', folder = '' } = props
  const [onlyLooks, setOnlyLooks] = useState(props.isReadOnly ?? false)
  const place = useRef<HTMLDivElement>(null)
  const preferences = useTerminalPreferences()
  const isDark = useIsDark()
  const [zoom, setZoom] = useState(0)
  const look = useMemo(
    () => resolveAppearance(preferences, profileId, isDark, zoom),
    [preferences, profileId, isDark, zoom],
  )
  const [pane, setPane] = useState<OpenPane>()
  const [status, setStatus] = useState<PaneStatus>(atFirst)
  const [isSearching, setSearching] = useState(false)
  const [question, setQuestion] = useState<ConfirmationRequest>()
  const [followed, setFollowed] = useState<TerminalSize>()
  const [hovered, setHovered] = useState<TerminalLink>()
  const [isFlashing, setFlashing] = useState(false)
  const { state } = status

  const focus = () => pane?.screen.terminal.focus()
  const paste = (given: string) => {
    if (!pane || onlyLooks) return
    const text = stripControlCharacters(given)
    const { terminal } = pane.screen
    const send = (pasted: string) => terminal.paste(pasted)
    const lines = countLinesToConfirm(text, terminal.modes.bracketedPasteMode, preferences.confirm_multiline_paste)
    if (lines === 0) return send(text)
    setQuestion({
      title: `Paste ${lines} lines?`,
      detail: 'Each line but the last is run as soon as it is pasted: this program takes no paste as a whole.',
      text,
      answers: [
        { label: 'Paste', run: () => send(text) },
        { label: 'Paste as one line', run: () => send(joinLines(text)) },
      ],
      refusal: 'Cancel',
    })
  }

  const own = paneActions({
    pane,
    workspaceName: props.workspaceName,
    find: () => setSearching(true),
    toggleReadOnly: () => setOnlyLooks(!onlyLooks),
    paste,
    setZoom,
  })
  const run = (action: TerminalAction): boolean => {
    const act = (now.current.own as Partial<Record<TerminalAction, () => unknown>>)[action]
    act?.()
    return act !== undefined
  }

  const askToWrite = (text: string) => {
    const asked: ConfirmationRequest = {
      title: 'A program wants to put this on the clipboard',
      isProgram: true,
      text,
      answers: [{ label: 'Allow', run: () => copy(text) }],
      refusal: 'Deny',
    }
    // What the person is being asked about, and may be answering just now, is not exchanged.
    setQuestion((before) => before ?? asked)
  }
  const writeClipboard = (text: string) => {
    const { clipboard_writes: may } = preferences
    if (may === 'ask') askToWrite(text)
    // Firefox and Safari take text only just after the person has pressed something, as the answer would be.
    if (may === 'always') copyText(text).catch(() => askToWrite(text))
  }
  const ring = () => {
    const { bell } = preferences
    if (bell === 'none') return
    props.onBell?.()
    if (bell === 'sound' || bell === 'both') void playBell()
    if (bell !== 'visual' && bell !== 'both') return
    setFlashing(true)
    setTimeout(() => setFlashing(false), flashMs)
  }
  const pressLink = (link: TerminalLink, event: MouseEvent) => {
    if (link.kind === 'address') return openAddress(event, `http://${link.text.replace('0.0.0.0', 'localhost')}`)
    if (!hasLinkModifier(event)) return
    copy(link.text)
    notify('Copied', link.text)
  }

  // What was set up once calls what is there now.
  const takeSize = () => {
    pane?.connection.takeSize()
    pane?.screen.terminal.focus()
  }
  const now = useRef({ props, own, look, paste, ring, writeClipboard, pressLink })
  now.current = { props, own, look, paste, ring, writeClipboard, pressLink }

  useImperativeHandle(props.ref, () => ({
    focus,
    input: (data) => pane?.connection.input(data),
    run,
    selection: () => pane?.screen.terminal.getSelection() ?? '',
    retry: () => pane?.connection.retry(),
  }))

  useEffect(() => now.current.props.onStatus(status), [status])
  useEffect(() => applyKeyPreferences(preferences), [preferences])

  // biome-ignore lint/correctness/useExhaustiveDependencies: only another session is another terminal
  useEffect(() => {
    const closing = new AbortController()
    const { signal } = closing
    const open = async (element: HTMLElement) => {
      const target = { agentId, sessionId, profileId, folder, isReadOnly: onlyLooks }
      const opened = await openPane(element, target, now.current.look, {
        onChange: (changed) => setStatus((before) => changedStatus(before, changed)),
        onSessionsChanged: () => now.current.props.onSessionsChanged(),
        onInput: (data) => now.current.props.onInput?.(data),
        onFollowing: setFollowed,
        onBell: () => now.current.ring(),
        onCommandEnd: (command) => now.current.props.onCommandEnd?.(command),
        onClipboardWrite: (text) => now.current.writeClipboard(text),
        onLink: setHovered,
        onLinkPress: (link, event) => now.current.pressLink(link, event),
      })
      if (signal.aborted) return opened.close()
      signal.addEventListener('abort', () => {
        opened.close()
        setPane(undefined)
        setFollowed(undefined)
      })
      handleShortcuts(
        opened.screen.terminal,
        (action) => run(action) || (now.current.props.onAction?.(action) ?? false),
      )
      if (autoFocus) opened.screen.terminal.focus()
      setPane(opened)
    }
    if (place.current) void open(place.current)
    return () => closing.abort()
  }, [agentId, sessionId, onlyLooks])

  useEffect(() => {
    pane?.screen.setVisible(isVisible)
    if (isVisible) pane?.connection.lookAt()
  }, [pane, isVisible])
  useEffect(() => {
    pane?.screen.setAppearance(look)
    pane?.connection.resize()
  }, [pane, look])

  useEffect(() => {
    // By hand, as React's listeners cannot keep the browser from zooming the page.
    const element = place.current
    const zoomByWheel = (event: WheelEvent) => {
      if (!event.ctrlKey) return
      event.preventDefault()
      event.stopPropagation()
      setZoom((before) => before - Math.sign(event.deltaY))
    }
    element?.addEventListener('wheel', zoomByWheel, { capture: true, passive: false })
    return () => element?.removeEventListener('wheel', zoomByWheel, { capture: true })
  }, [])

  /** Before xterm, which would take all of it as it is. */
  const takePaste = (event: React.ClipboardEvent) => {
    const text = event.clipboardData.getData('text/plain')
    event.preventDefault()
    event.stopPropagation()
    if (text) paste(text)
  }
  const copySelected = () => {
    const selection = pane?.screen.terminal.getSelection()
    if (preferences.copy_on_select && selection) copy(selection)
  }
  const rightClick = (event: React.MouseEvent) => {
    if (preferences.right_click === 'menu') return
    event.preventDefault()
    const copies = preferences.right_click === 'copy_paste' && pane?.screen.terminal.hasSelection()
    run(copies ? 'copy' : 'paste')
    if (copies) pane?.screen.terminal.clearSelection()
  }

  return (
    <section
      aria-label={`Terminal of ${props.workspaceName}`}
      className="flex min-h-0 flex-1 flex-col"
      data-terminal-state={state.kind}
      onFocus={() => props.onFocus?.()}
    >
      <ContextMenu.Root modal={false}>
        {/* Its own right click comes first; what it does not prevent opens the menu. */}
        <ContextMenu.Trigger asChild disabled={preferences.right_click !== 'menu'}>
          {/* biome-ignore lint/a11y/noStaticElementInteractions: the terminal in it has the role and the keyboard */}
          <div
            className="relative min-h-0 flex-1 overflow-clip"
            style={{ background: look.theme.background }}
            onContextMenu={rightClick}
            onPasteCapture={takePaste}
            onMouseUp={copySelected}
          >
            <div
              ref={place}
              className={classNames(
                'absolute top-2 right-0 bottom-0 left-3',
                state.kind === 'reconnecting' && 'opacity-60',
                state.kind === 'exited' && 'opacity-80',
                // Where the session ends that another's size rules.
                followed && '[&_.xterm-screen]:outline [&_.xterm-screen]:outline-(color:--edge)',
              )}
              style={{ '--edge': tint(look.theme.foreground) } as CSSProperties}
            />
            {pane && <Commands pane={pane} look={look} />}
            {isSearching && pane && (
              <TerminalSearch
                search={pane.screen.search}
                wanted={selectedWords(pane)}
                onClose={() => {
                  setSearching(false)
                  focus()
                }}
              />
            )}
            {followed && state.kind === 'live' && (
              <Followed size={followed} onTakeSize={status.isReadOnly ? undefined : takeSize} />
            )}
            {hovered && <LinkHint link={hovered} />}
            {status.isReplaced && state.kind === 'live' && <Replaced />}
            {state.kind === 'reconnecting' && <Away reason={state.reason} />}
            {isFlashing && (
              <div
                aria-hidden
                data-bell
                className="pointer-events-none absolute inset-0"
                style={{ background: tint(look.theme.foreground) }}
              />
            )}
            {question && (
              <PaneConfirmation
                question={question}
                onClose={() => {
                  setQuestion(undefined)
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
      {/* Below the terminal, not over it: its last lines are what one wants to read. */}
      {state.kind === 'exited' && (
        <EndedSession code={state.code} signal={state.signal} onNewSession={props.onNewSession} />
      )}
    </section>
  )
}

/** An update that says nothing new draws nothing anew: commands are told with every prompt that is drawn. */
function changedStatus(before: PaneStatus, changed: Partial<PaneStatus>): PaneStatus {
  const isSame = (name: keyof PaneStatus) =>
    before[name] === changed[name] || JSON.stringify(before[name]) === JSON.stringify(changed[name])
  return (Object.keys(changed) as (keyof PaneStatus)[]).every(isSame) ? before : { ...before, ...changed }
}

/** What is selected, as far as it can be looked for: within one line. */
function selectedWords({ screen: { terminal } }: OpenPane): string {
  const selection = terminal.getSelection()
  return /[\r\n]/.test(selection) ? '' : selection
}

function Commands({ pane, look }: { pane: OpenPane; look: TerminalAppearance }) {
  const { commands, scrolled } = useVisibleCommands(pane.screen, pane.marks)
  const user = useMemo(() => createCommandActions(pane), [pane])
  return (
    <>
      <div className="absolute top-2 bottom-0 left-0 w-3 overflow-clip">
        <CommandGutter commands={commands} theme={look.theme} user={user} />
      </div>
      {scrolled && (
        <StickyCommand
          block={scrolled}
          look={look}
          onPress={() => {
            pane.screen.terminal.scrollToLine(scrolled.from)
            pane.screen.terminal.focus()
          }}
        />
      )}
    </>
  )
}

const hintClass =
  'pointer-events-none absolute bottom-2 max-w-[calc(100%-24px)] rounded-control border border-line-strong bg-surface px-2 py-0.5 text-xs text-muted'

function Followed({ size, onTakeSize }: { size: TerminalSize; onTakeSize: (() => void) | undefined }) {
  return (
    <p className={`${hintClass} right-4`}>
      {size.cols} × {size.rows}, as elsewhere
      {onTakeSize && (
        <>
          {' · type to '}
          <button type="button" className="pointer-events-auto -my-2 py-2 underline" onClick={onTakeSize}>
            have your size
          </button>
        </>
      )}
    </p>
  )
}

// What comes back sooner is not worth a word.
const silentMs = 2_000

function Away({ reason }: { reason: string }) {
  const [isLong, setLong] = useState(false)
  useEffect(() => {
    const timer = setTimeout(() => setLong(true), silentMs)
    return () => clearTimeout(timer)
  }, [])
  if (!isLong) return null
  return (
    <p className={`${hintClass} left-3`}>
      {reason || 'The connection was lost. What runs here goes on, and what you type is sent when it is back.'}
    </p>
  )
}

function Replaced() {
  return <p className={`${hintClass} left-3`}>The session that was here has ended. This one is new.</p>
}

function LinkHint({ link: { kind, text } }: { link: TerminalLink }) {
  return (
    <p className={`${hintClass} left-3 truncate`}>
      <Kbd>{isMac ? '⌘' : 'Ctrl'}</Kbd> and a click {kind === 'address' ? `open ${text}` : 'copy this place'}
    </p>
  )
}

function EndedSession({ code, signal, onNewSession }: { code: number; signal: number; onNewSession: () => void }) {
  const button = useRef<HTMLButtonElement>(null)
  // Enter starts again: the key that ends a shell by `exit` is under the finger. Another pane keeps the keyboard.
  useEffect(() => {
    const isHere = button.current?.closest('section')?.contains(document.activeElement)
    if (isHere) button.current?.focus({ preventScroll: true })
  }, [])
  const how = signal ? ` by signal ${signal}` : code === 0 ? '' : ` with code ${code}`
  return (
    <div className="flex shrink-0 flex-wrap items-center gap-3 border-t border-line bg-surface px-4 py-3">
      <p className="min-w-0 flex-[1_1_15rem]">The session has ended{how}. What it printed stays above.</p>
      <Button ref={button} look="primary" onClick={onNewSession}>
        Start a new session <Kbd onAccent>↵</Kbd>
      </Button>
    </div>
  )
}
