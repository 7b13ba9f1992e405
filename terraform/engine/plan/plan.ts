// Planning: evaluates a template against a state and says what would change. Goes through the graph; what fails keeps
// only those from being planned that need it.

import {
  formatBlock,
  formatInstance,
  formatLocalResource,
  formatResource,
  type InstanceKey,
  type ResourceAddress,
} from '../../addresses.ts'
import type { ModuleNode, ResourceBlock } from '../../config/module.ts'
import { typeOfSchema } from '../../config/schema.ts'
import { addDiagnostics, type Diagnostic, errorAt, hasErrors } from '../../diagnostics.ts'
import type { Reference } from '../../lang/scope.ts'
import type { DataSourceType, Provider, ResourceType } from '../../provider.ts'
import { dynamicType, type Type } from '../../values/type.ts'
import { absent, nullOf, unknown, type Value } from '../../values/value.ts'
import { configurationKey } from '../evaluation/configuration-key.ts'
import {
  asWarning,
  checkIgnoredPaths,
  configureProvider,
  evaluateNamed,
  openCall,
} from '../evaluation/evaluate-node.ts'
import { Evaluation, type InstanceNames, type Repetition } from '../evaluation/evaluation.ts'
import type { EvaluationMemory } from '../evaluation/evaluation-cache.ts'
import { expand, isExpansion } from '../evaluation/expand.ts'
import { type GivenValue, setVariables } from '../evaluation/variables.ts'
import type { GraphNode } from '../graph/graph.ts'
import { explicitDependencies } from '../graph/reference-lookup.ts'
import { type WorkItem, walk } from '../graph/run-graph.ts'
import { refusedEphemerals } from '../providers/ephemeral-resources.ts'
import { type OnEvent, type OnStep, traced } from '../providers/events.ts'
import { isFound, Registry, type Substitute } from '../providers/registry.ts'
import type { State } from '../state/state.ts'
import { type StateObject, WorkingState } from '../state/working-state.ts'
import type { Template } from '../template/template.ts'
import { strayImports, undeclaredImports } from './import-object.ts'
import { addressIn, type ChangeAction, type InstancePlan, type Place, type PlanningContext } from './instance-plan.ts'
import { type Planned, planData, planDelete, planKept, planManaged } from './plan-resource.ts'
import { checkProvisioners } from './provisioning.ts'
import { moveObjects, type Removals, readRemovals } from './refactoring.ts'
import type { Snapshot, SnapshotInstance } from './snapshot.ts'

export type { ChangeAction } from './instance-plan.ts'

export interface PlanRequest {
  readonly template: Template
  /** Values of input variables in their text form, as `-var` takes them. */
  readonly variables: Readonly<Record<string, string>>
  /** Values that are no text; they win. */
  readonly variableValues?: ReadonlyMap<string, GivenValue>
  readonly providers: readonly Provider[]
  /** Puts types of its own in the place of what the providers have. */
  readonly substitute?: Substitute
  /** Null before the first build. */
  readonly state: State | null
  /** `refresh` only asks what has become of the objects that there are: nothing is to be changed. */
  readonly mode: 'apply' | 'destroy' | 'refresh'
  readonly signal: AbortSignal
  readonly onEvent: OnEvent
  readonly onStep?: OnStep | undefined
  /** Whether file functions may read outside of the template's folder; not unless said. */
  readonly mayReadOutsideModule?: boolean
  /** What earlier plans of the same template have given, for this one to use and add to. */
  readonly memory?: EvaluationMemory | undefined
}

export interface PlannedChange {
  /** With its instance key. */
  readonly address: string
  readonly action: ChangeAction
}

export interface Plan {
  readonly request: PlanRequest
  readonly changes: readonly PlannedChange[]
  readonly snapshot: Snapshot
  /** False when there were errors: what failed is missing from the plan. */
  readonly isComplete: boolean
  /** For `applyPlan`. */
  readonly instances: readonly InstancePlan[]
  readonly repetitions: ReadonlyMap<string, Repetition>
  readonly registry: Registry
  readonly evaluation: Evaluation
  /** The state as refreshed. */
  readonly working: WorkingState
}

/** As many as Terraform does by itself. */
export const parallelOperations = 10

/** With errors among the diagnostics the plan still shows what could be evaluated, and cannot be applied. */
export async function planTemplate(request: PlanRequest): Promise<{ plan: Plan; diagnostics: Diagnostic[] }> {
  const planner = new Planner(request)
  if (request.mode === 'destroy') await planner.planDestroy()
  else await planner.planApply()
  return { plan: planner.result(), diagnostics: planner.diagnostics }
}

class Planner {
  readonly diagnostics: Diagnostic[] = []
  readonly #request: PlanRequest
  readonly #registry: Registry
  readonly #evaluation: Evaluation
  readonly #working: WorkingState
  readonly #instances: InstancePlan[] = []
  /** By resource address without key. */
  readonly #byResource = new Map<string, InstancePlan[]>()
  /** Those that stand for any number of instances: shown, and never made. */
  readonly #open: InstancePlan[] = []
  readonly #removals: Removals
  /** Addresses of instances that the configuration asks for. */
  readonly #wanted = new Set<string>()
  readonly #repetitions = new Map<string, Repetition>()
  /** Blocks with a change among their instances, by their node in the graph. */
  readonly #changing = new Set<string>()
  readonly #context: PlanningContext
  /** Variables of the root module without a value that fits. */
  #unset: ReadonlySet<string> = new Set()

  constructor(request: PlanRequest) {
    const { template } = request
    this.#request = request
    this.#registry = new Registry(request.providers, template.root, request.substitute)
    this.#evaluation = Evaluation.forPlan(template, {
      mayReadOutsideModule: request.mayReadOutsideModule,
      providerFunction: (node, name) => this.#registry.functionNamed(node, name),
      memory: request.memory,
    })
    this.#working = new WorkingState(request.state)
    this.#removals = readRemovals(template)
    this.#context = {
      dir: template.dir,
      working: this.#working,
      signal: request.signal,
      onEvent: request.onEvent,
      isMadeEarly: (address) => template.madeEarly.has(formatBlock(address)),
      isChanging: (module, references) => this.#isChanging(module, references),
      plansOf: (resource) => this.#byResource.get(resource) ?? [],
    }
  }

  result(): Plan {
    const changes = this.#instances.map((plan) => ({
      address: formatInstance(plan.address, plan.key),
      action: plan.action,
    }))
    return {
      request: this.#request,
      changes,
      snapshot: {
        instances: [...this.#instances, ...this.#open].flatMap(toSnapshot),
        graph: this.#request.template.graph,
      },
      isComplete: !hasErrors(this.diagnostics),
      instances: this.#instances,
      repetitions: this.#repetitions,
      registry: this.#registry,
      evaluation: this.#evaluation,
      working: this.#working,
    }
  }

  async planApply(): Promise<void> {
    const { template, variables, variableValues } = this.#request
    const set = setVariables(template.module, variables, this.#evaluation, variableValues)
    this.#unset = set.unset
    addDiagnostics(this.diagnostics, [
      ...template.diagnostics,
      ...set.diagnostics,
      ...undeclaredImports(template.module),
    ])
    this.diagnostics.push(...this.#removals.diagnostics, ...moveObjects(template, this.#working))
    this.#refuseUnreadable()
    this.diagnostics.push(...refusedEphemerals(template, this.#registry))
    const items = template.order.map((id): WorkItem => {
      const waitsFor = template.graph.dependencies.get(id) ?? []
      return { id, waitsFor, run: traced({ id, waitsFor }, () => this.#planNode(id), this.#request.onStep) }
    })
    await this.#walk(items)
    // What is no longer wanted is known only once everything has been looked at.
    const isWhole = this.#request.mode === 'apply' && !this.#request.signal.aborted
    if (!isWhole) return
    // What could not be planned may have been meant.
    if (!hasErrors(this.diagnostics)) this.diagnostics.push(...strayImports(this.#evaluation, this.#wanted))
    await this.#planSurplus((object) => !this.#isWanted(object))
  }

  /** Needs nothing of the template but its provider table: a broken template must not keep a workspace alive. */
  async planDestroy(): Promise<void> {
    this.#refuseUnreadable()
    this.#evaluateValues()
    await this.#planSurplus(() => true)
  }

  /** As far as that goes without resources and data; what is wrong was told by the build that made the objects. */
  #evaluateValues(): void {
    const { template, variables, variableValues } = this.#request
    setVariables(template.module, variables, this.#evaluation, variableValues)
    for (const id of template.order) {
      const node = template.graph.nodes.get(id)
      if (!node || node.kind === 'resource' || node.kind === 'close') continue
      for (const evaluation of this.#evaluation.instancesAt(node.module.names)) this.#planValue(node, evaluation)
    }
  }

  #refuseUnreadable(): void {
    for (const { module, type, name } of this.#working.unreadable) {
      const detail = `The state holds ${type}.${name} in a module with the unreadable address ${JSON.stringify(module)}. Restore the state from the last good build.`
      this.diagnostics.push(errorAt(undefined, 'Unreadable state', detail))
    }
  }

  async #walk(items: readonly WorkItem[]): Promise<void> {
    const { signal } = this.#request
    await walk(items, { limit: parallelOperations, signal })
    if (signal.aborted)
      this.diagnostics.push(errorAt(undefined, 'Canceled', 'The plan was canceled before it was complete.'))
  }

  /** Notes what was found wrong; false when some of it is an error. */
  #note(diagnostics: readonly Diagnostic[]): boolean {
    addDiagnostics(this.diagnostics, diagnostics)
    return !hasErrors(diagnostics)
  }

  #planNode(id: string): boolean | Promise<boolean> {
    const node = this.#request.template.graph.nodes.get(id)
    if (!node || node.kind === 'close') return true
    // What needs it would only be told as wrong too.
    if (node.kind === 'variable' && !node.module.parent && this.#unset.has(node.name)) return false
    const evaluations = this.#evaluation.instancesAt(node.module.names)
    if (node.kind === 'resource') return this.#planBlock(id, node, evaluations)
    return evaluations.map((evaluation) => this.#note(this.#planValue(node, evaluation))).every(Boolean)
  }

  #planValue({ kind, name }: GraphNode, evaluation: Evaluation): readonly Diagnostic[] {
    switch (kind) {
      case 'provider':
        return configureProvider(name, evaluation, this.#registry)
      case 'call':
        return openCall(name, evaluation)
      default:
        return evaluateNamed(kind, name, evaluation)
    }
  }

  async #planBlock(id: string, { name, module }: GraphNode, evaluations: readonly Evaluation[]): Promise<boolean> {
    const block = module.module.resources.get(name)
    if (!block) return true
    const planOne = this.#plannerFor(module, block)
    if (!planOne || !this.#note(this.#checkIgnored(module, block))) return false
    let isComplete = true
    for (const evaluation of evaluations) {
      isComplete = (await this.#planInstances(id, block, evaluation, planOne)) && isComplete
    }
    return isComplete
  }

  async #planInstances(
    id: string,
    block: ResourceBlock,
    evaluation: Evaluation,
    planOne: (place: Place) => Promise<Planned>,
  ): Promise<boolean> {
    const expanded = expand(block, evaluation.scope())
    if (!isExpansion(expanded)) return this.#note(expanded)
    const address = addressIn(evaluation, block)
    const isKept = this.#request.mode === 'refresh' && address.mode === 'managed'
    const expansion = isKept ? { ...expanded, instances: this.#storedNames(address) } : expanded
    const [first] = expansion.instances
    if (first && block.provisioners.length > 0) {
      const scope = evaluation.scope({ ...first, self: unknown(this.#typeOfBlock(evaluation.node, block)) })
      if (!this.#note(checkProvisioners(block, scope, this.#registry))) return false
    }
    for (const names of expansion.instances) this.#wanted.add(formatInstance(address, names.key))
    const values = new Map<InstanceKey, Value>()
    const plans: InstancePlan[] = []
    this.#byResource.set(formatResource(address), plans)
    let isComplete = true
    for (const group of inGroups(expansion.instances, parallelOperations)) {
      if (this.#request.signal.aborted) return false
      const planned = await Promise.all(group.map((names) => planOne({ block, evaluation, names })))
      for (const { plan, diagnostics } of planned) {
        isComplete = this.#note(block.isOfCheck ? diagnostics.map(asWarning) : diagnostics) && isComplete
        if (!plan) continue
        if (plan.names.isAny) {
          this.#open.push(plan)
          continue
        }
        plans.push(plan)
        this.#addInstance(id, plan)
        if (plan.planned) values.set(plan.key, plan.planned)
      }
    }
    this.#repetitions.set(formatResource(address), expansion.repetition)
    if (first?.isAny) {
      evaluation.setResourceValue(formatLocalResource(block.address), absent())
      return isComplete
    }
    const name = formatLocalResource(block.address)
    const isAbsent = expansion.repetition === 'single' && expansion.instances.length === 0
    const type = () => this.#typeOfBlock(evaluation.node, block)
    if (isAbsent) evaluation.setResourceValue(name, isKept ? unknown(type()) : nullOf(type()))
    else evaluation.setResource(name, { repetition: expansion.repetition, values })
    return isComplete
  }

  #storedNames(address: ResourceAddress): InstanceNames[] {
    const resource = formatResource(address)
    return this.#working
      .objects()
      .filter((object) => formatResource(object.address) === resource && object.instance.deposed === undefined)
      .map(({ instance }) => ({ key: instance.indexKey }))
  }

  #plannerFor(module: ModuleNode, block: ResourceBlock): ((place: Place) => Promise<Planned>) | undefined {
    const isData = block.address.mode === 'data'
    const found = isData ? this.#registry.dataSource(module, block) : this.#registry.resource(module, block)
    if (isFound<ResourceType | DataSourceType>(found)) return (place) => this.#planOne(place, isData)
    this.#note([found])
    return undefined
  }

  /** Each instance may have a configuration of its own. */
  async #planOne(place: Place, isData: boolean): Promise<Planned> {
    const { block, evaluation, names } = place
    const key = configurationKey(evaluation, names, block.provider)
    if (isData) {
      const found = this.#registry.dataSource(evaluation.node, block, key)
      return isFound(found) ? planData(place, found, this.#context) : { plan: undefined, diagnostics: [found] }
    }
    const found = this.#registry.resource(evaluation.node, block, key)
    if (!isFound(found)) return { plan: undefined, diagnostics: [found] }
    const planOne = this.#request.mode === 'refresh' ? planKept : planManaged
    return await planOne(place, found, this.#context)
  }

  /** Data has no arguments whose changes could be ignored. */
  #checkIgnored(module: ModuleNode, block: ResourceBlock): readonly Diagnostic[] {
    if (block.lifecycle.ignoreChanges.length === 0 || block.address.mode === 'data') return []
    return checkIgnoredPaths(block, this.#registry.resource(module, block))
  }

  #typeOfBlock(module: ModuleNode, block: ResourceBlock): Type {
    const isData = block.address.mode === 'data'
    const found = isData ? this.#registry.dataSource(module, block) : this.#registry.resource(module, block)
    return isFound<ResourceType | DataSourceType>(found) ? typeOfSchema(found.type.schema) : dynamicType
  }

  #addInstance(id: string, plan: InstancePlan): void {
    this.#instances.push(plan)
    if (plan.action !== 'no-op') this.#changing.add(id)
  }

  #isChanging(module: ModuleNode, references: readonly Reference[]): boolean {
    return explicitDependencies(module, references).some((id) => this.#isChangingIn(id))
  }

  /** Of a module everything inside counts. */
  #isChangingIn(id: string): boolean {
    const { nodes, dependencies } = this.#request.template.graph
    if (nodes.get(id)?.kind !== 'close') return this.#changing.has(id)
    return [...(dependencies.get(id) ?? [])].some((inner) => this.#isChangingIn(inner))
  }

  #isWanted({ address, instance }: StateObject): boolean {
    // Where planning the block failed nothing is known of what it wants, so nothing is taken away.
    if (!this.#repetitions.has(formatResource(address))) return this.#mayBeWanted(address)
    return instance.deposed === undefined && this.#wanted.has(formatInstance(address, instance.indexKey))
  }

  #mayBeWanted(address: ResourceAddress): boolean {
    let at = this.#evaluation
    for (const { name, key } of address.module) {
      const children = at.childrenOf(name)
      if (!children) return at.module.calls.has(name)
      const child = children.instances.get(key)
      if (!child) return false
      at = child
    }
    return at.module.resources.has(formatLocalResource(address))
  }

  async #planSurplus(isSurplus: (object: StateObject) => boolean): Promise<void> {
    const items = this.#working
      .objects()
      .filter(isSurplus)
      .map((object, index): WorkItem => {
        return { id: String(index), waitsFor: [], run: () => this.#planEnd(object) }
      })
    await this.#walk(items)
  }

  async #planEnd(stored: StateObject): Promise<boolean> {
    const { address } = stored
    const found = this.#registry.stored(address, stored.provider)
    if (!found) {
      const detail = `${formatResource(address)} is in the state, but its provider ${stored.provider} is not part of this deployment.`
      return this.#note([errorAt(undefined, 'Provider not available', detail)])
    }
    const evaluation = this.#evaluation.instanceAt(address.module)
    const block = evaluation?.module.resources.get(formatLocalResource(address))
    const isEnd = this.#request.mode === 'destroy'
    const removed = isEnd ? undefined : this.#removals.find(address)
    const { plan, diagnostics } = await planDelete(stored, found, { block, evaluation, removed, isEnd }, this.#context)
    if (plan) this.#addInstance(formatBlock(address), plan)
    return this.#note(diagnostics)
  }
}

function* inGroups<T>(items: readonly T[], size: number): Iterable<readonly T[]> {
  for (let at = 0; at < items.length; at += size) yield items.slice(at, at + size)
}

function toSnapshot({ address, key, planned, block }: InstancePlan): SnapshotInstance[] {
  return planned ? [{ address, key, value: planned, ...(block && { range: block.range }) }] : []
}
