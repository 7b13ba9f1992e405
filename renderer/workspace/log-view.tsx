// A live log: time, level and text of each line. Scrolls with new lines until the user scrolls away from the end.

import { ArrowDown, Copy, Download } from 'lucide-react'
import { type ReactNode, useEffect, useLayoutEffect, useRef, useState } from 'react'
import type { Log, LogLine } from '../api/log-stream.ts'
import { Badge } from '../components/badge.tsx'
import { Button } from '../components/button.tsx'
import { classNames } from '../components/class-names.ts'
import { copyText } from '../components/copy-text.ts'
import { Tooltip } from '../components/tooltip.tsx'

interface LogViewProps {
  title: string
  note?: ReactNode
  log: Log
  /** Shown while the log is empty. */
  emptyText: string
  /** Without extension. */
  fileName: string
  className?: string
}

// Earlier lines are not rendered; the download contains all of them.
const maxShownLines = 2000
// Scroll positions this close to the end count as the end.
const endSlackPx = 24

const time = new Intl.DateTimeFormat(undefined, {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  fractionalSecondDigits: 3,
  hour12: false,
})

const levelColors: Record<LogLine['level'], string> = {
  trace: 'text-terminal-muted',
  debug: 'text-terminal-muted',
  info: 'text-terminal-info',
  warn: 'text-terminal-warn',
  error: 'text-terminal-error',
}

const plainText = (lines: readonly LogLine[]): string =>
  lines.map((line) => `${line.created_at} ${line.level.padEnd(5)} ${line.output}`).join('\n')

// biome-ignore lint/suspicious/noControlCharactersInRegex: ANSI color sequences in program output
const stripColors = (text: string): string => text.replace(/\u001b\[[0-9;]*[A-Za-z]/g, '')

export function LogView({ title, note, log, emptyText, fileName, className }: LogViewProps) {
  const area = useRef<HTMLDivElement>(null)
  const [isFollowing, setFollowing] = useState(true)
  const shown = log.lines.slice(-maxShownLines)
  const hidden = log.lines.length - shown.length

  // biome-ignore lint/correctness/useExhaustiveDependencies: a new line is the reason to scroll
  useLayoutEffect(() => {
    if (isFollowing && area.current) area.current.scrollTop = area.current.scrollHeight
  }, [log.lines, isFollowing])

  // A new width changes the wrapping and so the scroll height.
  useEffect(() => {
    const element = area.current
    if (!isFollowing || !element) return
    const observer = new ResizeObserver(() => {
      element.scrollTop = element.scrollHeight
    })
    observer.observe(element)
    return () => observer.disconnect()
  }, [isFollowing])

  const onScroll = () => {
    const element = area.current
    if (element) setFollowing(element.scrollHeight - element.scrollTop - element.clientHeight < endSlackPx)
  }

  return (
    <section
      className={classNames('flex min-h-0 min-w-0 flex-col overflow-hidden rounded-card border border-line', className)}
    >
      <header className="flex h-9 shrink-0 items-center gap-2 border-b border-line bg-sunken pr-1.5 pl-3 text-sm">
        <h2 className="font-semibold">{title}</h2>
        {note && <span className="truncate text-muted">{note}</span>}
        <span className="ml-auto flex items-center gap-1">
          {log.state === 'interrupted' && <Badge variant="attention">reconnecting</Badge>}
          <Tooltip text="Copy the log">
            <Button
              variant="quiet"
              size="icon-small"
              aria-label="Copy the log"
              onClick={() => copyText(plainText(log.lines))}
            >
              <Copy className="size-4" aria-hidden />
            </Button>
          </Tooltip>
          <Tooltip text="Download the log">
            <Button
              variant="quiet"
              size="icon-small"
              aria-label="Download the log"
              onClick={() => download(`${fileName}.log`, plainText(log.lines))}
            >
              <Download className="size-4" aria-hidden />
            </Button>
          </Tooltip>
        </span>
      </header>
      <div className="relative min-h-0 flex-1 bg-terminal">
        <div
          ref={area}
          onScroll={onScroll}
          className="absolute inset-0 overflow-auto px-3 py-2.5"
          // biome-ignore lint/a11y/noNoninteractiveTabindex: scrollable content must be reachable by keyboard
          tabIndex={0}
          role="log"
          aria-label={title}
          aria-live="off"
        >
          {hidden > 0 && (
            <p className="pb-2 font-mono text-xs text-terminal-muted">
              {hidden} earlier lines are not shown. Download the log to read them.
            </p>
          )}
          {shown.length === 0 && <p className="font-mono text-xs text-terminal-muted">{emptyText}</p>}
          {shown.map((line) => (
            <Line key={line.id} line={line} />
          ))}
        </div>
        {!isFollowing && (
          <Button size="small" className="absolute right-4 bottom-3" onClick={() => setFollowing(true)}>
            <ArrowDown className="size-3.5" aria-hidden /> Follow
          </Button>
        )}
      </div>
    </section>
  )
}

function Line({ line }: { line: LogLine }) {
  return (
    <div className="flex gap-4 font-mono text-xs leading-[19px] text-terminal-text max-sm:gap-2.5">
      <time className="shrink-0 text-terminal-muted max-sm:hidden">{time.format(Date.parse(line.created_at))}</time>
      <span className={classNames('w-[5ch] shrink-0', levelColors[line.level])}>{line.level}</span>
      <span className="min-w-0 break-words whitespace-pre-wrap" dir="auto">
        {stripColors(line.output) || ' '}
      </span>
    </div>
  )
}

function download(name: string, text: string): void {
  const address = URL.createObjectURL(new Blob([text], { type: 'text/plain' }))
  const link = document.createElement('a')
  link.href = address
  link.download = name
  link.click()
  URL.revokeObjectURL(address)
}
