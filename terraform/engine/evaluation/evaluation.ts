// The values of one module instance during a plan or an apply: variables, locals, outputs, resources and child modules, each
// set when its graph node runs. Creates the scopes of expressions.

import {
  formatLocalResource,
  formatModulePath,
  type InstanceKey,
  type ModuleNames,
  type ModulePath,
  modulePrefix,
  type ResourceAddress,
} from '../../addresses.ts'
import type { Module, ModuleNode } from '../../config/module.ts'
import { type Diagnostic, errorAt } from '../../diagnostics/diagnostic.ts'
import { evaluate } from '../../lang/evaluator/evaluate.ts'
import type { LanguageFunction } from '../../lang/function.ts'
import { freshLimits, type Limits } from '../../lang/limits.ts'
import { type Environment, type Reference, type Resolved, referenceRange, type Scope } from '../../lang/scope.ts'
import {
  ephemeralMark,
  nullOf,
  type ObjectValue,
  object,
  sensitiveMark,
  tuple,
  unknown,
  unknownStub,
  type Value,
  withMarks,
} from '../../values/value.ts'
import type { Template } from '../template/template.ts'
import { ambientValue, describeMisplaced } from './ambient-values.ts'
import { type CheckedObject, CheckResults } from './check-results.ts'
import type { EvaluationCache } from './evaluation-cache.ts'
import type { InstanceNames, Repetition } from './instance-names.ts'

/** The instances of a resource, by key. */
export interface Instances {
  readonly repetition: Repetition
  readonly values: ReadonlyMap<InstanceKey, Value>
}

/** Settings shared by all modules of a template. */
export interface EvaluationSettings {
  /** The template's folder, absolute. */
  readonly dir: string
  readonly mayReadOutsideModule: boolean
  /** The paths outside the template that its functions used. */
  readonly outsidePaths: Set<string>
  /** Folders of bundled modules. */
  readonly alsoReadable: readonly string[]
  readonly limits: Limits
  /** During planning, functions such as `uuid()` return unknown values. */
  readonly isPlanning: boolean
  /** The value of `plantimestamp()`. */
  readonly planTime: Date
  readonly checks: CheckResults
  /** Finds `provider::…` functions of a module. */
  readonly providerFunction: (node: ModuleNode, name: string) => LanguageFunction | null | undefined
  /** Results of earlier plans of the template. */
  readonly cache: EvaluationCache | undefined
}

type PlanSettings = Pick<EvaluationSettings, 'providerFunction' | 'cache'> & {
  readonly mayReadOutsideModule?: boolean | undefined
}

interface Children {
  readonly repetition: Repetition
  readonly instances: ReadonlyMap<InstanceKey, Evaluation>
}

export class Evaluation {
  readonly node: ModuleNode
  readonly path: ModulePath
  readonly parent: Evaluation | undefined
  /** The instance names of this module's `module` block. */
  readonly names: InstanceNames
  readonly #settings: EvaluationSettings
  readonly #environment: Environment
  /** Separates the module's instances in the cache. */
  readonly #cacheScope: string
  readonly #variables = new Map<string, Value>()
  readonly #locals = new Map<string, Value>()
  readonly #outputs = new Map<string, Value>()
  readonly #resources = new Map<string, Value>()
  readonly #children = new Map<string, Children>()

  private constructor(
    node: ModuleNode,
    path: ModulePath,
    parent: Evaluation | undefined,
    names: InstanceNames,
    settings: EvaluationSettings,
  ) {
    this.node = node
    this.path = path
    this.parent = parent
    this.names = names
    this.#settings = settings
    const { dir, mayReadOutsideModule, outsidePaths, alsoReadable, limits, isPlanning, planTime } = settings
    const providerFunction = (name: string) => settings.providerFunction(node, name)
    this.#environment = {
      moduleDir: dir,
      mayReadOutsideModule,
      outsidePaths,
      alsoReadable,
      limits,
      isPlanning,
      planTime,
      providerFunction,
    }
    this.#cacheScope = settings.cache ? formatModulePath(path) : ''
  }

  static forPlan(template: Template, { mayReadOutsideModule, providerFunction, cache }: PlanSettings): Evaluation {
    const run = { isPlanning: true, planTime: new Date(), providerFunction, cache, outsidePaths: new Set<string>() }
    return Evaluation.#ofTemplate(template, mayReadOutsideModule ?? false, run)
  }

  /** Without a cache: the values of an apply, such as ids, do not recur. */
  static forApply(template: Template, mayReadOutsideModule: boolean, planned: Evaluation): Evaluation {
    const { planTime, providerFunction, outsidePaths } = planned.#settings
    const run = { isPlanning: false, planTime, providerFunction, cache: undefined, outsidePaths }
    return Evaluation.#ofTemplate(template, mayReadOutsideModule, run)
  }

  static #ofTemplate(
    { root, dir, bundledModuleDirs: alsoReadable }: Template,
    mayReadOutsideModule: boolean,
    run: Pick<EvaluationSettings, 'isPlanning' | 'planTime' | 'providerFunction' | 'cache' | 'outsidePaths'>,
  ): Evaluation {
    const limits = freshLimits()
    const checks = new CheckResults()
    const settings = { dir, mayReadOutsideModule, alsoReadable, limits, checks, ...run }
    return new Evaluation(root, [], undefined, {}, settings)
  }

  get module(): Module {
    return this.node.module
  }

  get limits(): Limits {
    return this.#settings.limits
  }

  get checks(): CheckResults {
    return this.#settings.checks
  }

  /** The paths outside the template that its functions used so far, in the plan and the apply. */
  get outsidePaths(): ReadonlySet<string> {
    return this.#settings.outsidePaths
  }

  /** The object that a condition checks; `local` is its address inside this module. */
  checkTarget(kind: CheckedObject['kind'], local: string): { object: CheckedObject; results: CheckResults } {
    const path = formatModulePath(this.path)
    const configAddress = modulePrefix(this.node.names) + local
    return { object: { kind, configAddress, address: path === '' ? local : `${path}.${local}` }, results: this.checks }
  }

  /** Creates the instances of a child module. */
  openModule(name: string, repetition: Repetition, expanded: readonly InstanceNames[]): void {
    const child = this.node.children.get(name)
    if (!child) return
    const instances = new Map<InstanceKey, Evaluation>()
    for (const names of expanded) {
      const path = [...this.path, { name, key: names.key }]
      instances.set(names.key, new Evaluation(child, path, this, names, this.#settings))
    }
    this.#children.set(name, { repetition, instances })
  }

  /** Undefined before `openModule`. */
  childrenOf(name: string): Children | undefined {
    return this.#children.get(name)
  }

  /** All instances of the module with these call names. Call it on the root. */
  instancesAt(names: ModuleNames): readonly Evaluation[] {
    let found: readonly Evaluation[] = [this]
    for (const name of names) found = found.flatMap((at) => [...(at.#children.get(name)?.instances.values() ?? [])])
    return found
  }

  /** The module instance at the path; a new, empty one if it exists only in the state. Undefined if the template has no
   *  such module. Call it on the root. */
  instanceAt(path: ModulePath): Evaluation | undefined {
    let at: Evaluation = this
    for (const { name, key } of path) {
      const node = at.node.children.get(name)
      const next: Evaluation | undefined =
        at.#children.get(name)?.instances.get(key) ??
        (node && new Evaluation(node, [...at.path, { name, key }], at, { key }, this.#settings))
      if (!next) return undefined
      at = next
    }
    return at
  }

  setVariable(name: string, value: Value): void {
    this.#variables.set(name, value)
  }

  variables(): ReadonlyMap<string, Value> {
    return this.#variables
  }

  setOutput(name: string, value: Value): void {
    this.#outputs.set(name, value)
  }

  outputs(): ReadonlyMap<string, Value> {
    return this.#outputs
  }

  setResource(name: string, instances: Instances): void {
    this.#resources.set(name, combine(instances))
  }

  resource(name: string): Value | undefined {
    return this.#resources.get(name)
  }

  /** Sets the value of a whole resource, without separate instances. */
  setResourceValue(name: string, value: Value): void {
    this.#resources.set(name, value)
  }

  /** The value of one instance; undefined before its resource has a value. */
  instanceValue(address: ResourceAddress, key: InstanceKey): Value | undefined {
    const all = this.#resources.get(formatLocalResource(address))
    if (key === undefined || !all) return all
    if ('entries' in all) return all.entries.get(String(key))
    return 'elements' in all ? all.elements[Number(key)] : undefined
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
      environment: this.#environment,
      cache: this.#settings.cache?.forScope(`${this.#cacheScope} ${names.key ?? ''}`),
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
      case 'module':
        return this.#moduleValue(second?.name ?? '', third?.name)
      case 'data':
        return { value: this.#resources.get(`data.${second?.name}.${third?.name}`) ?? unknown(), consumed: 3 }
      case 'resource':
        return { value: this.#resources.get(`${second?.name}.${third?.name}`) ?? unknown(), consumed: 3 }
      case 'ephemeral':
        return { value: withMarks(unknown(), ephemeralMark), consumed: 3 }
      case 'self':
        if (names.self) return { value: names.self, consumed: 1 }
        report(
          errorAt(
            first.range,
            'Invalid "self" reference',
            '"self" is only allowed in provisioners and postconditions.',
          ),
        )
        return { value: unknown(), consumed: reference.length }
      case 'path':
      case 'terraform':
      case 'tofu':
      case 'count':
      case 'each':
        return this.#resolveAmbient(reference, names, report)
      default:
        return { value: this.#resources.get(`${first?.name}.${second?.name}`) ?? unknown(), consumed: 2 }
    }
  }

  #moduleValue(name: string, output: string | undefined): Resolved {
    const children = this.#children.get(name)
    if (!children) return { value: unknownStub(), consumed: 2 }
    // Disabled by `enabled`.
    if (children.repetition === 'single' && children.instances.size === 0) return { value: nullOf(), consumed: 2 }
    const single = children.repetition === 'single' ? children.instances.get(undefined) : undefined
    if (single && output !== undefined) return { value: single.#outputs.get(output) ?? unknown(), consumed: 3 }
    const isPlaceholder = [...children.instances.values()].some((child) => child.names.placeholderFor)
    if (isPlaceholder) return { value: unknownStub(), consumed: 2 }
    const values = new Map([...children.instances].map(([key, child]) => [key, child.outputsValue()]))
    return { value: combine({ repetition: children.repetition, values }), consumed: 2 }
  }

  /** All outputs as one object, for the calling module. */
  outputsValue(): ObjectValue {
    return object([...this.module.outputs.keys()].map((name) => [name, this.#outputs.get(name) ?? unknown()]))
  }

  #resolveAmbient(reference: Reference, names: InstanceNames, report: (diagnostic: Diagnostic) => void): Resolved {
    const [first, second] = reference
    const name = `${first?.name}.${second?.name ?? ''}`
    const { dir, isPlanning } = this.#settings
    const value = ambientValue(name, names, { moduleDir: this.module.dir, rootDir: dir, isPlanning })
    if (value) return { value, consumed: 2 }
    // The reference lookup reports a root without an attribute.
    if (!second) return { value: unknown(), consumed: 1 }
    report(errorAt(referenceRange(reference, 2), ...describeMisplaced(first?.name ?? '', second?.name ?? '', names)))
    return { value: unknown(), consumed: reference.length }
  }
}

/** The output's value for the calling module. */
export const outputValue = (value: Value, output: Declared): Value => withMarks(value, declaredMarks(output))

interface Declared {
  readonly sensitive: boolean
  readonly ephemeral: boolean
}

/** The marks that a variable's or output's declaration adds to its value. */
export const declaredMarks = ({ sensitive, ephemeral }: Declared): number =>
  (sensitive ? sensitiveMark : 0) | (ephemeral ? ephemeralMark : 0)

/** A resource's value for expressions: one object, a tuple of objects, or an object of objects by key. */
function combine({ repetition, values }: Instances): Value {
  if (repetition === 'single') return values.get(undefined) ?? unknown()
  const keyed = [...values]
  if (repetition === 'for_each') return object(keyed.map(([key, value]) => [String(key), value]))
  return tuple(keyed.sort(([a], [b]) => Number(a) - Number(b)).map(([, value]) => value))
}
