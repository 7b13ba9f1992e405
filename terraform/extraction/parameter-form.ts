// What a template asks for, given what was answered so far: evaluates its parameters, and of the rest only what they
// need. Nothing is planned and no other provider is asked, so it takes a form's keystroke; what others would say is
// unknown here.

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

/** One parameter, ready to be shown. */
export interface EvaluatedParameter extends Omit<ExtractedParameter, 'defaultValue'> {
  /** Null without a default. */
  readonly defaultValue: string | null
  /** What was given, else the default; null when there is neither. */
  readonly value: string | null
  /** What is wrong with the block or with the value. */
  readonly diagnostics: readonly Diagnostic[]
  /** Nothing was given and there is no default. */
  readonly isMissing: boolean
}

export interface ParameterForm {
  /** In the order in which they are asked. */
  readonly parameters: readonly EvaluatedParameter[]
  /** Of no parameter in particular. */
  readonly diagnostics: readonly Diagnostic[]
  /** Tags that a provisioner must have for the build that these answers ask for. */
  readonly tags: Readonly<Record<string, string>>
}

export interface FormRequest {
  readonly template: Template
  readonly variables: Readonly<Record<string, string>>
  /** `parameters` holds the answers. */
  readonly coder: CoderContext
  readonly mayReadOutsideModule: boolean
  /** What earlier evaluations of the template have given, for this one to use and add to. */
  readonly cache?: EvaluationCache | undefined
}

/** Never throws for what the template or the answers hold. */
export async function evaluateForm(request: FormRequest): Promise<ParameterForm> {
  const { template } = request
  if (hasErrors(template.diagnostics)) return { parameters: [], diagnostics: template.diagnostics, tags: {} }
  const evaluator = new FormEvaluator(request)
  await evaluator.run()
  return evaluator.form()
}

const asked: ReadonlySet<string> = new Set(['coder_parameter', 'coder_workspace_tags'])

const plans = new WeakMap<Template, readonly string[]>()

/** The nodes that parameters and tags need, each after what it needs. The same for every evaluation of a template. */
function nodesToEvaluate(template: Template): readonly string[] {
  const known = plans.get(template)
  if (known) return known
  const { nodes, dependencies } = template.graph
  const needed = new Set<string>()
  const open = [...nodes].filter(([, node]) => isAsked(node)).map(([id]) => id)
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    if (needed.has(id)) continue
    needed.add(id)
    // Beyond what another provider makes nothing is known.
    if (isForeign(nodes.get(id))) continue
    open.push(...(dependencies.get(id) ?? []))
  }
  const ordered = template.order.filter((id) => needed.has(id))
  plans.set(template, ordered)
  return ordered
}

const blockOf = (node: GraphNode | undefined): ResourceBlock | undefined =>
  node?.kind === 'resource' ? node.module.module.resources.get(node.name) : undefined

function isAsked(node: GraphNode): boolean {
  const address = blockOf(node)?.address
  return address?.mode === 'data' && asked.has(address.type)
}

function isForeign(node: GraphNode | undefined): boolean {
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
    for (const id of nodesToEvaluate(template)) {
      const node = template.graph.nodes.get(id)
      if (!node) continue
      for (const evaluation of this.#evaluation.instancesAt(node.module.names))
        await this.#evaluateNode(node, evaluation)
    }
  }

  form(): ParameterForm {
    const parameters = this.#parameters.sort((a, b) => a.order - b.order || (a.name < b.name ? -1 : 1))
    const diagnostics = [...this.#diagnostics, ...tellDuplicates(parameters)]
    return { parameters: firstOfEach(parameters), diagnostics, tags: this.#tags }
  }

  async #evaluateNode(node: GraphNode, evaluation: Evaluation): Promise<void> {
    if (node.kind === 'call') this.#diagnostics.push(...openModuleCall(node.name, evaluation))
    else if (node.kind !== 'resource') this.#diagnostics.push(...evaluateNamedValue(node.kind, node.name, evaluation))
    else if (!isForeign(node)) await this.#evaluateBlock(node, evaluation)
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
      const place = { address: addressIn(evaluation, block), key: names.key, block }
      return this.#ask(config, diagnostics, (found) => locateDiagnostic(found, place))
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

  #ask(
    config: ObjectValue,
    found: readonly Diagnostic[],
    place: (diagnostic: ReturnType<typeof checkValue>[number]) => Diagnostic,
  ): Value {
    const name = textField(config, 'name')
    if (name === undefined) {
      this.#diagnostics.push(...(found.length > 0 ? found : [namelessParameter]))
      return unknown()
    }
    const isBroken = hasErrors(found)
    const { parameters: answers } = this.#request.coder
    const given = Object.hasOwn(answers, name) ? answers[name] : undefined
    const { filled, parameter, wrong } = answered(config, name, given)
    this.#parameters.push({
      ...parameter,
      ...(isBroken && { formType: 'error' }),
      diagnostics: isBroken ? found : [...found, ...wrong.map(place)],
    })
    return isBroken ? unknown() : filled
  }
}

interface Answered {
  readonly given: string | undefined
  readonly filled: ObjectValue
  readonly parameter: Omit<EvaluatedParameter, 'diagnostics'>
  readonly wrong: ReturnType<typeof checkValue>
}

/** With the answer of last time, while a memory keeps the block as it was evaluated. */
const lastAnswers = new WeakMap<ObjectValue, Answered>()

function answered(config: ObjectValue, name: string, given: string | undefined): Answered {
  const last = lastAnswers.get(config)
  if (last && last.given === given) return last
  const made = answer(config, name, given)
  // An answer for one build only is not kept for longer.
  const isKept = !made.parameter.ephemeral && deepMarks(config) === 0
  if (isKept) lastAnswers.set(config, made)
  return made
}

function answer(config: ObjectValue, name: string, given: string | undefined): Answered {
  const type = textField(config, 'type') ?? 'string'
  const fallback = textField(config, 'default') ?? null
  const value = given ?? fallback
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
  return { given, filled, parameter, wrong: value === null ? [] : checkValue(config, value, given !== undefined) }
}

const neverAborted = new AbortController().signal

const namelessParameter: Diagnostic = {
  severity: 'error',
  summary: 'Invalid parameter',
  detail: 'The name of a parameter must be known before anything is made: write it out.',
}

function tellDuplicates(parameters: readonly EvaluatedParameter[]): Diagnostic[] {
  const names = parameters.map(({ name }) => name)
  const twice = new Set(names.filter((name, at) => names.indexOf(name) !== at))
  return [...twice].map((name) =>
    errorAt(
      undefined,
      'Duplicate parameter',
      `There is more than one parameter "${name}". Give each a name of its own.`,
    ),
  )
}

const firstOfEach = (parameters: readonly EvaluatedParameter[]): EvaluatedParameter[] =>
  [...new Map(parameters.toReversed().map((parameter) => [parameter.name, parameter])).values()].reverse()
