// What a template file may refer to: only the variables that are given to it.

import { type Diagnostic, errorAt } from '../../diagnostics/diagnostic.ts'
import { unknown, type Value } from '../../values/value.ts'
import type { Reference, Scope, Step } from '../scope.ts'

export const unknownVariable = 'Unknown variable'

// Far from what the stack holds. What is rendered along a tree takes a few.
export const maxTemplateDepth = 50

/** In a template file only the variables given to it exist. */
export class TemplateFileScope implements Scope {
  readonly moduleDir: string
  readonly mayReadOutsideModule: boolean
  readonly alsoReadable: Scope['alsoReadable']
  readonly isPlanning: Scope['isPlanning']
  readonly planTime: Scope['planTime']
  readonly limits: Scope['limits']
  /** How many templates it is in, itself one of them. */
  readonly depth: number
  readonly #variables: ReadonlyMap<string, Value>

  constructor(outer: Scope, variables: ReadonlyMap<string, Value>) {
    this.moduleDir = outer.moduleDir
    this.mayReadOutsideModule = outer.mayReadOutsideModule
    this.alsoReadable = outer.alsoReadable
    this.isPlanning = outer.isPlanning
    this.planTime = outer.planTime
    this.limits = outer.limits
    this.depth = outer instanceof TemplateFileScope ? outer.depth + 1 : 1
    this.#variables = variables
  }

  resolve(reference: Reference, report: (diagnostic: Diagnostic) => void) {
    const [{ name, range }] = reference as [Step]
    const value = this.#variables.get(name)
    if (value) return { value, consumed: 1 }
    const given = [...this.#variables.keys()].join(', ')
    report(
      errorAt(
        range,
        unknownVariable,
        `The template file uses "${name}"; the variables given to it are: ${given || 'none'}.`,
      ),
    )
    return { value: unknown(), consumed: reference.length }
  }
}
