// The search box over a terminal, with the number of matches.

import type { ISearchOptions, SearchAddon } from '@xterm/addon-search'
import { CaseSensitive, ChevronDown, ChevronUp, Regex, WholeWord, X } from 'lucide-react'
import { type ReactNode, useEffect, useState } from 'react'
import { Button } from '../../components/button.tsx'
import { classNames } from '../../components/class-names.ts'
import { Tooltip } from '../../components/tooltip.tsx'
import { maxSearchMatches, searchOptions } from '../screen/xterm-screen.ts'

type SearchOption = 'caseSensitive' | 'wholeWord' | 'regex'

const noOptions: Record<SearchOption, boolean> = { caseSensitive: false, wholeWord: false, regex: false }
const noMatches = { resultIndex: -1, resultCount: 0 }

interface TerminalSearchProps {
  readonly search: SearchAddon
  readonly initialText: string
  readonly onClose: () => void
}

export function TerminalSearch({ search, initialText, onClose }: TerminalSearchProps) {
  const [text, setText] = useState(initialText)
  const [enabled, setEnabled] = useState(noOptions)
  const [matches, setMatches] = useState(noMatches)
  const isValid = !enabled.regex || isValidPattern(text)

  useEffect(() => {
    const listening = search.onDidChangeResults(setMatches)
    return () => {
      listening.dispose()
      search.clearDecorations()
    }
  }, [search])

  useEffect(() => {
    setMatches(noMatches)
    // The addon does not search the same text again after its options change.
    search.clearDecorations()
    if (isValid) search.findPrevious(text, { ...searchOptions, ...enabled, incremental: true })
  }, [search, text, enabled, isValid])

  const options: ISearchOptions = { ...searchOptions, ...enabled }
  const next = () => search.findNext(text, options)
  const previous = () => search.findPrevious(text, options)

  return (
    <search className="absolute top-2 right-3 z-20 flex max-w-[calc(100%-24px)] flex-wrap items-center justify-end gap-x-2 gap-y-1 rounded-card border border-line-strong bg-surface p-1 shadow-float">
      <input
        // biome-ignore lint/a11y/noAutofocus: the search box opens for typing
        autoFocus
        onFocus={(event) => event.target.select()}
        aria-label="Find in terminal"
        aria-invalid={!isValid}
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
        {isValid ? formatCount(text, matches) : 'Invalid pattern'}
      </span>
      <span className="flex gap-0.5">
        <OptionToggle option="caseSensitive" label="Match case" enabled={enabled} onChange={setEnabled}>
          <CaseSensitive className="size-4" aria-hidden />
        </OptionToggle>
        <OptionToggle option="wholeWord" label="Whole word" enabled={enabled} onChange={setEnabled}>
          <WholeWord className="size-4" aria-hidden />
        </OptionToggle>
        <OptionToggle option="regex" label="Regular expression" enabled={enabled} onChange={setEnabled}>
          <Regex className="size-4" aria-hidden />
        </OptionToggle>
      </span>
      <span className="flex gap-0.5">
        <Tooltip text="Previous match" keys="↵">
          <Button variant="quiet" size="icon-small" aria-label="Previous match" onClick={previous}>
            <ChevronUp className="size-4" aria-hidden />
          </Button>
        </Tooltip>
        <Tooltip text="Next match" keys="Shift+↵">
          <Button variant="quiet" size="icon-small" aria-label="Next match" onClick={next}>
            <ChevronDown className="size-4" aria-hidden />
          </Button>
        </Tooltip>
        <Button variant="quiet" size="icon-small" aria-label="Close search" onClick={onClose}>
          <X className="size-4" aria-hidden />
        </Button>
      </span>
    </search>
  )
}

function formatCount(text: string, { resultIndex, resultCount }: typeof noMatches): string {
  if (text === '') return ''
  if (resultCount === 0) return 'No results'
  if (resultIndex < 0) return `${maxSearchMatches}+`
  return `${resultIndex + 1} of ${resultCount}`
}

function isValidPattern(pattern: string): boolean {
  try {
    new RegExp(pattern)
    return true
  } catch {
    return false
  }
}

interface OptionToggleProps {
  option: SearchOption
  label: string
  enabled: Record<SearchOption, boolean>
  onChange: (enabled: Record<SearchOption, boolean>) => void
  children: ReactNode
}

function OptionToggle({ option, label, enabled, onChange, children }: OptionToggleProps) {
  return (
    <Tooltip text={label}>
      <button
        type="button"
        aria-label={label}
        aria-pressed={enabled[option]}
        onClick={() => onChange({ ...enabled, [option]: !enabled[option] })}
        className={classNames(
          'flex size-7 shrink-0 items-center justify-center rounded-sm',
          enabled[option] ? 'bg-accent-soft text-accent-text' : 'text-muted hover:bg-hover hover:text-text',
        )}
      >
        {children}
      </button>
    </Tooltip>
  )
}
