// Planning: evaluates a template against a state and says what would change. Goes through the graph; what fails keeps
// only those from being planned that need it.

import { formatInstance, formatResource, type InstanceKey } from '../addresses.ts'
import { decodeBody } from '../config/decode-body.ts'
import type { ResourceBlock } from '../config/module.ts'
import { type Diagnostic, errorAt, hasErrors } from '../diagnostics.ts'
import type { Provider } from '../provider.ts'
import type { Value } from '../values/value.ts'
import { Evaluation, type InstanceNames, type Repetition } from './evaluation.ts'
import type { OnEvent } from './events.ts'
import { expand, isExpansion } from './expand.ts'
import { evaluateOutput } from './outputs.ts'
import {
  type ChangeAction,
  type InstancePlan,
  type Planned,
  type PlanningContext,
  planData,
  planDelete,
  planManaged,
} from './plan-resource.ts'
import { isFound, Registry } from './registry.ts'
import type { Snapshot, SnapshotInstance } from './snapshot.ts'
import type { State } from './state.ts'
import type { Template } from './template.ts'
import { setVariables, validateVariable } from './variables.ts'
import { type WorkItem, walk } from './walk.ts'
import { type StateObject, WorkingState } from './working-state.ts'

export type { ChangeAction } from './plan-resource.ts'

export interface PlanRequest {
  readonly template: Template
  /** Values of input variables in their text form, as `-var` takes them. */
  readonly variables: Readonly<Record<string, string>>
  readonly providers: readonly Provider[]
  /** Null before the first build. */
  readonly state: State | null
  readonly mode: 'apply' | 'destroy'
  readonly signal: AbortSignal
  readonly onEvent: OnEvent
  /** Whether file functions may read outside of the template's folder; not unless said. */
  readonly mayReadOutsideModule?: boolean
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
  /** Addresses of instances that the configuration asks for. */
  readonly #wanted = new Set<string>()
  readonly #repetitions = new Map<string, Repetition>()
  readonly #changing = new Set<string>()
  readonly #context: PlanningContext

  constructor(request: PlanRequest) {
    const { module } = request.template
    this.#request = request
    this.#registry = new Registry(request.providers, module)
    this.#evaluation = new Evaluation(module, request.mayReadOutsideModule ?? false)
    this.#working = new WorkingState(request.state)
    this.#context = {
      evaluation: this.#evaluation,
      working: this.#working,
      signal: request.signal,
      onEvent: request.onEvent,
      isChanging: (resource) => this.#changing.has(resource),
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
      snapshot: { instances: this.#instances.flatMap(toSnapshot), graph: this.#request.template.graph },
      isComplete: !hasErrors(this.diagnostics),
      instances: this.#instances,
      repetitions: this.#repetitions,
      evaluation: this.#evaluation,
      working: this.#working,
    }
  }

  async planApply(): Promise<void> {
    const { template, variables } = this.#request
    this.diagnostics.push(...template.diagnostics, ...setVariables(template.module, variables, this.#evaluation))
    this.#refuseModules()
    const items = template.order.map((id): WorkItem => {
      const waitsFor = template.graph.dependencies.get(id) ?? []
      return { id, waitsFor, run: () => this.#planNode(id) }
    })
    await this.#walk(items)
    await this.#planSurplus((object) => !this.#isWanted(object))
  }

  /** Needs nothing of the template but its provider table: a broken template must not keep a workspace alive. */
  async planDestroy(): Promise<void> {
    this.#refuseModules()
    await this.#planSurplus(() => true)
  }

  #refuseModules(): void {
    for (const { module, type, name } of this.#working.ofModules) {
      const detail = `The state holds ${module}.${type}.${name}, which belongs to a module; modules can not be used yet. Go back to the program that made it.`
      this.diagnostics.push(errorAt(undefined, 'State of a module', detail))
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
    this.diagnostics.push(...diagnostics)
    return !hasErrors(diagnostics)
  }

  #planNode(id: string): boolean | Promise<boolean> {
    const { module } = this.#request.template
    const dot = id.indexOf('.')
    const name = id.slice(dot + 1)
    switch (id.slice(0, dot)) {
      case 'var': {
        const variable = module.variables.get(name)
        return !variable || this.#note(validateVariable(variable, this.#evaluation))
      }
      case 'local':
        return this.#note(this.#evaluation.evaluateLocal(name))
      case 'output': {
        const output = module.outputs.get(name)
        return !output || this.#note(evaluateOutput(output, this.#evaluation).diagnostics)
      }
      case 'provider':
        return this.#planProvider(name)
      default: {
        const block = module.resources.get(id)
        return !block || this.#planBlock(id, block)
      }
    }
  }

  #planProvider(name: string): boolean {
    const provider = this.#registry.providerNamed(name)
    const block = this.#request.template.module.providerBlocks.find((candidate) => candidate.name === name)
    if (!provider || !block) return true
    const reserved = { attributes: new Set(['alias', 'version']), blocks: new Set<string>() }
    const { diagnostics } = decodeBody(
      block.body,
      provider.configuration,
      this.#evaluation.scope(),
      block.range,
      `provider "${name}"`,
      reserved,
    )
    return this.#note(diagnostics)
  }

  async #planBlock(name: string, block: ResourceBlock): Promise<boolean> {
    const expansion = expand(block, this.#evaluation.scope())
    if (!isExpansion(expansion)) return this.#note(expansion)
    const planOne = this.#plannerFor(block)
    if (!planOne) return false
    for (const names of expansion.instances) this.#wanted.add(formatInstance(block.address, names.key))
    const values = new Map<InstanceKey, Value>()
    let isComplete = true
    for (const group of inGroups(expansion.instances, parallelOperations)) {
      for (const { plan, diagnostics } of await Promise.all(group.map(planOne))) {
        isComplete = this.#note(diagnostics) && isComplete
        if (plan) this.#addInstance(name, plan)
        if (plan?.planned) values.set(plan.key, plan.planned)
      }
    }
    this.#repetitions.set(name, expansion.repetition)
    this.#evaluation.setResource(name, { repetition: expansion.repetition, values })
    return isComplete
  }

  #plannerFor(block: ResourceBlock): ((names: InstanceNames) => Promise<Planned>) | undefined {
    if (block.address.mode === 'data') {
      const found = this.#registry.dataSource(block)
      if (isFound(found)) return (names) => planData(block, names, found, this.#context)
      this.#note([found])
      return undefined
    }
    const found = this.#registry.resource(block)
    if (isFound(found)) return (names) => planManaged(block, names, found, this.#context)
    this.#note([found])
    return undefined
  }

  #addInstance(name: string, plan: InstancePlan): void {
    this.#instances.push(plan)
    if (plan.action !== 'no-op') this.#changing.add(name)
  }

  #isWanted({ address, instance }: StateObject): boolean {
    const name = formatResource(address)
    // Where planning the block failed nothing is known of what it wants, so nothing is taken away.
    if (!this.#repetitions.has(name)) return this.#request.template.module.resources.has(name)
    return instance.deposed === undefined && this.#wanted.has(formatInstance(address, instance.indexKey))
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
    const name = formatResource(stored.address)
    const found = this.#registry.stored(stored.address, stored.provider)
    if (!found) {
      const detail = `${name} is in the state, but its provider ${stored.provider} is not part of this deployment.`
      return this.#note([errorAt(undefined, 'Provider not available', detail)])
    }
    const block = this.#request.template.module.resources.get(name)
    const { plan, diagnostics } = await planDelete(stored, found, block, this.#context)
    if (plan) this.#addInstance(name, plan)
    return this.#note(diagnostics)
  }
}

function* inGroups<T>(items: readonly T[], size: number): Iterable<readonly T[]> {
  for (let at = 0; at < items.length; at += size) yield items.slice(at, at + size)
}

function toSnapshot({ address, key, planned, block }: InstancePlan): SnapshotInstance[] {
  return planned ? [{ address, key, value: planned, ...(block && { range: block.range }) }] : []
}
