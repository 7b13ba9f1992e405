// What the template itself has to say about the answers, or what is wrong in it, with where in it.

import type { FriendlyDiagnostic } from '../../../api/template-versions.ts'
import { classNames } from '../../components/class-names.ts'
import { splitPlace } from '../../workspace/parameters.ts'

export function Problems({ diagnostics }: { diagnostics: readonly FriendlyDiagnostic[] }) {
  if (diagnostics.length === 0) return null
  return (
    <div className="mb-5 flex flex-col gap-3">
      {diagnostics.map((diagnostic) => (
        <Problem key={`${diagnostic.summary}\n${diagnostic.detail}`} {...diagnostic} />
      ))}
    </div>
  )
}

function Problem({ severity, summary, detail }: FriendlyDiagnostic) {
  const isError = severity === 'error'
  const { text, place } = splitPlace(detail)
  return (
    <section
      role={isError ? 'alert' : 'status'}
      className={classNames(
        'rounded-card border p-3 text-sm break-words',
        isError ? 'border-failed bg-failed-soft' : 'border-attention bg-attention-soft',
      )}
    >
      <p className="flex flex-wrap items-baseline gap-x-3">
        <span className="font-semibold">{summary}</span>
        {place && <code className="text-xs text-muted">{place}</code>}
      </p>
      {text && <p className="mt-0.5 whitespace-pre-line">{text}</p>}
    </section>
  )
}
