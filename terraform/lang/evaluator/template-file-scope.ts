// The scope of a template file: only the variables passed to `templatefile`.

import { type Diagnostic, errorAt } from '../../diagnostics/diagnostic.ts'
import { unknown, type Value } from '../../values/value.ts'
import type { Environment, Reference, Scope, Step } from '../scope.ts'

export const unknownVariable = 'Unknown variable'

// Far below the depth that would exhaust the stack; recursive rendering of a tree needs a few levels.
export const maxTemplateDepth = 50

export class TemplateFileScope implements Scope {
  readonly environment: Environment
  /** The number of nested template files, including this one. */
  readonly depth: number
  readonly #variables: ReadonlyMap<string, Value>

  constructor(outer: Scope, variables: ReadonlyMap<string, Value>) {
    const { moduleDir, mayReadOutsideModule, outsidePaths, mayReadFiles, alsoReadable } = outer.environment
    const { isPlanning, planTime, limits } = outer.environment
    const files = { moduleDir, mayReadOutsideModule, outsidePaths, mayReadFiles, alsoReadable }
    this.environment = { ...files, isPlanning, planTime, limits }
    this.depth = outer instanceof TemplateFileScope ? outer.depth + 1 : 1
    this.#variables = variables
  }

  resolve(reference: Reference, report: (diagnostic: Diagnostic) => void) {
    const [{ name, range }] = reference as [Step]
    const value = this.#variables.get(name)
    if (value) return { value, consumed: 1 }
    const names = [...this.#variables.keys()].join(', ')
    const detail = `The template file uses "${name}", which was not passed to it. Passed variables: ${names || 'none'}.`
    report(errorAt(range, unknownVariable, detail))
    return { value: unknown(), consumed: reference.length }
  }
}
