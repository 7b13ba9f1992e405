// The values of a module's instance while it is planned or applied: variables, locals, outputs, resource instances and
// the modules inside, each put in once it is known, in the order of the graph. Hands out scopes for expressions.

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
import { type Diagnostic, errorAt } from '../../diagnostics.ts'
import { evaluate } from '../../lang/evaluate.ts'
import type { LanguageFunction } from '../../lang/functions/function.ts'
import { freshLimits, type Limits, type Reference, type Resolved, type Scope, spanOf } from '../../lang/scope.ts'
import {
  absent,
  bool,
  ephemeralMark,
  int,
  nullOf,
  type ObjectValue,
  object,
  sensitiveMark,
  string,
  tuple,
  unknown,
  type Value,
  withMarks,
} from '../../values/value.ts'
import type { Template } from '../template/template.ts'
import { type CheckedObject, CheckResults } from './check-results.ts'
import type { EvaluationCache } from './evaluation-cache.ts'

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
  /** Stands for all instances at once: what differs between them is unknown. */
  readonly placeholderFor?: Exclude<Repetition, 'single'>
}

/** What is the same in all modules of a template. */
export interface EvaluationSettings {
  /** The template's folder, absolute. */
  readonly dir: string
  readonly mayReadOutsideModule: boolean
  /** Where modules of the deployment lie. */
  readonly alsoReadable: readonly string[]
  readonly limits: Limits
  /** What only an apply can know, such as `uuid()`, is unknown while planning. */
  readonly isPlanning: boolean
  /** What `plantimestamp()` gives. */
  readonly planTime: Date
  readonly checks: CheckResults
  /** What `provider::…` names in the module. */
  readonly providerFunction: (node: ModuleNode, name: string) => LanguageFunction | null | undefined
  /** What earlier plans of the template have given. */
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
  /** What the `module` block of this instance may refer to. */
  readonly names: InstanceNames
  readonly #settings: EvaluationSettings
  /** Tells the instances of one module apart. */
  readonly #place: string
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
    this.#place = settings.cache ? formatModulePath(path) : ''
  }

  static forPlan(template: Template, { mayReadOutsideModule, providerFunction, cache }: PlanSettings): Evaluation {
    const run = { isPlanning: true, planTime: new Date(), providerFunction, cache }
    return Evaluation.#ofTemplate(template, mayReadOutsideModule ?? false, run)
  }

  /** What an apply gives, such as ids, no later run sees again: it has no cache. */
  static forApply(template: Template, mayReadOutsideModule: boolean, planned: Evaluation): Evaluation {
    const { planTime, providerFunction } = planned.#settings
    const run = { isPlanning: false, planTime, providerFunction, cache: undefined }
    return Evaluation.#ofTemplate(template, mayReadOutsideModule, run)
  }

  static #ofTemplate(
    { root, dir, bundledModuleDirs: alsoReadable }: Template,
    mayReadOutsideModule: boolean,
    run: Pick<EvaluationSettings, 'isPlanning' | 'planTime' | 'providerFunction' | 'cache'>,
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

  /** How conditions name a thing of this module: `local` is its name inside. */
  checkTarget(kind: CheckedObject['kind'], local: string): { object: CheckedObject; results: CheckResults } {
    const path = formatModulePath(this.path)
    const configAddress = modulePrefix(this.node.names) + local
    return { object: { kind, configAddress, address: path === '' ? local : `${path}.${local}` }, results: this.checks }
  }

  /** Makes the instances of a module inside. */
  openModule(name: string, repetition: Repetition, all: readonly InstanceNames[]): void {
    const child = this.node.children.get(name)
    if (!child) return
    const instances = new Map<InstanceKey, Evaluation>()
    for (const names of all) {
      const path = [...this.path, { name, key: names.key }]
      instances.set(names.key, new Evaluation(child, path, this, names, this.#settings))
    }
    this.#children.set(name, { repetition, instances })
  }

  /** Undefined until the module was opened. */
  childrenOf(name: string): Children | undefined {
    return this.#children.get(name)
  }

  /** The instances that there are of the module at this place in the configuration. Ask the root. */
  instancesAt(names: ModuleNames): readonly Evaluation[] {
    let found: readonly Evaluation[] = [this]
    for (const name of names) found = found.flatMap((at) => [...(at.#children.get(name)?.instances.values() ?? [])])
    return found
  }

  /** The instance at the path; made on the spot for what only the state still has. Undefined when the template has no
   *  such module. Ask the root. */
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

  /** For a resource whose instances are not told apart. */
  setResourceValue(name: string, value: Value): void {
    this.#resources.set(name, value)
  }

  /** Of one instance, where its resource has its value. */
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
      moduleDir: this.#settings.dir,
      mayReadOutsideModule: this.#settings.mayReadOutsideModule,
      alsoReadable: this.#settings.alsoReadable,
      limits: this.#settings.limits,
      isPlanning: this.#settings.isPlanning,
      planTime: this.#settings.planTime,
      providerFunction: (name) => this.#settings.providerFunction(this.node, name),
      cache: this.#settings.cache?.at(`${this.#place} ${names.key ?? ''}`),
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
            '"self" may be used in provisioners and postconditions only.',
          ),
        )
        return { value: unknown(), consumed: reference.length }
      case 'path':
      case 'terraform':
      case 'tofu':
      case 'count':
      case 'each':
        return this.#ambient(reference, names, report)
      default:
        return { value: this.#resources.get(`${first?.name}.${second?.name}`) ?? unknown(), consumed: 2 }
    }
  }

  #moduleValue(name: string, output: string | undefined): Resolved {
    const children = this.#children.get(name)
    if (!children) return { value: absent(), consumed: 2 }
    // Switched off by `enabled`.
    if (children.repetition === 'single' && children.instances.size === 0) return { value: nullOf(), consumed: 2 }
    const single = children.repetition === 'single' ? children.instances.get(undefined) : undefined
    if (single && output !== undefined) return { value: single.#outputs.get(output) ?? unknown(), consumed: 3 }
    const isAny = [...children.instances.values()].some((child) => child.names.placeholderFor)
    if (isAny) return { value: absent(), consumed: 2 }
    const values = new Map([...children.instances].map(([key, child]) => [key, child.outputsValue()]))
    return { value: combine({ repetition: children.repetition, values }), consumed: 2 }
  }

  /** All outputs as one object, as the module around sees them. */
  outputsValue(): ObjectValue {
    return object([...this.module.outputs.keys()].map((name) => [name, this.#outputs.get(name) ?? unknown()]))
  }

  #ambient(reference: Reference, names: InstanceNames, report: (diagnostic: Diagnostic) => void): Resolved {
    const [first, second] = reference
    const name = `${first?.name}.${second?.name ?? ''}`
    const value = this.#ambientValue(name, names)
    if (value) return { value, consumed: 2 }
    // What stands for nothing by itself was told when its references were looked up.
    if (!second) return { value: unknown(), consumed: 1 }
    report(errorAt(spanOf(reference, 2), ...misplaced(first?.name ?? '', second?.name ?? '', names)))
    return { value: unknown(), consumed: reference.length }
  }

  #ambientValue(name: string, names: InstanceNames): Value | undefined {
    switch (name) {
      case 'path.module':
        return string(this.module.dir)
      case 'path.root':
        return string('.')
      case 'path.cwd':
        return string(this.#settings.dir)
      case 'terraform.workspace':
      case 'tofu.workspace':
        return string('default')
      case 'terraform.applying':
      case 'tofu.applying':
        return withMarks(bool(!this.#settings.isPlanning), ephemeralMark)
      case 'count.index':
        if (names.placeholderFor === 'count') return unknown({ kind: 'number' })
        return typeof names.key === 'number' ? int(names.key) : undefined
      case 'each.key':
        if (names.placeholderFor === 'for_each') return unknown({ kind: 'string' })
        if (typeof names.key === 'number' && names.each) return int(names.key)
        return typeof names.key === 'string' ? string(names.key) : undefined
      case 'each.value':
        return names.each ?? (names.placeholderFor === 'for_each' ? unknown() : undefined)
      default:
        return undefined
    }
  }
}

/** Summary and detail for a name that means nothing where it stands. */
function misplaced(root: string, name: string, names: InstanceNames): [string, string] {
  switch (root) {
    case 'count':
      if (name !== 'index') return ['Invalid "count" attribute', 'There is count.index only.']
      return ['Reference to "count" in non-counted context', 'There is count.index in blocks that set count.']
    case 'each':
      if (name !== 'key' && name !== 'value')
        return ['Invalid "each" attribute', 'There are each.key and each.value only.']
      if (names.each === undefined && (name === 'value' || names.key !== undefined))
        return [`each.${name} cannot be used in this context`, 'There are each.key and each.value under for_each only.']
      return [
        'Reference to "each" in context without for_each',
        'There are each.key and each.value in blocks that set for_each.',
      ]
    case 'path':
      return ['Invalid "path" attribute', 'There are path.module, path.root and path.cwd.']
    default:
      return [`Invalid "${root}" attribute`, `There is ${root}.workspace.`]
  }
}

/** The value of an output as the module around it sees it. */
export const outputValue = (value: Value, output: Declared): Value => withMarks(value, declaredMarks(output))

interface Declared {
  readonly sensitive: boolean
  readonly ephemeral: boolean
}

/** What a variable or an output says of its value. */
export const declaredMarks = ({ sensitive, ephemeral }: Declared): number =>
  (sensitive ? sensitiveMark : 0) | (ephemeral ? ephemeralMark : 0)

/** Instances as expressions see them: one object, a tuple of them, or an object of them by key. */
function combine({ repetition, values }: Instances): Value {
  if (repetition === 'single') return values.get(undefined) ?? unknown()
  const keyed = [...values]
  if (repetition === 'for_each') return object(keyed.map(([key, value]) => [String(key), value]))
  return tuple(keyed.sort(([a], [b]) => Number(a) - Number(b)).map(([, value]) => value))
}
