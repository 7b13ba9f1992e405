// The functions of specifications, and functions that a specification defines for the decoded files.

import { characterCount, type Range } from '../diagnostics/source.ts'
import type { Expression } from '../hcl/ast.ts'
import { getIndex } from '../lang/evaluator/access.ts'
import {
  type Failure,
  type FunctionTable,
  fail,
  type LanguageFunction,
  nullable,
  type Parameter,
  parameter,
} from '../lang/function.ts'
import { functions } from '../lang/functions/function-table.ts'
import { convert, failed } from '../values/convert.ts'
import { numFromBigInt, numToBigInt } from '../values/number.ts'
import { boolType, dynamicType, numberType, stringType } from '../values/type.ts'
import { unify } from '../values/unify.ts'
import { bool, int, number, tuple, typeOf, type Value } from '../values/value.ts'
import { evaluateIn } from './evaluation.ts'

/** Functions that equal Terraform's. Terraform's `reverse` is for lists, so `strrev` is used. */
const { abs, concat, jsondecode, jsonencode, lower, max, min, strrev, substr, upper } = functions as Record<
  string,
  LanguageFunction
>

export const specFunctions: FunctionTable = {
  ...withoutUndefined({ abs, concat, jsondecode, jsonencode, lower, max, min, reverse: strrev, substr, upper }),
  coalesce: {
    parameters: [],
    variadic: nullable('vals'),
    returns: dynamicType,
    call: coalesce,
  },
  hasindex: {
    parameters: [parameter('collection'), parameter('key')],
    returns: boolType,
    call: ([collection, key]) =>
      collection?.kind === 'object'
        ? fail('the first argument must be a list, a map or a tuple.')
        : bool(!('problem' in getIndex(collection as Value, key as Value))),
  },
  int: {
    parameters: [parameter('num', numberType)],
    returns: numberType,
    call: ([value]) => (value?.kind === 'number' ? number(numFromBigInt(numToBigInt(value.value))) : int(0)),
  },
  length: { parameters: [parameter('collection')], returns: numberType, call: lengthOf },
  strlen: {
    parameters: [parameter('str', stringType)],
    returns: numberType,
    call: ([text]) => int(text?.kind === 'string' ? characterCount(text.value) : 0),
  },
}

function withoutUndefined(table: Record<string, LanguageFunction | undefined>): FunctionTable {
  return Object.fromEntries(
    Object.entries(table).flatMap(([name, definition]) => (definition ? [[name, definition]] : [])),
  )
}

function coalesce(values: readonly Value[]): Value | Failure {
  const shared = unify(values.map(typeOf))
  if (!shared) return fail('all arguments must have the same type.')
  const first = values.find(({ kind }) => kind !== 'null')
  if (!first) return fail('all arguments are null.')
  const converted = convert(first, shared)
  return failed(converted) ? fail(`${converted.problem}.`) : converted
}

function lengthOf([collection]: readonly Value[]): Value | Failure {
  if (collection && 'elements' in collection) return int(collection.elements.length)
  if (collection?.kind === 'map') return int(collection.entries.size)
  return fail('the argument must be a list, a map, a set or a tuple.')
}

export interface FunctionDefinition {
  readonly parameters: readonly string[]
  readonly variadic: string | undefined
  readonly result: Expression
}

/** A function whose result is an expression with its parameters. */
export function definedFunction({ parameters, variadic: rest, result }: FunctionDefinition): LanguageFunction {
  const named = (name: string): Parameter => ({ name, type: dynamicType })
  return {
    parameters: parameters.map(named),
    ...(rest !== undefined && { variadic: named(rest) }),
    returns: dynamicType,
    call(args) {
      const variables = new Map(parameters.map((name, index) => [name, args[index] as Value]))
      if (rest !== undefined) variables.set(rest, tuple(args.slice(parameters.length)))
      let problem: { readonly summary: string; readonly detail: string; readonly range?: Range } | undefined
      const value = evaluateIn(result, { variables, functions: specFunctions }, (found) => {
        problem ??= found
      })
      return problem ? fail(`${problem.summary}; ${problem.detail}`) : value
    },
  }
}
