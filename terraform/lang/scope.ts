// What an expression may refer to. The evaluator knows `for` variables by itself; everything else it asks a scope.

import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import type { Range } from '../diagnostics/source.ts'
import type { Value } from '../values/value.ts'
import type { FunctionTable, LanguageFunction } from './function.ts'
import type { Limits } from './limits.ts'

export interface Step {
  readonly name: string
  readonly range: Range
  /** With the dot before it; the first step has none. */
  readonly stepRange?: Range
}

/** A name and the plain attribute names behind it: `data.coder_workspace.me.name`. Never empty. */
export type Reference = readonly Step[]

export interface Resolved {
  readonly value: Value
  /** How many steps the value stands for; the evaluator takes the rest from the value. */
  readonly consumed: number
}

export interface Scope {
  /** Tells what is wrong with the reference through `report`, and then gives an unknown value. */
  resolve(reference: Reference, report: (diagnostic: Diagnostic) => void): Resolved
  /** Folder that file functions start from, and the only one they read unless more is allowed. */
  readonly moduleDir: string
  readonly mayReadOutsideModule: boolean
  /** Folders that may be read beside it: those of modules that come with the deployment. */
  readonly alsoReadable?: readonly string[] | undefined
  /** False where a value must be written out. */
  readonly mayCall?: boolean | undefined
  /** While a plan is made, `timestamp`, `uuid` and the like are not known yet. */
  readonly isPlanning?: boolean | undefined
  /** What `plantimestamp` gives; it is unknown without. */
  readonly planTime?: Date | undefined
  /** What may be called, where that is something else than Terraform's own functions. */
  readonly functions?: FunctionTable | undefined
  /** What `provider::…` names: null where the provider has none of this name, undefined where there is no provider. */
  readonly providerFunction?: ((name: string) => LanguageFunction | null | undefined) | undefined
  readonly limits: Limits
  /** Told when something was asked that is of this run only: the time, chance, a file. */
  markUncacheable?: (() => void) | undefined
  /** What earlier runs have given, where that may be used. */
  readonly cache?: ScopeCache | undefined
}

export interface Outcome {
  readonly value: Value
  readonly diagnostics: readonly Diagnostic[]
}

export interface ScopeCache {
  /** What came of a part of the template when all that it refers to was as it is now; else evaluates it.
   *  `about` is what else it depends on. */
  getOrEvaluate<T extends Outcome>(part: object, scope: Scope, evaluate: (scope: Scope) => T, about?: object): T
}

/** From the first step up to as many as are said. */
export function spanOf(reference: Reference, length: number): Range {
  const first = reference[0]?.range ?? noRange
  const last = reference[Math.min(length, reference.length) - 1]?.range ?? first
  return { ...first, end: last.end }
}

const noRange: Range = { file: '', start: 0, end: 0 }
