// A few lines of a template, with carets under the range of a diagnostic.

import type { Excerpt } from './diagnostics.ts'

export function CodeExcerpt({ position, lines }: { position: string; lines: readonly Excerpt[] }) {
  return (
    <div className="overflow-x-auto bg-terminal px-5 py-4 font-mono text-sm text-terminal-text">
      <p className="mb-1 text-terminal-muted">{position}</p>
      {lines.map((line) => (
        <div key={line.line} className="grid w-max grid-cols-[auto_auto] gap-x-4">
          <span className="border-r border-terminal-muted/50 pr-3 text-right text-terminal-muted">{line.line}</span>
          <Code line={line} />
          {line.markEnd > line.markStart && (
            <>
              <span className="border-r border-terminal-muted/50" />
              <span aria-hidden className="whitespace-pre text-terminal-error">
                {line.text.slice(0, line.markStart).replace(/[^\t]/g, ' ')}
                {'^'.repeat(line.markEnd - line.markStart)}
              </span>
            </>
          )}
        </div>
      ))}
    </div>
  )
}

function Code({ line: { text, markStart, markEnd } }: { line: Excerpt }) {
  return (
    <code className="whitespace-pre">
      {text.slice(0, markStart)}
      <mark className="bg-transparent text-terminal-error">{text.slice(markStart, markEnd)}</mark>
      {text.slice(markEnd)}
    </code>
  )
}
