// One terminal attached to one session. The bytes go from terminal-connection to xterm and never through React; what
// React learns is how the connection is and what the program calls itself.

import { useEffect, useImperativeHandle, useRef, useState } from 'react'
import { openPty } from '../../api/agents.ts'
import { client, socketUrl } from '../api/client.ts'
import { Button } from '../components/button.tsx'
import { classNames } from '../components/class-names.ts'
import { copyText } from '../components/copy-text.ts'
import { Kbd } from '../components/kbd.tsx'
import type { PaneStatus, TerminalPaneProps } from './pane.ts'
import type { TerminalAction } from './terminal-actions.ts'
import { connectTerminal, type TerminalConnection } from './terminal-connection.ts'
import { takeChords } from './terminal-keys.ts'
import { TerminalSearch } from './terminal-search.tsx'
import { openXterm, type XtermScreen } from './xterm-screen.ts'

interface OpenPane {
  readonly screen: XtermScreen
  readonly connection: TerminalConnection
}

const atFirst: PaneStatus = {
  state: { kind: 'connecting' },
  title: '',
  cwd: '',
  command: undefined,
  restoredFrom: '',
  isReadOnly: false,
  isRecording: false,
}

/** Attaches for as long as it is there; another session is another pane (`key`). */
export default function TerminalPane(props: TerminalPaneProps) {
  const { agentId, sessionId, autoFocus = true } = props
  const place = useRef<HTMLDivElement>(null)
  const callbacks = useRef(props)
  callbacks.current = props
  const [pane, setPane] = useState<OpenPane>()
  const [status, setStatus] = useState<PaneStatus>(atFirst)
  const [isSearching, setSearching] = useState(false)
  const { state } = status

  const actions: Partial<Record<TerminalAction, () => void>> = {
    copy: () => void copyText(pane?.screen.terminal.getSelection() ?? ''),
    selectAll: () => pane?.screen.terminal.selectAll(),
    clear: () => pane?.screen.terminal.clear(),
    find: () => setSearching(true),
  }
  const own = useRef(actions)
  own.current = actions
  const run = (action: TerminalAction): boolean => {
    own.current[action]?.()
    return own.current[action] !== undefined
  }

  useImperativeHandle(props.ref, () => ({
    focus: () => pane?.screen.terminal.focus(),
    input: (data) => pane?.connection.input(data),
    run,
    selection: () => pane?.screen.terminal.getSelection() ?? '',
    retry: () => pane?.connection.retry(),
  }))

  useEffect(() => callbacks.current.onStatus(status), [status])

  // biome-ignore lint/correctness/useExhaustiveDependencies: only another session is another terminal
  useEffect(() => {
    const closing = new AbortController()
    const { signal } = closing
    const open = async (element: HTMLElement) => {
      const screen = await openXterm(element)
      if (signal.aborted) return screen.dispose()
      const change = (changed: Partial<PaneStatus>) => setStatus((before) => ({ ...before, ...changed }))
      const connection = connect(agentId, sessionId, screen, callbacks, change)
      takeChords(
        screen.terminal,
        () => ({}),
        (action) => run(action) || (callbacks.current.onAction?.(action) ?? false),
      )
      const observer = new ResizeObserver(() => screen.fit())
      observer.observe(element)
      signal.addEventListener('abort', () => {
        observer.disconnect()
        connection.close()
        screen.dispose()
      })
      if (autoFocus) screen.terminal.focus()
      setPane({ screen, connection })
    }
    if (place.current) void open(place.current)
    return () => closing.abort()
  }, [agentId, sessionId])

  const closeSearch = () => {
    setSearching(false)
    pane?.screen.terminal.focus()
  }

  return (
    <section
      aria-label={`Terminal of ${props.workspaceName}`}
      className="flex min-h-0 flex-1 flex-col"
      data-terminal-state={state.kind}
      onFocus={() => callbacks.current.onFocus?.()}
    >
      <div className="relative min-h-0 flex-1 overflow-clip bg-terminal">
        {isSearching && pane && <TerminalSearch search={pane.screen.search} onClose={closeSearch} />}
        <div
          ref={place}
          className={classNames(
            'absolute inset-0 pt-2 pl-3',
            state.kind === 'reconnecting' && 'opacity-60',
            state.kind === 'exited' && 'opacity-80',
          )}
        />
      </div>
      {/* Below the terminal, not over it: its last lines are what one wants to read. */}
      {state.kind === 'exited' && (
        <EndedSession code={state.code} signal={state.signal} onNewSession={props.onNewSession} />
      )}
    </section>
  )
}

function connect(
  agentId: string,
  sessionId: string,
  screen: XtermScreen,
  callbacks: { readonly current: TerminalPaneProps },
  change: (changed: Partial<PaneStatus>) => void,
): TerminalConnection {
  const { terminal } = screen
  const connection = connectTerminal({
    url: ({ cols, rows }) =>
      socketUrl(
        client.url(openPty, {
          params: { workspaceagent: agentId },
          query: {
            reconnect: sessionId,
            width: cols,
            height: rows,
            protocol: '2',
            ...(callbacks.current.isReadOnly ? { read_only: 'true' as const } : {}),
            ...(callbacks.current.profileId ? { profile: callbacks.current.profileId } : {}),
          },
        }),
      ),
    screen,
    onState(state) {
      change({ state })
      if (state.kind === 'exited') callbacks.current.onSessionsChanged()
    },
    onAttached: () => callbacks.current.onSessionsChanged(),
  })
  const type = (data: string | Uint8Array) => {
    connection.input(data)
    callbacks.current.onInput?.(data)
  }
  terminal.onData(type)
  // Bytes that are not text, from some mouse protocols.
  terminal.onBinary((data) => type(Uint8Array.from(data, (char) => char.charCodeAt(0))))
  terminal.onResize(() => connection.resize())
  terminal.onTitleChange((title) => change({ title }))
  terminal.onBell(() => callbacks.current.onBell?.())
  return connection
}

function EndedSession({ code, signal, onNewSession }: { code: number; signal: number; onNewSession: () => void }) {
  const button = useRef<HTMLButtonElement>(null)
  // Enter starts again: the key that ends a shell by `exit` is under the finger.
  useEffect(() => button.current?.focus({ preventScroll: true }), [])
  const how = signal ? ` by signal ${signal}` : code === 0 ? '' : ` with code ${code}`
  return (
    <div className="flex shrink-0 flex-wrap items-center gap-3 border-t border-line bg-surface px-4 py-3">
      <p className="min-w-0 flex-1">The session has ended{how}. What it printed stays above.</p>
      <Button ref={button} look="primary" onClick={onNewSession}>
        Start a new session <Kbd onAccent>↵</Kbd>
      </Button>
    </div>
  )
}
