// Applies a plan: runs its changes in dependency order, ten at a time. The returned state always matches what exists, also
// after a failure.

import { formatBlock, formatInstance, formatModulePath, type InstanceKey } from '../../addresses.ts'
import { addDiagnostics, type Diagnostic, errorAt, hasErrors } from '../../diagnostics/diagnostic.ts'
import { isFromStub, isFullyKnown, nullOf, type ObjectValue, type Value } from '../../values/value.ts'
import { asWarning, configureProvider, evaluateNamedValue } from '../evaluation/evaluate-node.ts'
import { Evaluation } from '../evaluation/evaluation.ts'
import { expand, isExpansion, type RepetitionArguments } from '../evaluation/expand.ts'
import type { InstanceNames } from '../evaluation/instance-names.ts'
import { evaluateOutput, outputToState } from '../evaluation/outputs.ts'
import { type GraphNode, nearestResources } from '../graph/graph.ts'
import { type OnStep, runGraph, traceItem, type WorkItem } from '../graph/run-graph.ts'
import type { InstancePlan } from '../plan/instance-plan.ts'
import type { Plan } from '../plan/plan.ts'
import { maxParallelOperations } from '../plan/plan-request.ts'
import type { Snapshot, SnapshotInstance } from '../plan/snapshot.ts'
import type { OnEvent } from '../providers/events.ts'
import type { State, StateOutput } from '../state/state.ts'
import { type ApplyContext, applyInstance, destroyInstance } from './apply-instance.ts'
import { Checkpoints } from './checkpoints.ts'
import {
  dependentsByResource,
  destroyActions,
  type ResourceDependencies,
  transitiveDependencies,
  withStoredDependencies,
} from './resource-dependencies.ts'

export interface ApplyOptions {
  /** An abort starts no further changes. Running operations get the signal, and their outcome is recorded. */
  readonly signal: AbortSignal
  readonly onEvent: OnEvent
  readonly onStep?: OnStep | undefined
  /** Receives the whole state after each changed object, before its dependents start, so that a killed process loses
   *  nothing. If the state is large, it may come later, for several objects together. */
  readonly onState?: (state: State) => void
}

export interface ApplyResult {
  /** Matches the existing objects, also after a failure or a cancel. */
  readonly state: State
  readonly snapshot: Snapshot
  readonly diagnostics: Diagnostic[]
  /** The final values. */
  readonly evaluation: Evaluation
}

export async function applyPlan(plan: Plan, options: ApplyOptions): Promise<ApplyResult> {
  const run = new ApplyRun(plan, options)
  if (plan.isComplete) await run.execute()
  else
    run.diagnostics.push(
      errorAt(undefined, 'Incomplete plan', 'The plan has errors, so nothing was changed. Fix the errors of the plan.'),
    )
  return run.result()
}

/** Actions that leave an object. */
const applyActions: ReadonlySet<string> = new Set(['create', 'update', 'replace', 'read'])
const isRemoval = ({ action }: InstancePlan) => action === 'delete' || action === 'forget'

class ApplyRun {
  readonly diagnostics: Diagnostic[] = []
  readonly #plan: Plan
  readonly #options: ApplyOptions
  readonly #context: ApplyContext
  readonly #evaluation: Evaluation
  readonly #instances: readonly InstancePlan[]
  readonly #byResource = new Map<string, InstancePlan[]>()
  readonly #values = new Map<InstancePlan, ObjectValue | null>()
  readonly #outputs: Record<string, StateOutput> = {}
  readonly #checkpoints: Checkpoints
  readonly #names = new Map<Evaluation, Map<RepetitionArguments, ReadonlyMap<InstanceKey, InstanceNames>>>()
  /** From the template and the state. */
  readonly #dependencies: ResourceDependencies

  constructor(plan: Plan, options: ApplyOptions) {
    const { template, mayReadOutsideModule } = plan.request
    this.#plan = plan
    this.#options = options
    this.#checkpoints = new Checkpoints(() => options.onState?.(plan.working.toState()))
    this.#evaluation = Evaluation.forApply(template, mayReadOutsideModule ?? false, plan.evaluation)
    for (const [name, value] of plan.evaluation.variables()) this.#evaluation.setVariable(name, value)
    const configured = nearestResources(template.graph)
    this.#dependencies = withStoredDependencies(configured, plan.instances)
    this.#instances = plan.instances
    for (const instance of this.#instances) {
      this.#values.set(instance, instance.action === 'no-op' ? instance.planned : instance.prior)
      const name = formatBlock(instance.address)
      const plans = this.#byResource.get(name)
      if (plans) plans.push(instance)
      else this.#byResource.set(name, [instance])
    }
    const sorted = new Map<string, readonly string[]>()
    const dependenciesOf = (name: string) => {
      const dependencies = sorted.get(name) ?? [...transitiveDependencies(configured, name)].sort()
      sorted.set(name, dependencies)
      return dependencies
    }
    this.#context = {
      dir: template.dir,
      evaluationOf: ({ module }) => this.#evaluation.instanceAt(module) ?? this.#evaluation,
      working: plan.working,
      registry: plan.registry,
      signal: options.signal,
      onEvent: options.onEvent,
      namesOf: (block, evaluation) => this.#namesOf(block, evaluation),
      dependenciesOf: ({ address }) => dependenciesOf(formatBlock(address)),
    }
  }

  async execute(): Promise<void> {
    const isDestroy = this.#plan.request.mode === 'destroy'
    await this.#run([...this.#destroyItems(), ...(isDestroy ? [] : this.#applyItems())])
    if (this.#options.signal.aborted) {
      this.diagnostics.push(
        errorAt(undefined, 'Canceled', 'The build was canceled. The objects created until then are in the state.'),
      )
    }
    if (isDestroy) this.#reportForgotten()
    const { working, evaluation } = this.#plan
    working.checkResults = isDestroy ? null : this.#evaluation.checks.toJson(evaluation.checks)
    // After a failure, outputs without a new value keep the old one. A destroy evaluates no outputs.
    working.outputs = hasErrors(this.diagnostics) ? { ...working.outputs, ...this.#outputs } : this.#outputs
  }

  async #run(work: readonly WorkItem[]): Promise<void> {
    const { onStep, signal } = this.#options
    // A barrier does no work, so it is not traced.
    const items = work.map((item) => (isBarrier(item) ? item : traceItem(item, onStep)))
    await runGraph(items, { limit: maxParallelOperations, signal })
    this.#checkpoints.close()
  }

  /** Objects that a destroy leaves in existence; OpenTofu reports them as an error. */
  #reportForgotten(): void {
    const forgotten = this.#instances.filter(({ action }) => action === 'forget')
    if (forgotten.length === 0) return
    const names = forgotten.map(({ address, key }) => formatInstance(address, key)).join(', ')
    const detail = `These objects still exist and are no longer managed: ${names}. Their blocks have destroy = false.`
    this.diagnostics.push(errorAt(undefined, 'Destroy was successful but left behind forgotten instances', detail))
  }

  result(): ApplyResult {
    const instances = [...this.#values].flatMap(([{ address, key, block, deposed }, value]): SnapshotInstance[] => {
      return value && deposed === undefined ? [{ address, key, value, ...(block && { range: block.range }) }] : []
    })
    return {
      state: this.#plan.working.toState(this.#plan.instances.every(({ action }) => action === 'no-op')),
      snapshot: { instances, graph: this.#plan.snapshot.graph },
      diagnostics: this.diagnostics,
      evaluation: this.#evaluation,
    }
  }

  /** False if any of the diagnostics is an error. */
  #report(diagnostics: readonly Diagnostic[]): boolean {
    addDiagnostics(this.diagnostics, diagnostics)
    return !hasErrors(diagnostics)
  }

  /** One item per graph node and per object to apply. A resource's node ends after all its objects. */
  #applyItems(): WorkItem[] {
    const { template } = this.#plan.request
    return template.order.flatMap((id): WorkItem[] => {
      const dependencies = [...(template.graph.dependencies.get(id) ?? [])]
      const plans = (this.#byResource.get(id) ?? []).filter((plan) => applyActions.has(plan.action))
      const items = plans.map((plan): WorkItem => {
        const dependsOn =
          plan.action === 'replace' && !plan.createBeforeDestroy ? [...dependencies, destroyId(plan)] : dependencies
        return { id: applyId(plan), dependsOn, run: () => this.#applyInstance(plan) }
      })
      return [...items, { id, dependsOn: [...dependencies, ...plans.map(applyId)], run: () => this.#finishNode(id) }]
    })
  }

  async #applyInstance(plan: InstancePlan): Promise<boolean> {
    const { value, diagnostics } = await applyInstance(plan, this.#context)
    this.#checkpoints.request()
    this.#values.set(plan, value)
    return this.#report(plan.block?.isInCheck ? diagnostics.map(asWarning) : diagnostics)
  }

  #finishNode(id: string): boolean {
    const node = this.#plan.request.template.graph.nodes.get(id)
    if (!node || node.kind === 'close') return true
    if (node.kind === 'resource') {
      this.#setResource(id, node)
      return true
    }
    const evaluations = this.#evaluation.instancesAt(node.module.names)
    return evaluations.map((evaluation) => this.#report(this.#finishValue(node, evaluation))).every(Boolean)
  }

  #finishValue({ kind, name }: GraphNode, evaluation: Evaluation): readonly Diagnostic[] {
    const isRoot = evaluation.parent === undefined
    switch (kind) {
      case 'variable':
        return isRoot ? [] : evaluateNamedValue(kind, name, evaluation)
      case 'call':
        this.#reopenModule(name, evaluation)
        return []
      case 'provider':
        return configureProvider(name, evaluation, this.#plan.registry)
      case 'output':
        return isRoot ? this.#finishOutput(name) : evaluateNamedValue(kind, name, evaluation)
      default:
        return evaluateNamedValue(kind, name, evaluation)
    }
  }

  #namesOf(block: RepetitionArguments, evaluation: Evaluation): ReadonlyMap<InstanceKey, InstanceNames> {
    const cached = this.#names.get(evaluation)?.get(block)
    if (cached) return cached
    const expansion = expand(block, evaluation.scope())
    const instances = isExpansion(expansion) ? expansion.instances : []
    const names = new Map(instances.map((instance) => [instance.key, instance]))
    const inModule =
      this.#names.get(evaluation) ?? new Map<RepetitionArguments, ReadonlyMap<InstanceKey, InstanceNames>>()
    this.#names.set(evaluation, inModule.set(block, names))
    return names
  }

  /** Opens the module with the planned instances. */
  #reopenModule(name: string, evaluation: Evaluation): void {
    const planned = this.#plan.evaluation.instanceAt(evaluation.path)?.childrenOf(name)
    const call = evaluation.module.calls.get(name)
    if (!planned || !call) return
    const instances = [...planned.instances.values()].map(({ names }) => {
      const isKnown = !names.each || isFullyKnown(names.each)
      return isKnown ? names : (this.#namesOf(call, evaluation).get(names.key) ?? names)
    })
    evaluation.openModule(name, planned.repetition, instances)
  }

  #setResource(id: string, { name, module }: GraphNode): void {
    const byModule = new Map<string, Map<InstanceKey, Value>>()
    for (const plan of this.#byResource.get(id) ?? []) {
      const value = this.#values.get(plan)
      if (!value || isRemoval(plan)) continue
      const path = formatModulePath(plan.address.module)
      const values = byModule.get(path)
      if (values) values.set(plan.key, value)
      else byModule.set(path, new Map([[plan.key, value]]))
    }
    for (const evaluation of this.#evaluation.instancesAt(module.names)) {
      const path = formatModulePath(evaluation.path)
      const repetition = this.#plan.repetitions.get(path === '' ? name : `${path}.${name}`) ?? 'single'
      const values = byModule.get(path)
      const planned = this.#plan.evaluation.instanceAt(evaluation.path)?.resource(name)
      const isDisabled = repetition === 'single' && !values
      if (isDisabled || (planned?.kind === 'unknown' && isFromStub(planned)))
        evaluation.setResourceValue(name, planned ?? nullOf())
      else evaluation.setResource(name, { repetition, values: values ?? new Map() })
    }
  }

  #finishOutput(name: string): readonly Diagnostic[] {
    const output = this.#plan.request.template.module.outputs.get(name)
    if (!output) return []
    const { value, diagnostics } = evaluateOutput(output, this.#evaluation)
    const stored = hasErrors(diagnostics) ? undefined : outputToState(output, value)
    if (stored) this.#outputs[name] = stored
    return diagnostics
  }

  /** An object is destroyed after its dependents are destroyed, or are updated so that they no longer use it. */
  #destroyItems(): WorkItem[] {
    const dependentsOf = dependentsByResource(this.#dependencies)
    const items: WorkItem[] = []
    for (const [name, plans] of this.#byResource) {
      const toDestroy = plans.filter((plan) => destroyActions.has(plan.action))
      const dependents = dependentsOf.get(name) ?? []
      const isWholeRemoval = plans.every(isRemoval)
      for (const plan of toDestroy) {
        const isCreatedFirst = plan.action === 'replace' && plan.createBeforeDestroy
        const dependsOn = [
          ...dependents.map(destroyedId),
          ...(isCreatedFirst || isWholeRemoval ? dependents : []),
          ...(isCreatedFirst ? [applyId(plan), name] : []),
        ]
        items.push({ id: destroyId(plan), dependsOn, run: () => this.#destroy(plan) })
      }
      items.push({ id: destroyedId(name), dependsOn: toDestroy.map(destroyId), run: () => true })
    }
    return items
  }

  async #destroy(plan: InstancePlan): Promise<boolean> {
    const { value, diagnostics } = await destroyInstance(plan, this.#context)
    this.#checkpoints.request()
    const isReplaced = plan.action === 'replace' && plan.createBeforeDestroy
    if (!isReplaced) this.#values.set(plan, value)
    return this.#report(diagnostics)
  }
}

const applyId = (plan: InstancePlan) => `apply ${formatInstance(plan.address, plan.key)}`
const destroyId = (plan: InstancePlan) => `destroy ${formatInstance(plan.address, plan.key)} ${plan.deposed ?? ''}`
const destroyedId = (name: string) => `destroyed ${name}`
const isBarrier = ({ id }: WorkItem) => id.startsWith('destroyed ')
