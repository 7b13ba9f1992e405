// The interface of built-in functions: parameters, and an implementation that receives converted, known
// and unmarked values. evaluator/call-function.ts handles conversion, unknown values and marks.

import { dynamicType, type Type } from '../values/type.ts'
import type { Value } from '../values/value.ts'

export interface Parameter {
  readonly name: string
  readonly type: Type
  readonly mayBeNull?: boolean
  /** Which unknown values the function accepts; any other makes its result unknown.
   *  `inside`: elements of a collection, whose marks the function then also preserves. */
  readonly mayBeUnknown?: 'inside' | 'anywhere'
  /** Whether later arguments are checked even while this one has an unknown type. */
  readonly mayBeUntyped?: true
  /** Marks of nested values apply to the whole result, even if the function accepts unknown values. */
  readonly marksWhole?: true
  /** A type constraint beyond the parameter type, checked before the value is known. */
  readonly kinds?: readonly Type['kind'][]
}

export interface FunctionEnvironment {
  readonly moduleDir: string
  readonly mayReadOutsideModule: boolean
  readonly outsidePaths?: Set<string> | undefined
  readonly mayReadFiles?: boolean | undefined
  /** If set, non-deterministic functions return unknown values. */
  readonly isPlanning?: boolean | undefined
  /** The start of the plan. */
  readonly planTime?: Date | undefined
  readonly alsoReadable?: readonly string[] | undefined
  readonly providerFunction?: ((name: string) => LanguageFunction | null | undefined) | undefined
  /** Charges steps to the plan's budget for work of unbounded size; false when exhausted. */
  spend(steps: number): boolean
  /** Called for functions whose results are valid for this run only. */
  markUncacheable(): void
  /** Renders a template with the variables; reports an error on failure. */
  render(text: string, file: string, variables: ReadonlyMap<string, Value>): Value | Failure
}

export interface LanguageFunction {
  readonly parameters: readonly Parameter[]
  /** The variadic parameter. */
  readonly variadic?: Parameter
  /** The function receives marked arguments and marks its own result. */
  readonly handlesMarks?: boolean
  /** The result depends on time, randomness or files, or is an unmarked secret: not cacheable across runs. */
  readonly isUncacheable?: boolean
  /** The type of an unknown result. */
  readonly returns: Type
  /** A more precise type from the arguments, or an early error. */
  returnsFor?(args: readonly Value[]): Type | Failure | undefined
  /** An unknown result may become null. */
  readonly mayReturnNull?: true
  call(args: readonly Value[], environment: FunctionEnvironment): Value | Failure
}

/** The error message of a failed call, as a sentence. */
export interface Failure {
  readonly failure: string
  /** The index of the invalid argument. */
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
export const anyValue = (name: string): Parameter => ({
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
