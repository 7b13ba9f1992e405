// The search box over a terminal, with the count of what it found.

import type { ISearchOptions, SearchAddon } from '@xterm/addon-search'
import { CaseSensitive, ChevronDown, ChevronUp, Regex, WholeWord, X } from 'lucide-react'
import { type ReactNode, useEffect, useState } from 'react'
import { Button } from '../../components/button.tsx'
import { classNames } from '../../components/class-names.ts'
import { Tooltip } from '../../components/tooltip.tsx'
import { maxSearchMatches, searchOptions } from '../screen/xterm-screen.ts'

type Way = 'caseSensitive' | 'wholeWord' | 'regex'

const noWay: Record<Way, boolean> = { caseSensitive: false, wholeWord: false, regex: false }
const nothing = { resultIndex: -1, resultCount: 0 }

interface TerminalSearchProps {
  readonly search: SearchAddon
  /** Looked for at first: what was selected. */
  readonly wanted: string
  readonly onClose: () => void
}

export function TerminalSearch({ search, wanted, onClose }: TerminalSearchProps) {
  const [text, setText] = useState(wanted)
  const [ways, setWays] = useState(noWay)
  const [found, setFound] = useState(nothing)
  const isPattern = !ways.regex || isValid(text)

  useEffect(() => {
    const listening = search.onDidChangeResults(setFound)
    return () => {
      listening.dispose()
      search.clearDecorations()
    }
  }, [search])

  useEffect(() => {
    setFound(nothing)
    // Also because the addon takes no note of another way to search the same.
    search.clearDecorations()
    if (isPattern) search.findPrevious(text, { ...searchOptions, ...ways, incremental: true })
  }, [search, text, ways, isPattern])

  const options: ISearchOptions = { ...searchOptions, ...ways }
  const next = () => search.findNext(text, options)
  const previous = () => search.findPrevious(text, options)

  return (
    <search className="absolute top-2 right-3 z-20 flex max-w-[calc(100%-24px)] flex-wrap items-center justify-end gap-x-2 gap-y-1 rounded-card border border-line-strong bg-surface p-1 shadow-float">
      <input
        // biome-ignore lint/a11y/noAutofocus: it was opened to be typed into
        autoFocus
        onFocus={(event) => event.target.select()}
        aria-label="Find in terminal"
        aria-invalid={!isPattern}
        placeholder="Find"
        className="h-7 w-40 min-w-16 flex-1 rounded-sm bg-transparent px-2 text-sm outline-none"
        value={text}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === 'Escape') onClose()
          if (event.key === 'Enter') event.shiftKey ? next() : previous()
        }}
      />
      <span className="tabular min-w-14 shrink-0 text-right text-xs whitespace-nowrap text-muted" role="status">
        {isPattern ? countOf(text, found) : 'no pattern'}
      </span>
      <span className="flex gap-0.5">
        <Toggle way="caseSensitive" label="Match case" ways={ways} onChange={setWays}>
          <CaseSensitive className="size-4" aria-hidden />
        </Toggle>
        <Toggle way="wholeWord" label="Whole word" ways={ways} onChange={setWays}>
          <WholeWord className="size-4" aria-hidden />
        </Toggle>
        <Toggle way="regex" label="Regular expression" ways={ways} onChange={setWays}>
          <Regex className="size-4" aria-hidden />
        </Toggle>
      </span>
      <span className="flex gap-0.5">
        <Tooltip text="Before" keys="↵">
          <Button look="quiet" size="icon-small" aria-label="Previous match" onClick={previous}>
            <ChevronUp className="size-4" aria-hidden />
          </Button>
        </Tooltip>
        <Tooltip text="After" keys="Shift+↵">
          <Button look="quiet" size="icon-small" aria-label="Next match" onClick={next}>
            <ChevronDown className="size-4" aria-hidden />
          </Button>
        </Tooltip>
        <Button look="quiet" size="icon-small" aria-label="Close search" onClick={onClose}>
          <X className="size-4" aria-hidden />
        </Button>
      </span>
    </search>
  )
}

function countOf(text: string, { resultIndex, resultCount }: typeof nothing): string {
  if (text === '') return ''
  if (resultCount === 0) return 'none'
  if (resultIndex < 0) return `${maxSearchMatches} or more`
  return `${resultIndex + 1} of ${resultCount}`
}

function isValid(pattern: string): boolean {
  try {
    new RegExp(pattern)
    return true
  } catch {
    return false
  }
}

interface ToggleProps {
  way: Way
  label: string
  ways: Record<Way, boolean>
  onChange: (ways: Record<Way, boolean>) => void
  children: ReactNode
}

function Toggle({ way, label, ways, onChange, children }: ToggleProps) {
  return (
    <Tooltip text={label}>
      <button
        type="button"
        aria-label={label}
        aria-pressed={ways[way]}
        onClick={() => onChange({ ...ways, [way]: !ways[way] })}
        className={classNames(
          'flex size-7 shrink-0 items-center justify-center rounded-sm',
          ways[way] ? 'bg-accent-soft text-accent-text' : 'text-muted hover:bg-hover hover:text-text',
        )}
      >
        {children}
      </button>
    </Tooltip>
  )
}
