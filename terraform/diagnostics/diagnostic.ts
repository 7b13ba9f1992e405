// Errors and warnings about a template, with their source range. They are collected in lists next to results: code in
// `terraform/` never throws because of the contents of a template.

import type { Range } from './source.ts'

export interface Diagnostic {
  readonly severity: 'error' | 'warning'
  /** One short line without a full stop. */
  readonly summary: string
  /** What happened, why, and what to do next. */
  readonly detail: string
  readonly range?: Range
  /** The resource instance that the diagnostic is about, such as `host_process.agent[0]`. */
  readonly address?: string
  /** Values of the references in the failed expression, without sensitive ones. */
  readonly values?: readonly NamedValue[]
  /** The function whose call failed. */
  readonly calledFunction?: CalledFunction
}

export interface NamedValue {
  /** `var.names[0]` */
  readonly traversal: string
  /** `is "otter"` */
  readonly statement: string
}

export interface CalledFunction {
  readonly calledAs: string
  /** Undefined for an unknown function. */
  readonly signature: FunctionSignature | undefined
}

export interface FunctionSignature {
  readonly name: string
  readonly params: readonly SignatureParameter[]
  readonly variadicParam: SignatureParameter | undefined
  /** Encoded by `typeToJson`, as are the parameter types. */
  readonly returnType: unknown
}

export interface SignatureParameter {
  readonly name: string
  readonly type: unknown
}

export function errorAt(range: Range | undefined, summary: string, detail: string): Diagnostic {
  return { severity: 'error', summary, detail, ...(range && { range }) }
}

export const hasErrors = (diagnostics: readonly Diagnostic[]): boolean =>
  diagnostics.some((diagnostic) => diagnostic.severity === 'error')

/** Keeps one of several diagnostics with the same text and range. */
export function withoutDuplicates(diagnostics: readonly Diagnostic[]): Diagnostic[] {
  const unique = new Map(
    diagnostics.map((found) => [JSON.stringify([found.range, found.summary, found.detail]), found]),
  )
  return [...unique.values()]
}

// More are of no use to a reader, and a file of ten megabytes can contain a million errors.
export const maxReportedErrors = 1_000

/** Appends the new diagnostics; the error that reaches the limit is followed by a note, and later errors are dropped. */
export function addDiagnostics(to: Diagnostic[], added: readonly Diagnostic[]): void {
  if (added.length === 0) return
  let errors = to.filter(({ severity }) => severity === 'error').length
  for (const diagnostic of added) {
    if (diagnostic.severity !== 'error' || errors < maxReportedErrors) to.push(diagnostic)
    if (diagnostic.severity === 'error' && ++errors === maxReportedErrors)
      to.push(tooManyErrors(diagnostic, 'template'))
  }
}

/** The note in place of the errors that follow the last reported one. */
export function tooManyErrors(last: Diagnostic, where: 'file' | 'template'): Diagnostic {
  const detail = `Only the first ${maxReportedErrors} errors in this ${where} are shown.`
  return { ...last, summary: 'Too many errors', detail }
}
