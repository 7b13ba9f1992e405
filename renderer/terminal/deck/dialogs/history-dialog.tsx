// Searches the user's command history across workspaces. Enter inserts a command into the active terminal without running
// it.

import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query'
import { Copy, CornerDownLeft, History, Trash2 } from 'lucide-react'
import { type KeyboardEvent, type UIEvent, useDeferredValue, useEffect, useRef, useState } from 'react'
import type { StoredCommand } from '../../../../api/agents/terminals.ts'
import { commandsQuery, deleteCommand } from '../../../api/terminal-commands.ts'
import { Button } from '../../../components/button.tsx'
import { classNames } from '../../../components/class-names.ts'
import { copyText } from '../../../components/copy-text.ts'
import { Dialog } from '../../../components/dialog.tsx'
import { Kbd } from '../../../components/kbd.tsx'
import { Delayed, Skeleton } from '../../../components/skeleton.tsx'
import { StatusDot } from '../../../components/status-dot.tsx'
import { Ago, duration } from '../../../components/time.tsx'
import { describeError } from '../../../describe-error.ts'
import { notify, notifyFailure } from '../../../notices.ts'
import { currentLayout } from '../../layout/current-layout.ts'
import { getActivePane } from '../../layout/window-layout.ts'
import { cleanCommand } from '../../pane/paste.ts'
import { closeDialog, paneHandles } from '../state/deck-state.ts'

export default function HistoryDialog() {
  const [text, setText] = useState('')
  const [index, setIndex] = useState(0)
  const search = useDeferredValue(text.trim())
  const pages = useInfiniteQuery(commandsQuery(search))
  const commands = pages.data?.pages.flatMap((page) => page.commands) ?? []
  const selected = commands[Math.min(index, commands.length - 1)]

  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 }[event.key]
    if (step !== undefined) {
      event.preventDefault()
      setIndex((before) => Math.max(0, Math.min(commands.length - 1, before + step)))
    } else if (event.key === 'Enter' && selected) {
      event.preventDefault()
      insert(selected)
    }
  }
  const onScroll = ({ currentTarget: list }: UIEvent) => {
    const isNearEnd = list.scrollTop + list.clientHeight > list.scrollHeight - 200
    if (isNearEnd && pages.hasNextPage && !pages.isFetchingNextPage) void pages.fetchNextPage()
  }
  return (
    <Dialog open onOpenChange={closeDialog} title="Command history" className="max-w-[760px]">
      <label className="-mt-1 flex h-10 items-center gap-3 rounded-control border border-line-control bg-surface px-3">
        <History className="size-4 shrink-0 text-muted" aria-hidden />
        <input
          autoFocus
          aria-label="Search commands and folders"
          placeholder="Search commands and folders"
          className="h-full flex-1 bg-transparent text-base outline-none"
          value={text}
          onChange={(event) => {
            setText(event.target.value)
            setIndex(0)
          }}
          onKeyDown={onKeyDown}
        />
      </label>
      <div className="mt-3 h-[min(440px,50vh)] overflow-y-auto" onScroll={onScroll}>
        {pages.isError && <p className="p-3 text-failed-text">{describeError(pages.error).message}</p>}
        {pages.isPending && (
          <Delayed>
            <Skeleton className="m-2 h-8" />
            <Skeleton className="m-2 h-8" />
          </Delayed>
        )}
        {pages.isSuccess && commands.length === 0 && (
          <p className="px-3 py-10 text-center text-muted">
            {search ? 'No results' : 'The history is empty. Commands are recorded in shells with shell integration.'}
          </p>
        )}
        <ul>
          {commands.map((command, position) => (
            <Row
              key={command.id}
              command={command}
              isSelected={command === selected}
              onHover={() => setIndex(position)}
              onDeleted={() => void pages.refetch()}
            />
          ))}
        </ul>
      </div>
      {selected && <SelectedCommand command={cleanCommand(selected.command)} />}
      <footer className="mt-3 flex flex-wrap gap-4 border-t border-line pt-3 text-xs text-muted">
        <span className="flex items-center gap-1.5">
          <Kbd>↑↓</Kbd> select
        </span>
        <span className="flex items-center gap-1.5">
          <Kbd>↵</Kbd> insert into the terminal
        </span>
        <span className="flex items-center gap-1.5">
          <Kbd>Esc</Kbd> close
        </span>
      </footer>
    </Dialog>
  )
}

/** The whole text that is inserted: the list shows its first two lines. */
function SelectedCommand({ command }: { command: string }) {
  const lines = command.split('\n').length
  return (
    <section aria-label="Selected command" className="mt-3">
      <pre className="max-h-32 min-h-9 overflow-y-auto rounded-control bg-terminal px-3 py-2 text-xs leading-5 break-all whitespace-pre-wrap text-terminal-text">
        {command}
      </pre>
      {lines > 1 && <p className="mt-1 text-xs text-muted">{lines} lines</p>}
    </section>
  )
}

/** Inserts the command into the active terminal without running it; without a terminal, copies it. */
function insert({ command }: StoredCommand): void {
  closeDialog()
  const layout = currentLayout()
  const pane = layout && getActivePane(layout)
  const handle = pane && paneHandles.get(pane.session_id)
  if (!handle) {
    copy(cleanCommand(command))
    return
  }
  handle.insertCommand(command)
  handle.focus()
}

const copy = (command: string): void => {
  void copyText(command)
  notify('Copied command')
}

interface RowProps {
  readonly command: StoredCommand
  readonly isSelected: boolean
  readonly onHover: () => void
  readonly onDeleted: () => void
}

function Row({ command, isSelected, onHover, onDeleted }: RowProps) {
  const row = useRef<HTMLLIElement>(null)
  const cache = useQueryClient()
  const remove = useMutation({
    mutationFn: () => deleteCommand(command.id),
    onSuccess() {
      void cache.invalidateQueries({ queryKey: ['commands'] })
      onDeleted()
    },
    onError: (error) => notifyFailure('Could not delete the command', error),
  })
  useEffect(() => {
    if (isSelected) row.current?.scrollIntoView({ block: 'nearest' })
  }, [isSelected])
  const { exit_code: exit } = command
  const text = cleanCommand(command.command)
  return (
    <li
      ref={row}
      aria-current={isSelected}
      className={classNames('group flex items-center rounded-control', isSelected && 'bg-accent-soft')}
    >
      <button
        type="button"
        tabIndex={-1}
        onMouseMove={isSelected ? undefined : onHover}
        onClick={() => insert(command)}
        className="flex min-w-0 flex-1 items-start gap-3 px-2.5 py-1.5 text-left"
      >
        <StatusDot tone={exit === null ? 'stopped' : exit === 0 ? 'running' : 'failed'} className="mt-1" />
        <span className="min-w-0 flex-1">
          <code className="line-clamp-2 text-sm break-all whitespace-pre-wrap">{text}</code>
          <span className="tabular mt-0.5 flex gap-3 truncate text-xs text-muted">
            <span>{command.workspace_name}</span>
            <span className="min-w-0 truncate" dir="auto">
              {command.cwd}
            </span>
            <span>{duration(command.duration_ms)}</span>
            {exit !== null && exit !== 0 && <span className="text-failed-text">exit status {exit}</span>}
          </span>
        </span>
        <span className="shrink-0 text-xs text-muted">
          <Ago at={command.started_at} />
        </span>
      </button>
      <span className={classNames('flex shrink-0 pr-1', !isSelected && 'opacity-0 group-hover:opacity-100')}>
        <Button variant="quiet" size="icon-small" aria-label="Insert into the terminal" onClick={() => insert(command)}>
          <CornerDownLeft className="size-4" aria-hidden />
        </Button>
        <Button variant="quiet" size="icon-small" aria-label="Copy command" onClick={() => copy(text)}>
          <Copy className="size-4" aria-hidden />
        </Button>
        <Button
          variant="quiet"
          size="icon-small"
          aria-label="Delete command"
          busy={remove.isPending}
          onClick={() => remove.mutate()}
        >
          <Trash2 className="size-4" aria-hidden />
        </Button>
      </span>
    </li>
  )
}
