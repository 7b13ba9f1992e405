// One terminal: its header with the badge, the xterm below, search over it and what to press once it has ended. The
// bytes go from terminal-connection to xterm and never through React.

import { RotateCw, Search } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import { openPty } from '../../api/agents.ts'
import { client, socketUrl } from '../api/client.ts'
import { Button } from '../components/button.tsx'
import { classNames } from '../components/class-names.ts'
import { Kbd } from '../components/kbd.tsx'
import { StatusDot, type Tone } from '../components/status-dot.tsx'
import { Tooltip } from '../components/tooltip.tsx'
import { modifier } from '../desktop.ts'
import { TerminalBadge } from './terminal-badge.tsx'
import { connectTerminal, type TerminalConnection, type TerminalState } from './terminal-connection.ts'
import { takeChords } from './terminal-keys.ts'
import { TerminalSearch } from './terminal-search.tsx'
import { openXterm, type XtermScreen } from './xterm-screen.ts'

export interface TerminalPaneProps {
  readonly agentId: string
  readonly sessionId: string
  readonly workspaceName: string
  /** Until the program inside says its own title. */
  readonly title: string
  readonly onNewSession: () => void
  /** Called when the agent's list of sessions may have changed. */
  readonly onSessionsChanged: () => void
}

const connecting: TerminalState = { kind: 'connecting' }

const tones: Record<TerminalState['kind'], Tone> = {
  connecting: 'changing',
  live: 'running',
  reconnecting: 'attention',
  exited: 'stopped',
}

/** Attaches to one session for as long as it is there; another session is another pane (`key`). */
export default function TerminalPane(props: TerminalPaneProps) {
  const { agentId, sessionId } = props
  const place = useRef<HTMLDivElement>(null)
  const callbacks = useRef(props)
  callbacks.current = props
  const [state, setState] = useState(connecting)
  const [title, setTitle] = useState('')
  const [screen, setScreen] = useState<XtermScreen>()
  const [isSearching, setSearching] = useState(false)
  const connection = useRef<TerminalConnection>(undefined)

  useEffect(() => {
    const closing = new AbortController()
    const { signal } = closing
    const open = async () => {
      if (!place.current) return
      const opened = await openXterm(place.current)
      signal.addEventListener('abort', () => opened.dispose())
      if (signal.aborted) return opened.dispose()
      const connected = connectTerminal({
        url: ({ cols, rows }) =>
          socketUrl(
            client.url(openPty, {
              params: { workspaceagent: agentId },
              query: { reconnect: sessionId, width: cols, height: rows, protocol: '2' },
            }),
          ),
        screen: opened,
        onState(next) {
          setState(next)
          if (next.kind === 'exited') callbacks.current.onSessionsChanged()
        },
        onAttached: () => callbacks.current.onSessionsChanged(),
      })
      connection.current = connected
      signal.addEventListener('abort', () => connected.close())
      opened.terminal.onData((data) => connected.input(data))
      opened.terminal.onBinary((data) => connected.input(Uint8Array.from(data, (char) => char.charCodeAt(0))))
      opened.terminal.onResize(() => connected.resize())
      opened.terminal.onTitleChange(setTitle)
      takeChords(opened.terminal, {
        find: () => setSearching(true),
        newTerminal: () => callbacks.current.onNewSession(),
      })
      const observer = new ResizeObserver(() => opened.fit())
      observer.observe(place.current)
      signal.addEventListener('abort', () => observer.disconnect())
      opened.terminal.focus()
      setScreen(opened)
    }
    void open()
    return () => closing.abort()
  }, [agentId, sessionId])

  const closeSearch = () => {
    setSearching(false)
    screen?.terminal.focus()
  }

  return (
    <section aria-label={`Terminal of ${props.workspaceName}`} className="flex min-h-0 min-w-0 flex-1 flex-col">
      <header className="flex h-8 shrink-0 items-center gap-2 border-b border-line bg-sunken px-3 text-xs">
        <StatusDot tone={tones[state.kind]} />
        <span className="truncate font-semibold">{props.workspaceName}</span>
        <span className="min-w-0 flex-1 truncate text-muted" dir="auto">
          {title || props.title}
        </span>
        {state.kind === 'reconnecting' && (
          <Button look="quiet" size="small" className="h-6" onClick={() => connection.current?.retry()}>
            <RotateCw className="size-3.5" aria-hidden /> Retry now
          </Button>
        )}
        <span role="status">
          <TerminalBadge state={state} />
        </span>
        <Tooltip text="Find" keys={`${modifier}${modifier === '⌘' ? '' : 'Shift+'}F`}>
          <Button
            look="quiet"
            size="icon-small"
            className="size-6"
            aria-label="Find"
            onClick={() => setSearching(true)}
          >
            <Search className="size-3.5" aria-hidden />
          </Button>
        </Tooltip>
      </header>
      <div className="relative min-h-0 flex-1 bg-terminal" data-terminal-state={state.kind}>
        {isSearching && screen && <TerminalSearch search={screen.search} onClose={closeSearch} />}
        <div
          ref={place}
          className={classNames(
            'absolute inset-0 pt-2 pl-3',
            state.kind === 'reconnecting' && 'opacity-60',
            state.kind === 'exited' && 'opacity-80',
          )}
        />
        {state.kind === 'exited' && (
          <EndedSession code={state.code} signal={state.signal} onNewSession={props.onNewSession} />
        )}
      </div>
    </section>
  )
}

function EndedSession({ code, signal, onNewSession }: { code: number; signal: number; onNewSession: () => void }) {
  const button = useRef<HTMLButtonElement>(null)
  // Enter starts again: the key that ends a shell by `exit` is under the finger.
  useEffect(() => button.current?.focus(), [])
  return (
    <div className="absolute inset-x-0 bottom-0 flex flex-wrap items-center gap-3 border-t border-line bg-surface px-4 py-3">
      <p className="min-w-0 flex-1">
        The session has ended{signal ? ` by signal ${signal}` : code === 0 ? '' : ` with code ${code}`}. What it printed
        stays above.
      </p>
      <Button ref={button} look="primary" onClick={onNewSession}>
        Start a new session <Kbd onAccent>↵</Kbd>
      </Button>
    </div>
  )
}
