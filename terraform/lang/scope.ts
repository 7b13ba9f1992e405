// Scopes resolve the references in expressions. The evaluator handles only `for` variables itself.

import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import type { Range } from '../diagnostics/source.ts'
import type { Value } from '../values/value.ts'
import type { FunctionTable, LanguageFunction } from './function.ts'
import type { Limits } from './limits.ts'

export interface Step {
  readonly name: string
  readonly range: Range
  /** Includes the dot before the name; undefined for the first step. */
  readonly stepRange?: Range
}

/** A name followed by attribute names: `data.coder_workspace.me.name`. Never empty. */
export type Reference = readonly Step[]

export interface Resolved {
  readonly value: Value
  /** The number of steps that `value` covers; the evaluator applies the others to it. */
  readonly consumed: number
}

export interface Scope {
  /** Returns an unknown value after reporting an error. */
  resolve(reference: Reference, report: (diagnostic: Diagnostic) => void): Resolved
  readonly environment: Environment
  /** Called when a result depends on the time, random numbers or files. */
  markUncacheable?: (() => void) | undefined
  /** Results of earlier runs; undefined where nothing is cached. */
  readonly cache?: ScopeCache | undefined
}

/** The inputs of evaluation besides references. Scopes inside other scopes share it. */
export interface Environment {
  /** The base of relative paths in file functions, and the only readable folder unless the others allow more. */
  readonly moduleDir: string
  readonly mayReadOutsideModule: boolean
  /** Receives the paths outside the readable folders that file functions used. */
  readonly outsidePaths?: Set<string> | undefined
  /** False in static evaluation, which does not know the template's folder. */
  readonly mayReadFiles?: boolean | undefined
  /** Additional readable folders: modules that are bundled with the deployment. */
  readonly alsoReadable?: readonly string[] | undefined
  /** False where a literal value is required. */
  readonly allowsCalls?: boolean | undefined
  /** During planning, `timestamp`, `uuid` and similar functions return unknown values. */
  readonly isPlanning?: boolean | undefined
  /** The result of `plantimestamp`, which is unknown without it. */
  readonly planTime?: Date | undefined
  /** Replaces Terraform's functions. */
  readonly functions?: FunctionTable | undefined
  /** Finds `provider::…` functions: null if the provider has no such function, undefined without the provider. */
  readonly providerFunction?: ((name: string) => LanguageFunction | null | undefined) | undefined
  readonly limits: Limits
}

export interface EvaluationResult {
  readonly value: Value
  readonly diagnostics: readonly Diagnostic[]
}

export interface ScopeCache {
  /**
   * The cached result of a part of the template, if everything it refers to still has the same values; otherwise
   * evaluates the part. `context` is a further input, such as a schema.
   */
  getOrEvaluate<T extends EvaluationResult>(
    part: object,
    scope: Scope,
    evaluate: (scope: Scope) => T,
    context?: object,
  ): T
}

/** The range of the first `length` steps. */
export function referenceRange(reference: Reference, length: number): Range {
  const first = reference[0]?.range ?? noRange
  const last = reference[Math.min(length, reference.length) - 1]?.range ?? first
  return { ...first, end: last.end }
}

const noRange: Range = { file: '', start: 0, end: 0 }
