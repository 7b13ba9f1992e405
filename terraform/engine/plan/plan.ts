// Planning: evaluates a template against a state and decides what to change. Visits the nodes of the template's graph in
// dependency order; a failed node blocks only its dependents.

import { formatBlock, formatInstance } from '../../addresses.ts'
import { addDiagnostics, type Diagnostic, errorAt, hasErrors } from '../../diagnostics/diagnostic.ts'
import { configureProvider, evaluateNamedValue, openModuleCall } from '../evaluation/evaluate-node.ts'
import { Evaluation } from '../evaluation/evaluation.ts'
import type { Repetition } from '../evaluation/instance-names.ts'
import { setVariables } from '../evaluation/variables.ts'
import type { GraphNode } from '../graph/graph.ts'
import { runGraph, traceItem, type WorkItem } from '../graph/run-graph.ts'
import { checkEphemeralResources } from '../providers/ephemeral-resources.ts'
import { Registry } from '../providers/registry.ts'
import { WorkingState } from '../state/working-state.ts'
import { undeclaredImports, unusedImports } from './import-object.ts'
import type { ChangeAction, InstancePlan } from './instance-plan.ts'
import { BlockPlanner } from './plan-block.ts'
import { isOrphan, orphanItems } from './plan-orphans.ts'
import { maxParallelOperations, type PlanRequest } from './plan-request.ts'
import type { PlanRun } from './plan-run.ts'
import { PlannedInstances } from './planned-instances.ts'
import { moveObjects, readRemovals } from './refactoring.ts'
import type { Snapshot, SnapshotInstance } from './snapshot.ts'

export interface PlannedChange {
  /** With its instance key. */
  readonly address: string
  readonly action: ChangeAction
}

export interface Plan {
  readonly request: PlanRequest
  readonly changes: readonly PlannedChange[]
  readonly snapshot: Snapshot
  /** False if there were errors: the failed parts are missing. */
  readonly isComplete: boolean
  /** For `applyPlan`. */
  readonly instances: readonly InstancePlan[]
  readonly repetitions: ReadonlyMap<string, Repetition>
  readonly registry: Registry
  readonly evaluation: Evaluation
  /** The refreshed state. */
  readonly working: WorkingState
}

/** If there are errors, the plan shows the parts that could be evaluated, and cannot be applied. */
export async function planTemplate(request: PlanRequest): Promise<{ plan: Plan; diagnostics: Diagnostic[] }> {
  const planner = new Planner(request)
  if (request.mode === 'destroy') await planner.planDestroy()
  else await planner.planApply()
  return { plan: planner.result(), diagnostics: planner.diagnostics }
}

class Planner {
  readonly diagnostics: Diagnostic[] = []
  readonly #request: PlanRequest
  readonly #run: PlanRun
  readonly #blocks: BlockPlanner
  /** Root module variables without a valid value. */
  #unset: ReadonlySet<string> = new Set()

  constructor(request: PlanRequest) {
    this.#request = request
    this.#run = this.#createRun(request)
    this.#blocks = new BlockPlanner(this.#run)
  }

  #createRun(request: PlanRequest): PlanRun {
    const { template } = request
    const registry = new Registry(request.providers, template.root, request.substitute)
    const evaluation = Evaluation.forPlan(template, {
      mayReadOutsideModule: request.mayReadOutsideModule,
      providerFunction: (node, name) => registry.functionNamed(node, name),
      cache: request.cache,
    })
    const working = new WorkingState(request.state)
    const planned = new PlannedInstances(template.graph)
    return {
      request,
      registry,
      evaluation,
      working,
      removals: readRemovals(template),
      planned,
      context: {
        dir: template.dir,
        working,
        signal: request.signal,
        onEvent: request.onEvent,
        createsBeforeDestroy: (address) => template.createsBeforeDestroy.has(formatBlock(address)),
        isChanging: (module, references) => planned.isChanging(module, references),
        plansOf: (resource) => planned.plansOf(resource),
      },
      report: (diagnostics) => this.#report(diagnostics),
    }
  }

  result(): Plan {
    const { planned, registry, evaluation, working } = this.#run
    const { instances, placeholders, repetitions } = planned
    return {
      request: this.#request,
      changes: instances.map(({ address, key, action }) => ({ address: formatInstance(address, key), action })),
      snapshot: {
        instances: [...instances, ...placeholders].flatMap(toSnapshot),
        graph: this.#request.template.graph,
      },
      isComplete: !hasErrors(this.diagnostics),
      instances,
      repetitions,
      registry,
      evaluation,
      working,
    }
  }

  async planApply(): Promise<void> {
    const { template, variables, variableValues } = this.#request
    const { evaluation, working, registry, removals, planned } = this.#run
    const set = setVariables(template.module, variables, evaluation, variableValues)
    this.#unset = set.unset
    addDiagnostics(this.diagnostics, [
      ...template.diagnostics,
      ...set.diagnostics,
      ...undeclaredImports(template.module),
    ])
    this.diagnostics.push(...removals.diagnostics, ...moveObjects(template, working))
    this.#reportUnreadableState()
    this.diagnostics.push(...checkEphemeralResources(template, registry))
    await this.#runItems(template.order.map((id) => this.#nodeItem(id)))
    if (this.#request.mode !== 'apply' || this.#request.signal.aborted) return
    // After an error, an import may belong to an instance that could not be planned.
    if (!hasErrors(this.diagnostics)) this.diagnostics.push(...unusedImports(evaluation, planned.configured))
    await this.#runItems(orphanItems(this.#run, (object) => isOrphan(this.#run, object)))
  }

  /** Uses only the template's values and providers: a workspace with a broken template can still be deleted. */
  async planDestroy(): Promise<void> {
    this.#reportUnreadableState()
    this.#evaluateValues()
    await this.#runItems(orphanItems(this.#run, () => true))
  }

  /** Evaluates everything but resources and data. Ignores errors: the build that created the objects reported them. */
  #evaluateValues(): void {
    const { template, variables, variableValues } = this.#request
    const { evaluation } = this.#run
    setVariables(template.module, variables, evaluation, variableValues)
    for (const id of template.order) {
      const node = template.graph.nodes.get(id)
      if (!node || node.kind === 'resource' || node.kind === 'close') continue
      for (const instance of evaluation.instancesAt(node.module.names)) this.#planValue(node, instance)
    }
  }

  #reportUnreadableState(): void {
    for (const { module, type, name } of this.#run.working.unreadable) {
      const detail = `The state holds ${type}.${name} in a module with the unreadable address ${JSON.stringify(module)}. Restore the state from the last good build.`
      this.diagnostics.push(errorAt(undefined, 'Unreadable state', detail))
    }
  }

  #nodeItem(id: string): WorkItem {
    const dependsOn = this.#request.template.graph.dependencies.get(id) ?? []
    return traceItem({ id, dependsOn, run: () => this.#planNode(id) }, this.#request.onStep)
  }

  async #runItems(items: readonly WorkItem[]): Promise<void> {
    const { signal } = this.#request
    await runGraph(items, { limit: maxParallelOperations, signal })
    if (signal.aborted)
      this.diagnostics.push(errorAt(undefined, 'Canceled', 'The plan was canceled before it was complete.'))
  }

  /** False if any of the diagnostics is an error. */
  #report(diagnostics: readonly Diagnostic[]): boolean {
    addDiagnostics(this.diagnostics, diagnostics)
    return !hasErrors(diagnostics)
  }

  #planNode(id: string): boolean | Promise<boolean> {
    const node = this.#request.template.graph.nodes.get(id)
    if (!node || node.kind === 'close') return true
    // The missing value is reported already; its dependents would only repeat it.
    if (node.kind === 'variable' && !node.module.parent && this.#unset.has(node.name)) return false
    const evaluations = this.#run.evaluation.instancesAt(node.module.names)
    if (node.kind === 'resource') return this.#blocks.plan(id, node, evaluations)
    return evaluations.map((evaluation) => this.#report(this.#planValue(node, evaluation))).every(Boolean)
  }

  #planValue({ kind, name }: GraphNode, evaluation: Evaluation): readonly Diagnostic[] {
    switch (kind) {
      case 'provider':
        return configureProvider(name, evaluation, this.#run.registry)
      case 'call':
        return openModuleCall(name, evaluation)
      default:
        return evaluateNamedValue(kind, name, evaluation)
    }
  }
}

function toSnapshot({ address, key, planned, block }: InstancePlan): SnapshotInstance[] {
  return planned ? [{ address, key, value: planned, ...(block && { range: block.range }) }] : []
}
