// Applying a plan: makes the changes in the order that dependencies ask for, ten at a time, and always gives back the
// state of what then exists.

import { formatBlock, formatInstance, formatModulePath, type InstanceKey } from '../../addresses.ts'
import { addDiagnostics, type Diagnostic, errorAt, hasErrors } from '../../diagnostics.ts'
import { isOfAbsent, isWhollyKnown, nullOf, type ObjectValue, type Value } from '../../values/value.ts'
import { asWarning, configureProvider, evaluateNamed } from '../evaluation/evaluate-node.ts'
import { Evaluation, type InstanceNames } from '../evaluation/evaluation.ts'
import { expand, isExpansion, type Repeated } from '../evaluation/expand.ts'
import { evaluateOutput, outputToState } from '../evaluation/outputs.ts'
import { type GraphNode, nearestResources } from '../graph/graph.ts'
import { type WorkItem, walk } from '../graph/run-graph.ts'
import type { InstancePlan } from '../plan/instance-plan.ts'
import { type Plan, parallelOperations } from '../plan/plan.ts'
import type { Snapshot, SnapshotInstance } from '../plan/snapshot.ts'
import { type OnEvent, type OnStep, traced } from '../providers/events.ts'
import type { State, StateOutput } from '../state/state.ts'
import { type ApplyContext, destroy, make } from './apply-instance.ts'
import { Checkpoints } from './checkpoints.ts'

export interface ApplyOptions {
  /** Once aborted nothing new is begun; what is being made is given the signal and its outcome is kept. */
  readonly signal: AbortSignal
  readonly onEvent: OnEvent
  readonly onStep?: OnStep | undefined
  /** Told the whole state after each object that was made, changed or destroyed, before anything that depends on it
   *  begins: whoever stores it forgets nothing when the program is killed in the middle. Where the state is so large
   *  that telling it takes long, it is told a little later, for several objects at once. */
  readonly onState?: (state: State) => void
}

export interface ApplyResult {
  /** True to what exists, also after a failure or a cancel. */
  readonly state: State
  readonly snapshot: Snapshot
  readonly diagnostics: Diagnostic[]
  /** What everything has become. */
  readonly evaluation: Evaluation
}

export async function applyPlan(plan: Plan, options: ApplyOptions): Promise<ApplyResult> {
  const run = new ApplyRun(plan, options)
  if (plan.isComplete) await run.walk()
  else
    run.diagnostics.push(
      errorAt(undefined, 'Incomplete plan', 'The plan had errors, so nothing was changed. See the errors of the plan.'),
    )
  return run.result()
}

const makeActions: ReadonlySet<string> = new Set(['create', 'update', 'replace', 'read'])
const destroyActions: ReadonlySet<string> = new Set(['delete', 'forget', 'replace'])
const isGoing = ({ action }: InstancePlan) => action === 'delete' || action === 'forget'

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
  readonly #names = new Map<Evaluation, Map<Repeated, ReadonlyMap<InstanceKey, InstanceNames>>>()
  /** From each resource to those that it needs, by what the state and the template say. */
  readonly #needs: ReadonlyMap<string, ReadonlySet<string>>

  constructor(plan: Plan, options: ApplyOptions) {
    const { template, mayReadOutsideModule } = plan.request
    this.#plan = plan
    this.#options = options
    this.#checkpoints = new Checkpoints(() => options.onState?.(plan.working.toState()))
    this.#evaluation = Evaluation.forApply(template, mayReadOutsideModule ?? false, plan.evaluation)
    for (const [name, value] of plan.evaluation.variables()) this.#evaluation.setVariable(name, value)
    const configured = nearestResources(template.graph)
    this.#needs = addStored(configured, plan.instances)
    this.#instances = plan.instances
    for (const instance of this.#instances) {
      this.#values.set(instance, instance.action === 'no-op' ? instance.planned : instance.prior)
      const name = formatBlock(instance.address)
      const known = this.#byResource.get(name)
      if (known) known.push(instance)
      else this.#byResource.set(name, [instance])
    }
    const sorted = new Map<string, readonly string[]>()
    const dependencies = (name: string) => {
      const known = sorted.get(name) ?? [...reachable(configured, name)].sort()
      sorted.set(name, known)
      return known
    }
    this.#context = {
      dir: template.dir,
      evaluationOf: ({ module }) => this.#evaluation.instanceAt(module) ?? this.#evaluation,
      working: plan.working,
      registry: plan.registry,
      signal: options.signal,
      onEvent: options.onEvent,
      namesOf: (block, evaluation) => this.#namesOf(block, evaluation),
      dependenciesOf: ({ address }) => dependencies(formatBlock(address)),
    }
  }

  async walk(): Promise<void> {
    const { mode, template } = this.#plan.request
    const work = [...this.#destroyItems(), ...(mode !== 'destroy' ? this.#makeItems() : [])]
    const { onStep } = this.#options
    // Where only others are waited for there is nothing to tell.
    const items = work.map((item) => (isJoint(item) ? item : { ...item, run: traced(item, item.run, onStep) }))
    await walk(items, { limit: parallelOperations, signal: this.#options.signal })
    this.#checkpoints.close()
    if (this.#options.signal.aborted) {
      this.diagnostics.push(
        errorAt(undefined, 'Canceled', 'The build was canceled. What had been made until then is in the state.'),
      )
    }
    if (mode === 'destroy') this.#tellForgotten()
    const isWhole = !hasErrors(this.diagnostics)
    this.#plan.working.checkResults =
      mode !== 'destroy' ? this.#evaluation.checks.toJson(this.#plan.evaluation.checks) : null
    const { working } = this.#plan
    working.outputs =
      isWhole && mode === 'destroy' ? {} : isWhole ? this.#outputs : { ...working.outputs, ...this.#outputs }
    if (mode !== 'destroy' && isWhole && template.module.outputs.size === 0) working.outputs = {}
  }

  /** Whoever asks for the end of everything must know of what is still there. */
  #tellForgotten(): void {
    const forgotten = this.#instances.filter(({ action }) => action === 'forget')
    if (forgotten.length === 0) return
    const names = forgotten.map(({ address, key }) => formatInstance(address, key)).join(', ')
    const detail = `Left as they are, and no longer known here: ${names}. Their blocks say destroy = false.`
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

  #note(diagnostics: readonly Diagnostic[]): boolean {
    addDiagnostics(this.diagnostics, diagnostics)
    return !hasErrors(diagnostics)
  }

  /** One item per node of the template and per object to make. A resource's node is done when all its objects are. */
  #makeItems(): WorkItem[] {
    const { template } = this.#plan.request
    return template.order.flatMap((id): WorkItem[] => {
      const needs = [...(template.graph.dependencies.get(id) ?? [])]
      const plans = (this.#byResource.get(id) ?? []).filter((plan) => makeActions.has(plan.action))
      const items = plans.map((plan): WorkItem => {
        const waitsFor = plan.action === 'replace' && !plan.createBeforeDestroy ? [...needs, destroyId(plan)] : needs
        return { id: makeId(plan), waitsFor, run: () => this.#make(plan) }
      })
      return [...items, { id, waitsFor: [...needs, ...plans.map(makeId)], run: () => this.#finishNode(id) }]
    })
  }

  async #make(plan: InstancePlan): Promise<boolean> {
    const { value, diagnostics } = await make(plan, this.#context)
    this.#checkpoints.mark()
    this.#values.set(plan, value)
    return this.#note(plan.block?.isOfCheck ? diagnostics.map(asWarning) : diagnostics)
  }

  #finishNode(id: string): boolean {
    const node = this.#plan.request.template.graph.nodes.get(id)
    if (!node || node.kind === 'close') return true
    if (node.kind === 'resource') {
      this.#setResource(id, node)
      return true
    }
    const evaluations = this.#evaluation.instancesAt(node.module.names)
    return evaluations.map((evaluation) => this.#note(this.#finishValue(node, evaluation))).every(Boolean)
  }

  #finishValue({ kind, name }: GraphNode, evaluation: Evaluation): readonly Diagnostic[] {
    const isRoot = evaluation.parent === undefined
    switch (kind) {
      case 'variable':
        return isRoot ? [] : evaluateNamed(kind, name, evaluation)
      case 'call':
        this.#reopenModule(name, evaluation)
        return []
      case 'provider':
        return configureProvider(name, evaluation, this.#plan.registry)
      case 'output':
        return isRoot ? this.#finishOutput(name) : evaluateNamed(kind, name, evaluation)
      default:
        return evaluateNamed(kind, name, evaluation)
    }
  }

  #namesOf(block: Repeated, evaluation: Evaluation): ReadonlyMap<InstanceKey, InstanceNames> {
    const known = this.#names.get(evaluation)?.get(block)
    if (known) return known
    const expansion = expand(block, evaluation.scope())
    const instances = isExpansion(expansion) ? expansion.instances : []
    const names = new Map(instances.map((one) => [one.key, one]))
    const inModule = this.#names.get(evaluation) ?? new Map<Repeated, ReadonlyMap<InstanceKey, InstanceNames>>()
    this.#names.set(evaluation, inModule.set(block, names))
    return names
  }

  /** With the instances that were planned. */
  #reopenModule(name: string, evaluation: Evaluation): void {
    const planned = this.#plan.evaluation.instanceAt(evaluation.path)?.childrenOf(name)
    const call = evaluation.module.calls.get(name)
    if (!planned || !call) return
    const all = [...planned.instances.values()].map(({ names }) => {
      const isKnown = !names.each || isWhollyKnown(names.each)
      return isKnown ? names : (this.#namesOf(call, evaluation).get(names.key) ?? names)
    })
    evaluation.openModule(name, planned.repetition, all)
  }

  #setResource(id: string, { name, module }: GraphNode): void {
    const byModule = new Map<string, Map<InstanceKey, Value>>()
    for (const plan of this.#byResource.get(id) ?? []) {
      const value = this.#values.get(plan)
      if (!value || isGoing(plan)) continue
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
      if (isDisabled || (planned?.kind === 'unknown' && isOfAbsent(planned)))
        evaluation.setResourceValue(name, planned ?? nullOf())
      else evaluation.setResource(name, { repetition, values: values ?? new Map() })
    }
  }

  #finishOutput(name: string): readonly Diagnostic[] {
    const output = this.#plan.request.template.module.outputs.get(name)
    if (!output) return []
    const { value, diagnostics } = evaluateOutput(output, this.#evaluation)
    const kept = hasErrors(diagnostics) ? undefined : outputToState(output, value)
    if (kept) this.#outputs[name] = kept
    return diagnostics
  }

  /** An object goes after those that need it have gone, or have been changed so that they do no longer. */
  #destroyItems(): WorkItem[] {
    const dependents = invert(this.#needs)
    const items: WorkItem[] = []
    for (const [name, plans] of this.#byResource) {
      const going = plans.filter((plan) => destroyActions.has(plan.action))
      const users = dependents.get(name) ?? []
      const isGoingWhole = plans.every(isGoing)
      for (const plan of going) {
        const isLate = plan.action === 'replace' && plan.createBeforeDestroy
        const waitsFor = [
          ...users.map(destroyedId),
          ...(isLate || isGoingWhole ? users : []),
          ...(isLate ? [makeId(plan), name] : []),
        ]
        items.push({ id: destroyId(plan), waitsFor, run: () => this.#destroy(plan) })
      }
      items.push({ id: destroyedId(name), waitsFor: going.map(destroyId), run: () => true })
    }
    return items
  }

  async #destroy(plan: InstancePlan): Promise<boolean> {
    const { value, diagnostics } = await destroy(plan, this.#context)
    this.#checkpoints.mark()
    const isMadeAlready = plan.action === 'replace' && plan.createBeforeDestroy
    if (!isMadeAlready) this.#values.set(plan, value)
    return this.#note(diagnostics)
  }
}

const makeId = (plan: InstancePlan) => `make ${formatInstance(plan.address, plan.key)}`
const destroyId = (plan: InstancePlan) => `destroy ${formatInstance(plan.address, plan.key)} ${plan.deposed ?? ''}`
const destroyedId = (name: string) => `destroyed ${name}`
const isJoint = ({ id }: WorkItem) => id.startsWith('destroyed ')

/** All that a resource needs, also by way of others. */
function reachable(needs: ReadonlyMap<string, ReadonlySet<string>>, name: string): ReadonlySet<string> {
  const found = new Set<string>()
  const queue = [...(needs.get(name) ?? [])]
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    if (found.has(next)) continue
    found.add(next)
    queue.push(...(needs.get(next) ?? []))
  }
  return found
}

function addStored(
  configured: ReadonlyMap<string, ReadonlySet<string>>,
  instances: readonly InstancePlan[],
): ReadonlyMap<string, ReadonlySet<string>> {
  const needs = new Map(configured)
  for (const { address, stored, action } of instances) {
    if (!stored || !destroyActions.has(action)) continue
    const name = formatBlock(address)
    const known = needs.get(name)
    if (!known || stored.instance.dependencies.some((dependency) => !known.has(dependency)))
      needs.set(name, new Set([...(known ?? []), ...stored.instance.dependencies]))
  }
  return needs
}

function invert(needs: ReadonlyMap<string, ReadonlySet<string>>): ReadonlyMap<string, string[]> {
  const users = new Map<string, string[]>()
  for (const [name, needed] of needs) {
    for (const target of needed) {
      const list = users.get(target)
      if (list) list.push(name)
      else users.set(target, [name])
    }
  }
  return users
}
