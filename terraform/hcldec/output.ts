// The program's output: values, references and diagnostics in the JSON format of HCL's own program, and diagnostics as
// text.

import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import { lineAt, type Position, positionAt, type Range, type Source } from '../diagnostics/source.ts'
import { parseFile } from '../hcl/parse-body.ts'
import type { Traversal, TraversalStep } from '../hcl/traversal.ts'
import { getAttribute, getIndex } from '../lang/evaluator/access.ts'
import { parseWithRawNumbers } from '../values/exact-json.ts'
import { encodeJson, escapeHtml } from '../values/json.ts'
import { typeToJson } from '../values/type.ts'
import { isFullyKnown, string, typeOf, type Value } from '../values/value.ts'

const indented = (data: unknown): string => `${escapeHtml(JSON.stringify(data, null, 2))}\n`

interface ValueOptions {
  readonly withType: boolean
  /** If false, null properties are omitted. */
  readonly keepsNulls: boolean
}

/** Undefined for unknown values. */
export function valueToText(value: Value, { withType, keepsNulls }: ValueOptions): string | undefined {
  if (!isFullyKnown(value)) return undefined
  const type = typeOf(value)
  // The type of a null can be dynamic; then it is omitted.
  if (!withType || type.kind === 'dynamic') return `${keepsNulls ? encodeJson(value) : encodeWithoutNulls(value)}\n`
  const typeJson = escapeHtml(JSON.stringify(typeToJson(type)))
  if (keepsNulls) return `{"value":${encodeJson(value)},"type":${typeJson}}\n`
  // HCL's program also sorts the properties when it omits nulls.
  const valuePart = value.kind === 'null' ? '' : `,"value":${encodeWithoutNulls(value)}`
  return `{"type":${typeJson}${valuePart}}\n`
}

function encodeWithoutNulls(value: Value): string {
  switch (value.kind) {
    case 'list':
    case 'set':
    case 'tuple':
      return `[${value.elements.map(encodeWithoutNulls).join(',')}]`
    case 'map':
    case 'object':
      return `{${[...value.entries]
        .filter(([, entry]) => entry.kind !== 'null')
        .map(([key, entry]) => `${encodeJson(string(key))}:${encodeWithoutNulls(entry)}`)
        .join(',')}}`
    default:
      return encodeJson(value)
  }
}

const toData = (value: Value): unknown => parseWithRawNumbers(encodeJson(value))

/** @param variables Values that the output includes if they are known. */
export function referencesToText(
  references: readonly Traversal[],
  variables: ReadonlyMap<string, Value>,
  sources: readonly Source[],
): string {
  const data = references.map((traversal) => {
    const value = follow(traversal, variables)
    const [first] = traversal as [TraversalStep]
    const last = traversal.at(-1) ?? first
    return {
      root_name: first.kind === 'index' ? '' : first.name,
      ...(value && isFullyKnown(value) && { value: toData(value) }),
      steps: traversal.map((step) => stepToJson(step, sources)),
      range: rangeToJson({ ...first.range, end: last.range.end }, sources),
    }
  })
  return indented(data)
}

function stepToJson(step: TraversalStep, sources: readonly Source[]) {
  const range = rangeToJson(step.range, sources)
  if (step.kind === 'index') return { kind: 'index', key: toData(step.key), range }
  return { kind: step.kind === 'root' ? 'root' : 'attr', name: step.name, range }
}

/** Undefined if the reference cannot be resolved. */
function follow(traversal: Traversal, variables: ReadonlyMap<string, Value>): Value | undefined {
  let value: Value | undefined
  for (const step of traversal) {
    if (step.kind === 'root') value = variables.get(step.name)
    else if (value) {
      const next = step.kind === 'index' ? getIndex(value, step.key) : getAttribute(value, step.name)
      value = 'problem' in next ? undefined : next
    }
    if (!value) return undefined
  }
  return value
}

interface RangeJson {
  readonly filename: string
  readonly start: Position
  readonly end: Position
}

function rangeToJson({ file, start, end }: Range, sources: readonly Source[]): RangeJson {
  const text = sources.find((source) => source.file === file)?.text ?? ''
  const toPosition = file.endsWith('.json') ? positionInJson : positionAt
  return { filename: file, start: toPosition(text, start), end: toPosition(text, end) }
}

/** In JSON, HCL counts a tab as two columns. */
function positionInJson(text: string, offset: number): Position {
  const position = positionAt(text, offset)
  const tabs = text.slice(lineAt(text, offset).start, offset).split('\t').length - 1
  return { ...position, column: position.column + tabs }
}

export function diagnosticsToJson(diagnostics: readonly Diagnostic[], sources: readonly Source[]): string {
  const data = diagnostics.map(({ severity, summary, detail, range }) => ({
    severity,
    summary,
    detail,
    ...(range && { subject: rangeToJson(range, sources) }),
  }))
  return indented({ diagnostics: data })
}

export function diagnosticsToText(diagnostics: readonly Diagnostic[], sources: readonly Source[]): string {
  return diagnostics.map((diagnostic) => diagnosticToText(diagnostic, sources)).join('')
}

function diagnosticToText({ severity, summary, detail, range }: Diagnostic, sources: readonly Source[]): string {
  const headline = `${severity === 'error' ? 'Error' : 'Warning'}: ${summary}\n\n`
  const source = range && sources.find(({ file }) => file === range.file)
  if (!range || !source) return `${headline}${detail}\n\n`
  const { line } = positionAt(source.text, range.start)
  const context = contextOf(source, range.start)
  const location = `  on ${range.file} line ${line}${context ? `, in ${context}` : ''}:\n`
  const excerpt = `${String(line).padStart(4)}: ${lineAt(source.text, range.start).text}\n`
  return `${headline}${location}${excerpt}\n${detail}\n\n`
}

/** The header of the outermost enclosing block. */
function contextOf(source: Source, offset: number): string | undefined {
  if (source.file.endsWith('.json')) return undefined
  const { blocks } = parseFile(source).value
  const block = blocks.find(({ range }) => range.start <= offset && offset <= range.end)
  return block && [block.type, ...block.labels.map(({ text }) => JSON.stringify(text))].join(' ')
}
