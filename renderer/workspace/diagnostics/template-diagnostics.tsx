// Diagnostics of the template, with their source position.

import type { FriendlyDiagnostic } from '../../../api/templates/template-versions.ts'
import { classNames } from '../../components/class-names.ts'
import { CodeExcerpt } from './code-excerpt.tsx'
import { parseDiagnostics, splitSourcePosition } from './diagnostics.ts'

export function TemplateDiagnostics({ diagnostics }: { diagnostics: readonly FriendlyDiagnostic[] }) {
  if (diagnostics.length === 0) return null
  return (
    <div className="mb-5 flex flex-col gap-3">
      {diagnostics.map((diagnostic) => (
        <DiagnosticCard key={`${diagnostic.summary}\n${diagnostic.detail}`} {...diagnostic} />
      ))}
    </div>
  )
}

function DiagnosticCard({ severity, summary, detail, extra }: FriendlyDiagnostic) {
  const isError = severity === 'error'
  const { text, position } = splitSourcePosition(detail)
  const excerpt = parseDiagnostics(extra.in_full ?? '')[0]?.excerpt ?? []
  return (
    <section
      role={isError ? 'alert' : 'status'}
      className={classNames(
        'overflow-hidden rounded-card border text-sm break-words',
        isError ? 'border-failed bg-failed-soft' : 'border-attention bg-attention-soft',
      )}
    >
      <div className="p-3">
        <p className="flex flex-wrap items-baseline gap-x-3">
          <span className="font-semibold">{summary}</span>
          {position && excerpt.length === 0 && <code className="text-xs text-muted">{position}</code>}
        </p>
        {text && <p className="mt-0.5 whitespace-pre-line">{text}</p>}
      </div>
      {excerpt.length > 0 && <CodeExcerpt position={position ?? ''} lines={excerpt} />}
    </section>
  )
}
