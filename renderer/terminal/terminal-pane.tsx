// One terminal attached to one session. The bytes go from terminal-connection to xterm and never through React; what
// React learns is how the connection is and what the program calls itself.

import { useEffect, useRef, useState } from 'react'
import { openPty } from '../../api/agents.ts'
import { client, socketUrl } from '../api/client.ts'
import { Button } from '../components/button.tsx'
import { classNames } from '../components/class-names.ts'
import { Kbd } from '../components/kbd.tsx'
import { connectTerminal, type TerminalConnection, type TerminalState } from './terminal-connection.ts'
import { takeChords } from './terminal-keys.ts'
import { TerminalSearch } from './terminal-search.tsx'
import { openXterm, type XtermScreen } from './xterm-screen.ts'

export interface TerminalPaneProps {
  readonly agentId: string
  readonly sessionId: string
  readonly workspaceName: string
  readonly state: TerminalState
  readonly isSearching: boolean
  readonly onState: (state: TerminalState) => void
  readonly onTitle: (title: string) => void
  readonly onSearching: (isSearching: boolean) => void
  readonly onNewSession: () => void
  /** Called when the agent's list of sessions may have changed. */
  readonly onSessionsChanged: () => void
  /** Called with the way to dial at once. */
  readonly onRetry: (retry: () => void) => void
}

/** Attaches for as long as it is there; another session is another pane (`key`). */
export default function TerminalPane(props: TerminalPaneProps) {
  const { agentId, sessionId, state } = props
  const place = useRef<HTMLDivElement>(null)
  const callbacks = useRef(props)
  callbacks.current = props
  const [screen, setScreen] = useState<XtermScreen>()

  useEffect(() => {
    const closing = new AbortController()
    const { signal } = closing
    const open = async (element: HTMLElement) => {
      const opened = await openXterm(element)
      if (signal.aborted) return opened.dispose()
      const connection = connect(agentId, sessionId, opened, callbacks)
      const observer = new ResizeObserver(() => opened.fit())
      observer.observe(element)
      signal.addEventListener('abort', () => {
        observer.disconnect()
        connection.close()
        opened.dispose()
      })
      opened.terminal.focus()
      setScreen(opened)
    }
    if (place.current) void open(place.current)
    return () => closing.abort()
  }, [agentId, sessionId])

  const closeSearch = () => {
    props.onSearching(false)
    screen?.terminal.focus()
  }

  return (
    <section
      aria-label={`Terminal of ${props.workspaceName}`}
      className="flex min-h-0 flex-1 flex-col"
      data-terminal-state={state.kind}
    >
      <div className="relative min-h-0 flex-1 overflow-clip bg-terminal">
        {props.isSearching && screen && <TerminalSearch search={screen.search} onClose={closeSearch} />}
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
): TerminalConnection {
  const { terminal } = screen
  const connection = connectTerminal({
    url: ({ cols, rows }) =>
      socketUrl(
        client.url(openPty, {
          params: { workspaceagent: agentId },
          query: { reconnect: sessionId, width: cols, height: rows, protocol: '2' },
        }),
      ),
    screen,
    onState(state) {
      callbacks.current.onState(state)
      if (state.kind === 'exited') callbacks.current.onSessionsChanged()
    },
    onAttached: () => callbacks.current.onSessionsChanged(),
  })
  terminal.onData((data) => connection.input(data))
  // Bytes that are not text, from some mouse protocols.
  terminal.onBinary((data) => connection.input(Uint8Array.from(data, (char) => char.charCodeAt(0))))
  terminal.onResize(() => connection.resize())
  terminal.onTitleChange((title) => callbacks.current.onTitle(title))
  takeChords(terminal, {
    find: () => callbacks.current.onSearching(true),
    newTerminal: () => callbacks.current.onNewSession(),
  })
  callbacks.current.onRetry(() => connection.retry())
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
