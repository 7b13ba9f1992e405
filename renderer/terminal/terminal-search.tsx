// The search box over a terminal, with the count of what it found.

import type { SearchAddon } from '@xterm/addon-search'
import { ChevronDown, ChevronUp, X } from 'lucide-react'
import { useEffect, useState } from 'react'
import { Button } from '../components/button.tsx'
import { inputClass } from '../components/field.tsx'
import { searchOptions } from './xterm-screen.ts'

export function TerminalSearch({ search, onClose }: { search: SearchAddon; onClose: () => void }) {
  const [text, setText] = useState('')
  const [found, setFound] = useState({ resultIndex: -1, resultCount: 0 })

  useEffect(() => {
    const listening = search.onDidChangeResults(setFound)
    return () => {
      listening.dispose()
      search.clearDecorations()
    }
  }, [search])

  useEffect(() => {
    search.findNext(text, { ...searchOptions, incremental: true })
  }, [search, text])

  const next = () => search.findNext(text, searchOptions)
  const previous = () => search.findPrevious(text, searchOptions)

  return (
    <search className="absolute top-2 right-4 z-10 flex items-center gap-1 rounded-card border border-line-strong bg-surface p-1 shadow-float">
      <input
        // biome-ignore lint/a11y/noAutofocus: it was opened to be typed into
        autoFocus
        aria-label="Find in terminal"
        placeholder="Find"
        className={inputClass('w-44')}
        value={text}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === 'Escape') onClose()
          if (event.key === 'Enter') event.shiftKey ? previous() : next()
        }}
      />
      <span className="tabular w-16 text-center text-xs text-muted" role="status">
        {text === '' ? '' : found.resultCount === 0 ? 'none' : `${found.resultIndex + 1} of ${found.resultCount}`}
      </span>
      <Button look="quiet" size="icon-small" aria-label="Previous match" onClick={previous}>
        <ChevronUp className="size-4" aria-hidden />
      </Button>
      <Button look="quiet" size="icon-small" aria-label="Next match" onClick={next}>
        <ChevronDown className="size-4" aria-hidden />
      </Button>
      <Button look="quiet" size="icon-small" aria-label="Close search" onClick={onClose}>
        <X className="size-4" aria-hidden />
      </Button>
    </search>
  )
}
