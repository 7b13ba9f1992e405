// The values of a module while it is planned or applied: variables, locals and resource instances, each put in once it
// is known, in the order of the graph. Hands out scopes for expressions.

import { cwd } from 'node:process'
import type { InstanceKey } from '../addresses.ts'
import type { Module } from '../config/module.ts'
import { type Diagnostic, errorAt } from '../diagnostics.ts'
import { evaluate } from '../lang/evaluate.ts'
import { freshLimits, type Limits, type Reference, type Resolved, type Scope } from '../lang/scope.ts'
import { int, object, string, tuple, unknown, type Value } from '../values/value.ts'

export type Repetition = 'single' | 'count' | 'for_each'

/** Every instance of a resource, by key. */
export interface Instances {
  readonly repetition: Repetition
  readonly values: ReadonlyMap<InstanceKey, Value>
}

/** What is only known inside one instance's block. */
export interface InstanceNames {
  readonly key?: InstanceKey
  /** Under `for_each`: the element's value. */
  readonly each?: Value
  readonly self?: Value
}

export class Evaluation {
  readonly module: Module
  readonly limits: Limits = freshLimits()
  readonly #variables = new Map<string, Value>()
  readonly #locals = new Map<string, Value>()
  readonly #resources = new Map<string, Value>()
  readonly #mayReadOutsideModule: boolean

  constructor(module: Module, mayReadOutsideModule: boolean) {
    this.module = module
    this.#mayReadOutsideModule = mayReadOutsideModule
  }

  setVariable(name: string, value: Value): void {
    this.#variables.set(name, value)
  }

  variables(): ReadonlyMap<string, Value> {
    return this.#variables
  }

  setResource(name: string, instances: Instances): void {
    this.#resources.set(name, combine(instances))
  }

  evaluateLocal(name: string): readonly Diagnostic[] {
    const local = this.module.locals.get(name)
    if (!local) return []
    const { value, diagnostics } = evaluate(local.expression, this.scope())
    this.#locals.set(name, value)
    return diagnostics
  }

  scope(names: InstanceNames = {}): Scope {
    return {
      moduleDir: this.module.dir,
      mayReadOutsideModule: this.#mayReadOutsideModule,
      limits: this.limits,
      resolve: (reference, report) => this.#resolve(reference, names, report),
    }
  }

  #resolve(reference: Reference, names: InstanceNames, report: (diagnostic: Diagnostic) => void): Resolved {
    const [first, second, third] = reference
    switch (first?.name) {
      case 'var':
        return { value: this.#variables.get(second?.name ?? '') ?? unknown(), consumed: 2 }
      case 'local':
        return { value: this.#locals.get(second?.name ?? '') ?? unknown(), consumed: 2 }
      case 'data':
        return { value: this.#resources.get(`data.${second?.name}.${third?.name}`) ?? unknown(), consumed: 3 }
      case 'self':
        if (names.self) return { value: names.self, consumed: 1 }
        report(
          errorAt(
            first.range,
            'Invalid "self" reference',
            '"self" may be used in provisioners and postconditions only.',
          ),
        )
        return { value: unknown(), consumed: reference.length }
      case 'path':
      case 'terraform':
      case 'count':
      case 'each':
        return this.#ambient(reference, names, report)
      default:
        return { value: this.#resources.get(`${first?.name}.${second?.name}`) ?? unknown(), consumed: 2 }
    }
  }

  #ambient(reference: Reference, names: InstanceNames, report: (diagnostic: Diagnostic) => void): Resolved {
    const [first, second] = reference
    const name = `${first?.name}.${second?.name ?? ''}`
    const value = this.#ambientValue(name, names)
    if (value) return { value, consumed: 2 }
    const known = ambientNames[first?.name ?? ''] ?? ''
    const range = second?.range ?? first?.range
    report(errorAt(range, `Invalid "${first?.name}" reference`, `"${name}" means nothing here. ${known}`))
    return { value: unknown(), consumed: reference.length }
  }

  #ambientValue(name: string, names: InstanceNames): Value | undefined {
    switch (name) {
      case 'path.module':
      case 'path.root':
        return string(this.module.dir)
      case 'path.cwd':
        return string(cwd())
      case 'terraform.workspace':
        return string('default')
      case 'count.index':
        return typeof names.key === 'number' ? int(names.key) : undefined
      case 'each.key':
        return typeof names.key === 'string' ? string(names.key) : undefined
      case 'each.value':
        return names.each
      default:
        return undefined
    }
  }
}

const ambientNames: Readonly<Record<string, string>> = {
  path: 'There are path.module, path.root and path.cwd.',
  terraform: 'There is terraform.workspace.',
  count: 'There is count.index, in blocks that set count.',
  each: 'There are each.key and each.value, in blocks that set for_each.',
}

/** A resource as expressions see it: one object, a tuple of them, or an object of them by key. */
function combine({ repetition, values }: Instances): Value {
  if (repetition === 'single') return values.get(undefined) ?? unknown()
  const keyed = [...values]
  if (repetition === 'for_each') return object(keyed.map(([key, value]) => [String(key), value]))
  return tuple(keyed.sort(([a], [b]) => Number(a) - Number(b)).map(([, value]) => value))
}
