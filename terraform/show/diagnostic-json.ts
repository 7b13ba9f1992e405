// Diagnostics in the JSON format of `tofu validate -json` and `tofu test -json`, for editors and pipelines.

import type { CalledFunction, Diagnostic, NamedValue, SignatureParameter } from '../diagnostics/diagnostic.ts'
import { linesAround, type Position, positionAt, positionsOf, type Range, type Source } from '../diagnostics/source.ts'
import type { Block } from '../hcl/ast.ts'
import { parseFile } from '../hcl/parse-body.ts'

export interface DiagnosticJson {
  readonly severity: 'error' | 'warning'
  readonly summary: string
  readonly detail: string
  readonly address?: string
  readonly range?: { readonly filename: string; readonly start: Position; readonly end: Position }
  readonly snippet?: Snippet
}

export interface Snippet {
  /** The header of the outermost enclosing block, such as `variable "a"`. */
  readonly context: string | null
  /** Whole lines without the last line break; of very long lines, only the part near the range. */
  readonly code: string
  readonly start_line: number
  /** UTF-8 bytes from the start of `code`. */
  readonly highlight_start_offset: number
  readonly highlight_end_offset: number
  readonly values: readonly NamedValue[]
  readonly function_call?: {
    readonly called_as: string
    readonly signature?: {
      readonly name: string
      readonly params: readonly SignatureParameter[]
      readonly variadic_param?: SignatureParameter
      readonly return_type: unknown
    }
  }
}

export function diagnosticToJson(
  { severity, summary, detail, address, range, values = [], calledFunction }: Diagnostic,
  sources: readonly Source[],
): DiagnosticJson {
  const source = range && sources.find(({ file }) => file === range.file)
  return {
    severity,
    summary,
    detail,
    ...(address !== undefined && { address }),
    ...(source && {
      range: {
        filename: range.file,
        ...positionsOf(source.text, range),
      },
      snippet: { ...snippetOf(range, source), values, ...(calledFunction && functionCallOf(calledFunction)) },
    }),
  }
}

function functionCallOf({ calledAs, signature }: CalledFunction): Pick<Snippet, 'function_call'> {
  if (!signature) return { function_call: { called_as: calledAs } }
  const { name, params, variadicParam, returnType } = signature
  const variadic = variadicParam ? { variadic_param: variadicParam } : {}
  return { function_call: { called_as: calledAs, signature: { name, params, ...variadic, return_type: returnType } } }
}

function snippetOf(range: Range, source: Source): Omit<Snippet, 'values'> {
  const { start, end } = range
  const shown = linesAround(source.text, range)
  const code = source.text.slice(shown.start, shown.end)
  const bytesUpTo = (offset: number) => Buffer.byteLength(source.text.slice(shown.start, offset))
  return {
    context: contextAt(source, start),
    code,
    start_line: positionAt(source.text, shown.start).line,
    highlight_start_offset: bytesUpTo(start),
    highlight_end_offset: bytesUpTo(Math.min(end, shown.end)),
  }
}

// Often many diagnostics refer to one file.
let lastParsed: { readonly source: Source; readonly blocks: readonly Block[] } | undefined

function blocksOf(source: Source): readonly Block[] {
  if (lastParsed?.source !== source) lastParsed = { source, blocks: parseFile(source).value.blocks }
  return lastParsed.blocks
}

function contextAt(source: Source, offset: number): string | null {
  if (source.file.endsWith('.json')) return null
  const block = blocksOf(source).find(({ range }) => range.start <= offset && offset < range.end)
  if (!block) return null
  return [block.type, ...block.labels.map(({ text }) => JSON.stringify(text))].join(' ')
}
