// What a function of the language is: its parameters and what it does with values that are already converted, known
// and without marks. The call itself (conversion, unknown values, marks) is made in ../call-function.ts.

import { dynamicType, type Type } from '../values/type.ts'
import type { Value } from '../values/value.ts'

export interface Parameter {
  readonly name: string
  readonly type: Type
  readonly mayBeNull?: boolean
  /** Which unknown values the function copes with itself; with any other its result is unknown.
   *  `inside`: elements of a collection, whose marks it then also keeps by itself. */
  readonly mayBeUnknown?: 'inside' | 'anywhere'
  /** Whether what stands behind it is looked at even while it is of no type yet. */
  readonly mayBeUntyped?: true
  /** What is marked inside of it marks the result as a whole, although it copes with unknown values. */
  readonly marksWhole?: true
  /** What a value must be of, where the type does not say it: asked while its content is not known. */
  readonly kinds?: readonly Type['kind'][]
}

export interface FunctionEnvironment {
  readonly moduleDir: string
  readonly mayReadOutsideModule: boolean
  /** Functions with another result in each call then return unknown values. */
  readonly isPlanning?: boolean | undefined
  /** The start of the plan. */
  readonly planTime?: Date | undefined
  readonly alsoReadable?: readonly string[] | undefined
  readonly providerFunction?: ((name: string) => LanguageFunction | null | undefined) | undefined
  /** For work that a template can ask for without limit: takes so many steps of the plan's, false when none are left. */
  spend(steps: number): boolean
  /** Called for a function of which a result holds for this run only. */
  markUncacheable(): void
  /** Renders a template with the variables; a problem is told instead when it fails. */
  render(text: string, file: string, variables: ReadonlyMap<string, Value>): Value | Failure
}

export interface LanguageFunction {
  readonly parameters: readonly Parameter[]
  /** Takes all further arguments. */
  readonly variadic?: Parameter
  /** Gets its arguments with their marks, and gives the result its own. */
  readonly handlesMarks?: boolean
  /** What it gives depends on the time, on chance or on files, or is a secret that nothing marks: not for a later run. */
  readonly isUncacheable?: boolean
  /** Of a result that is not known yet. */
  readonly returns: Type
  /** The same, where the arguments tell more, or tell already that there will be no result. */
  returnsFor?(args: readonly Value[]): Type | Failure | undefined
  /** A result that is not known yet may still turn out to be null. */
  readonly mayReturnNull?: true
  call(args: readonly Value[], environment: FunctionEnvironment): Value | Failure
}

/** Why a call has no result, as a sentence. */
export interface Failure {
  readonly failure: string
  /** The argument to blame. */
  readonly argument?: number
}

export const fail = (failure: string, argument?: number): Failure => ({
  failure,
  ...(argument !== undefined && { argument }),
})

export const isFailure = (result: Value | Type | Failure): result is Failure => 'failure' in result

export type FunctionTable = Readonly<Record<string, LanguageFunction>>

export const parameter = (name: string, type: Type = dynamicType): Parameter => ({ name, type })
export const nullable = (name: string, type: Type = dynamicType): Parameter => ({ name, type, mayBeNull: true })
export const anything = (name: string): Parameter => ({
  name,
  type: dynamicType,
  mayBeNull: true,
  mayBeUnknown: 'anywhere',
})
/** A collection whose elements may be unknown. */
export const collection = (name: string, type: Type = dynamicType): Parameter => ({
  name,
  type,
  mayBeUnknown: 'inside',
})
