// Evaluates a template's parameters for a form, with the values entered so far. Evaluates only their dependencies, plans
// nothing and calls no other provider, so it is fast enough for each keystroke. Values of other providers are unknown.

import { formatInstance } from '../addresses.ts'
import type { ResourceBlock } from '../config/module.ts'
import { copyMarks, markBySchema } from '../config/schema.ts'
import { type Diagnostic, errorAt, hasErrors } from '../diagnostics/diagnostic.ts'
import { evaluateNamedValue, openModuleCall } from '../engine/evaluation/evaluate-node.ts'
import { Evaluation } from '../engine/evaluation/evaluation.ts'
import type { EvaluationCache } from '../engine/evaluation/evaluation-cache.ts'
import { expand, isExpansion } from '../engine/evaluation/expand.ts'
import type { InstanceNames } from '../engine/evaluation/instance-names.ts'
import { setVariables } from '../engine/evaluation/variables.ts'
import type { GraphNode } from '../engine/graph/graph.ts'
import { configureBlock } from '../engine/plan/configure-block.ts'
import { addressIn } from '../engine/plan/instance-plan.ts'
import { locateDiagnostic } from '../engine/providers/operations.ts'
import { Registry } from '../engine/providers/registry.ts'
import type { Template } from '../engine/template/template.ts'
import type { DataSourceType } from '../provider.ts'
import type { CoderContext } from '../providers/coder/context.ts'
import { dataSources } from '../providers/coder/data-sources.ts'
import { checkValue, fillDefaults, parameterId } from '../providers/coder/parameter.ts'
import { terraformProvider } from '../providers/terraform/provider.ts'
import { textField, textMapField, withFields } from '../values/fields.ts'
import { deepMarks, nullOf, type ObjectValue, string, unknown, type Value } from '../values/value.ts'
import { toParameter } from './extract-template-data.ts'
import type { ExtractedParameter } from './extracted-types.ts'

/** A parameter for display. */
export interface EvaluatedParameter extends Omit<ExtractedParameter, 'defaultValue'> {
  /** Null without a default. */
  readonly defaultValue: string | null
  /** The entered value, else the default; null if there is neither. */
  readonly value: string | null
  /** Diagnostics of the block or of the value. */
  readonly diagnostics: readonly Diagnostic[]
  /** No value was entered and there is no default. */
  readonly isMissing: boolean
}

export interface ParameterForm {
  /** In display order. */
  readonly parameters: readonly EvaluatedParameter[]
  /** Diagnostics that do not belong to a parameter. */
  readonly diagnostics: readonly Diagnostic[]
  /** The provisioner tags of a build with these values. */
  readonly tags: Readonly<Record<string, string>>
}

export interface FormRequest {
  readonly template: Template
  readonly variables: Readonly<Record<string, string>>
  /** `parameters` has the entered values. */
  readonly coder: CoderContext
  readonly mayReadOutsideModule: boolean
  /** Results of earlier evaluations of the template; this evaluation reads and extends it. */
  readonly cache?: EvaluationCache | undefined
}

/** Invalid templates and values give diagnostics, never exceptions. */
export async function evaluateForm(request: FormRequest): Promise<ParameterForm> {
  const { template } = request
  if (hasErrors(template.diagnostics)) return { parameters: [], diagnostics: template.diagnostics, tags: {} }
  const evaluator = new FormEvaluator(request)
  await evaluator.run()
  return evaluator.form()
}

const formTypes: ReadonlySet<string> = new Set(['coder_parameter', 'coder_workspace_tags'])

const orders = new WeakMap<Template, readonly string[]>()

/** The nodes of parameters, tags and their dependencies in topological order. Computed once per template. */
function orderOfNodes(template: Template): readonly string[] {
  const cached = orders.get(template)
  if (cached) return cached
  const { nodes, dependencies } = template.graph
  const needed = new Set<string>()
  const queue = [...nodes].filter(([, node]) => isFormNode(node)).map(([id]) => id)
  for (let id = queue.pop(); id !== undefined; id = queue.pop()) {
    if (needed.has(id)) continue
    needed.add(id)
    // The values of other providers are unknown, so their dependencies are not needed.
    if (usesOtherProvider(nodes.get(id))) continue
    queue.push(...(dependencies.get(id) ?? []))
  }
  const ordered = template.order.filter((id) => needed.has(id))
  orders.set(template, ordered)
  return ordered
}

const blockOf = (node: GraphNode | undefined): ResourceBlock | undefined =>
  node?.kind === 'resource' ? node.module.module.resources.get(node.name) : undefined

function isFormNode(node: GraphNode): boolean {
  const address = blockOf(node)?.address
  return address?.mode === 'data' && formTypes.has(address.type)
}

function usesOtherProvider(node: GraphNode | undefined): boolean {
  const address = blockOf(node)?.address
  return address !== undefined && !(address.mode === 'data' && address.type.startsWith('coder_'))
}

class FormEvaluator {
  readonly #request: FormRequest
  readonly #evaluation: Evaluation
  readonly #sources: Readonly<Record<string, DataSourceType>>
  readonly #diagnostics: Diagnostic[] = []
  readonly #parameters: EvaluatedParameter[] = []
  readonly #tags: Record<string, string> = {}

  constructor(request: FormRequest) {
    this.#request = request
    const { template, mayReadOutsideModule, cache } = request
    const registry = new Registry([terraformProvider()], template.root)
    const providerFunction = registry.functionNamed.bind(registry)
    this.#evaluation = Evaluation.forPlan(template, { mayReadOutsideModule, providerFunction, cache })
    this.#sources = dataSources(request.coder)
  }

  async run(): Promise<void> {
    const { template, variables } = this.#request
    this.#diagnostics.push(...setVariables(template.module, variables, this.#evaluation).diagnostics)
    for (const id of orderOfNodes(template)) {
      const node = template.graph.nodes.get(id)
      if (!node) continue
      for (const evaluation of this.#evaluation.instancesAt(node.module.names))
        await this.#evaluateNode(node, evaluation)
    }
  }

  form(): ParameterForm {
    const parameters = this.#parameters.sort((a, b) => a.order - b.order || (a.name < b.name ? -1 : 1))
    const diagnostics = [...this.#diagnostics, ...reportDuplicateNames(parameters)]
    return { parameters: firstOfEach(parameters), diagnostics, tags: this.#tags }
  }

  async #evaluateNode(node: GraphNode, evaluation: Evaluation): Promise<void> {
    if (node.kind === 'call') this.#diagnostics.push(...openModuleCall(node.name, evaluation))
    else if (node.kind !== 'resource') this.#diagnostics.push(...evaluateNamedValue(node.kind, node.name, evaluation))
    else if (!usesOtherProvider(node)) await this.#evaluateBlock(node, evaluation)
  }

  async #evaluateBlock({ name }: GraphNode, evaluation: Evaluation): Promise<void> {
    const block = evaluation.module.resources.get(name)
    const type = block && this.#sources[block.address.type]
    if (!block || !type) return
    const expansion = expand(block, evaluation.scope())
    if (!isExpansion(expansion)) return void this.#diagnostics.push(...expansion)
    const values = new Map<InstanceNames['key'], Value>()
    for (const names of expansion.instances)
      values.set(names.key, await this.#evaluateInstance(block, type, evaluation, names))
    const isDisabled = expansion.repetition === 'single' && expansion.instances.length === 0
    if (isDisabled) evaluation.setResourceValue(name, nullOf())
    else evaluation.setResource(name, { repetition: expansion.repetition, values })
  }

  async #evaluateInstance(
    block: ResourceBlock,
    type: DataSourceType,
    evaluation: Evaluation,
    names: InstanceNames,
  ): Promise<Value> {
    const { config, diagnostics } = configureBlock({ block, evaluation, names }, type)
    if (block.address.type === 'coder_parameter') {
      const location = { address: addressIn(evaluation, block), key: names.key, block }
      return this.#addParameter(config, diagnostics, (found) => locateDiagnostic(found, location))
    }
    this.#diagnostics.push(...diagnostics)
    if (hasErrors(diagnostics)) return unknown()
    const { value } = await type.read(config, {
      address: formatInstance(addressIn(evaluation, block), names.key),
      name: block.address.name,
      dir: this.#request.template.dir,
      signal: neverAborted,
      log: () => undefined,
    })
    if (block.address.type === 'coder_workspace_tags') Object.assign(this.#tags, textMapField(config, 'tags'))
    return value ? copyMarks(config, markBySchema(value, type.schema)) : unknown()
  }

  #addParameter(
    config: ObjectValue,
    found: readonly Diagnostic[],
    locate: (diagnostic: ReturnType<typeof checkValue>[number]) => Diagnostic,
  ): Value {
    const name = textField(config, 'name')
    if (name === undefined) {
      this.#diagnostics.push(...(found.length > 0 ? found : [namelessParameter]))
      return unknown()
    }
    const isInvalid = hasErrors(found)
    const { parameters } = this.#request.coder
    const entered = Object.hasOwn(parameters, name) ? parameters[name] : undefined
    const { filled, parameter, problems } = evaluateValue(config, name, entered)
    this.#parameters.push({
      ...parameter,
      ...(isInvalid && { formType: 'error' }),
      diagnostics: isInvalid ? found : [...found, ...problems.map(locate)],
    })
    return isInvalid ? unknown() : filled
  }
}

interface EvaluatedValue {
  readonly entered: string | undefined
  readonly filled: ObjectValue
  readonly parameter: Omit<EvaluatedParameter, 'diagnostics'>
  readonly problems: ReturnType<typeof checkValue>
}

/** The last value of each evaluated block, as long as the evaluation cache has the block. */
const lastValues = new WeakMap<ObjectValue, EvaluatedValue>()

function evaluateValue(config: ObjectValue, name: string, entered: string | undefined): EvaluatedValue {
  const last = lastValues.get(config)
  if (last && last.entered === entered) return last
  const evaluated = computeValue(config, name, entered)
  // The value of an ephemeral parameter is for one build only.
  const isCacheable = !evaluated.parameter.ephemeral && deepMarks(config) === 0
  if (isCacheable) lastValues.set(config, evaluated)
  return evaluated
}

function computeValue(config: ObjectValue, name: string, entered: string | undefined): EvaluatedValue {
  const type = textField(config, 'type') ?? 'string'
  const fallback = textField(config, 'default') ?? null
  const value = entered ?? fallback
  const filled = withFields(fillDefaults(config, type), {
    id: string(parameterId(name)),
    value: string(value ?? ''),
  })
  const parameter = {
    ...toParameter(filled),
    required: config.entries.get('default')?.kind === 'null',
    defaultValue: fallback,
    value,
    isMissing: value === null,
  }
  return {
    entered,
    filled,
    parameter,
    problems: value === null ? [] : checkValue(config, value, entered !== undefined),
  }
}

const neverAborted = new AbortController().signal

const namelessParameter: Diagnostic = {
  severity: 'error',
  summary: 'Invalid parameter',
  detail: 'The name of a parameter must be known before the build: use a constant.',
}

function reportDuplicateNames(parameters: readonly EvaluatedParameter[]): Diagnostic[] {
  const names = parameters.map(({ name }) => name)
  const duplicates = new Set(names.filter((name, at) => names.indexOf(name) !== at))
  return [...duplicates].map((name) =>
    errorAt(undefined, 'Duplicate parameter', `There is more than one parameter "${name}". Each needs a unique name.`),
  )
}

const firstOfEach = (parameters: readonly EvaluatedParameter[]): EvaluatedParameter[] =>
  [...new Map(parameters.toReversed().map((parameter) => [parameter.name, parameter])).values()].reverse()
