// Validates a template: every block and expression of every module, without values for variables and without provider calls.
// Unknown values count as valid.

import { formatLocalResource } from '../addresses.ts'
import { decodeBody, IteratorScope, iteratorOf } from '../config/decode-body.ts'
import {
  type Condition,
  type ModuleNode,
  metaArguments,
  metaBlocks,
  metaProvisionerArguments,
  type Provisioner,
  type ResourceBlock,
} from '../config/module.ts'
import { typeOfSchema } from '../config/schema.ts'
import { addDiagnostics, type Diagnostic, withoutDuplicates } from '../diagnostics/diagnostic.ts'
import type { Body } from '../hcl/ast.ts'
import { evaluate, evaluateTo } from '../lang/evaluator/evaluate.ts'
import type { LanguageFunction } from '../lang/function.ts'
import type { Scope } from '../lang/scope.ts'
import type { DataSourceType, Provider, ResourceType } from '../provider.ts'
import { boolType, listType, mapType, type Type } from '../values/type.ts'
import { objectFrom, unknown, type Value, withMarks } from '../values/value.ts'
import { unknownAssertion } from './evaluation/conditions.ts'
import { asWarning, configureProvider, evaluateNamedValue } from './evaluation/evaluate-node.ts'
import { declaredMarks, Evaluation } from './evaluation/evaluation.ts'
import { checkRepetitionArguments, type RepetitionArguments } from './evaluation/expand.ts'
import type { InstanceNames, Repetition } from './evaluation/instance-names.ts'
import type { GraphNode } from './graph/graph.ts'
import { decodeConnection } from './plan/check-provisioners.ts'
import { configureBlock } from './plan/configure-block.ts'
import { checkMoves, readRemovals } from './plan/refactoring.ts'
import { listEphemeralResources, unsupportedEphemeral } from './providers/ephemeral-resources.ts'
import { isResolved, Registry, unknownFunction } from './providers/registry.ts'
import type { Template } from './template/template.ts'

/** All diagnostics, sorted by position. A missing provider is a warning; the arguments of its resources are not checked. */
export function validateTemplate(template: Template, providers: readonly Provider[]): Diagnostic[] {
  const validation = new Validation(template, providers)
  for (const id of template.order) validation.checkNode(id)
  const found = [
    ...template.diagnostics,
    // Errors of a plan, which has a state; warnings here.
    ...[...checkMoves(template), ...readRemovals(template).diagnostics].map(asWarning),
    ...validation.diagnostics,
    ...validation.checkEphemerals(),
    ...validation.missingProviders(),
  ]
  // A module that several blocks call is checked for each, mostly with the same diagnostics.
  return withoutDuplicates(found).sort(byPosition)
}

function byPosition({ range: a }: Pick<Diagnostic, 'range'>, { range: b }: Pick<Diagnostic, 'range'>): number {
  if (!a || !b) return Number(Boolean(a)) - Number(Boolean(b))
  if (a.file !== b.file) return a.file < b.file ? -1 : 1
  return a.start - b.start
}

class Validation {
  readonly diagnostics: Diagnostic[] = []
  readonly #template: Template
  readonly #registry: Registry
  readonly #providers: readonly Provider[]
  readonly #root: Evaluation
  readonly #missing = new Map<string, { first: Pick<ResourceBlock, 'range'>; count: number }>()

  constructor(template: Template, providers: readonly Provider[]) {
    this.#template = template
    this.#providers = providers
    this.#registry = new Registry(providers, template.root)
    this.#root = Evaluation.forPlan(template, {
      providerFunction: (node, name) => this.#functionNamed(node, name),
      cache: undefined,
    })
  }

  checkNode(id: string): void {
    const node = this.#template.graph.nodes.get(id)
    if (!node || node.kind === 'close') return
    for (const evaluation of this.#root.instancesAt(node.module.names)) this.#checkIn(node, evaluation)
  }

  /** Reports ephemeral resources of bundled providers, none of which has any. */
  checkEphemerals(): Diagnostic[] {
    const resources = listEphemeralResources(this.#template).filter(({ node, block }) => !this.#isMissing(block, node))
    return resources.map(({ node, block }) => unsupportedEphemeral(block, node, this.#registry))
  }

  /** Functions of missing providers return unknown values. */
  #functionNamed(node: ModuleNode, name: string): LanguageFunction | null | undefined {
    const isBundled = this.#registry.providerNamed(node, name.split('::')[1] ?? '') !== undefined
    return isBundled ? this.#registry.functionNamed(node, name) : unknownFunction
  }

  /** Counts the blocks of missing providers, so that each provider is reported once. */
  #isMissing(block: Pick<ResourceBlock, 'provider' | 'range'>, node: ModuleNode): boolean {
    if (this.#registry.providerNamed(node, block.provider.name)) return false
    const source = node.module.requiredProviders.get(block.provider.name)?.source ?? block.provider.name
    const counted = this.#missing.get(source)
    const first = counted && byPosition(counted.first, block) < 0 ? counted.first : block
    this.#missing.set(source, { first, count: (counted?.count ?? 0) + 1 })
    return true
  }

  missingProviders(): Diagnostic[] {
    const available = this.#providers.map(({ name }) => name).join(', ')
    return [...this.#missing].map(([source, { first, count }]): Diagnostic => {
      const blocks = count === 1 ? 'its block' : `its ${count} blocks`
      const detail = `The provider "${source}" is not bundled, so the arguments of ${blocks} were not checked. Available providers: ${available}.`
      return { severity: 'warning', summary: 'Provider not bundled', detail, range: first.range }
    })
  }

  #report(diagnostics: readonly Diagnostic[]): void {
    addDiagnostics(this.diagnostics, diagnostics)
  }

  #checkIn({ kind, name }: GraphNode, evaluation: Evaluation): void {
    switch (kind) {
      case 'variable':
        this.#checkVariable(name, evaluation)
        break
      case 'provider':
        this.#report(configureProvider(name, evaluation, this.#registry))
        break
      case 'call':
        this.#openCall(name, evaluation)
        break
      case 'resource':
        this.#checkResource(name, evaluation)
        break
      default:
        // Without a plan, values of resources are always unknown.
        this.#report(evaluateNamedValue(kind, name, evaluation).filter(({ summary }) => summary !== unknownAssertion))
    }
  }

  #checkVariable(name: string, evaluation: Evaluation): void {
    const variable = evaluation.module.variables.get(name)
    if (!variable) return
    if (evaluation.parent) this.#report(evaluateNamedValue('variable', name, evaluation))
    else {
      evaluation.setVariable(name, withMarks(unknown(variable.type), declaredMarks(variable)))
      this.#checkConditions(variable.validations, evaluation.scope())
    }
  }

  /** Checks that conditions can be evaluated, not that they are true. */
  #checkConditions(rules: readonly Condition[], scope: Scope): void {
    for (const { condition, errorMessage } of rules) {
      this.#report(evaluateTo(condition, boolType, scope, 'condition').diagnostics)
      this.#report(evaluate(errorMessage, scope).diagnostics)
    }
  }

  #openCall(name: string, evaluation: Evaluation): void {
    const call = evaluation.module.calls.get(name)
    if (!call) return
    const repetition = this.#checkRepetition(call, evaluation.scope())
    evaluation.openModule(name, repetition, [placeholderNames(repetition)])
  }

  #checkRepetition(block: RepetitionArguments, scope: Scope): Repetition {
    this.#report(checkRepetitionArguments(block, scope))
    return block.count ? 'count' : block.forEach ? 'for_each' : 'single'
  }

  #checkResource(name: string, evaluation: Evaluation): void {
    const block = evaluation.module.resources.get(name)
    if (!block) return
    const repetition = this.#checkRepetition(block, evaluation.scope())
    const names = placeholderNames(repetition)
    const type = this.#typeOf(block, evaluation)
    const before = this.diagnostics.length
    if (type) this.#report(configureBlock({ block, evaluation, names }, type, asWarning).diagnostics)
    else this.#checkUntyped(block.body, evaluation.scope(names), [metaArguments, metaBlocks])
    const self = type ? unknown(typeOfSchema(type.schema)) : unknown()
    const inner = evaluation.scope({ ...names, self })
    const { lifecycle, provisioners } = block
    if (lifecycle.preventDestroy) this.#report(evaluate(lifecycle.preventDestroy, evaluation.scope(names)).diagnostics)
    this.#checkConditions([...(type ? [] : lifecycle.preconditions), ...lifecycle.postconditions], inner)
    for (const provisioner of provisioners) this.#checkProvisioner(provisioner, block.body, inner)
    if (block.isInCheck) this.diagnostics.push(...this.diagnostics.splice(before).map(asWarning))
    evaluation.setResourceValue(formatLocalResource(block.address), placeholderValue(self.type, repetition))
  }

  #typeOf(block: ResourceBlock, evaluation: Evaluation): ResourceType | DataSourceType | undefined {
    const { node } = evaluation
    if (this.#isMissing(block, node)) return undefined
    const isData = block.address.mode === 'data'
    const found = isData ? this.#registry.dataSource(node, block) : this.#registry.resource(node, block)
    if (isResolved<ResourceType | DataSourceType>(found)) return found.type
    this.#report([found])
    return undefined
  }

  /** Evaluates the expressions of a body without a schema. */
  #checkUntyped(body: Body, scope: Scope, [skipped, skippedBlocks]: readonly ReadonlySet<string>[] = []): void {
    for (const { name, expression } of body.attributes.values())
      if (!skipped?.has(name)) this.#report(evaluate(expression, scope).diagnostics)
    for (const block of body.blocks) {
      if (skippedBlocks?.has(block.type)) continue
      if (block.type !== 'dynamic') {
        this.#checkUntyped(block.body, scope)
        continue
      }
      const forEach = block.body.attributes.get('for_each')
      if (forEach) this.#report(evaluate(forEach.expression, scope).diagnostics)
      const element = objectFrom({ key: unknown(), value: unknown() })
      const inner = new IteratorScope(scope, iteratorOf(block), element)
      for (const content of block.body.blocks) this.#checkUntyped(content.body, inner)
    }
  }

  #checkProvisioner({ type, body, range }: Provisioner, resource: Body, scope: Scope): void {
    const provisioner = this.#registry.provisioner(type)
    if (!provisioner) {
      const detail = `The provisioner "${type}" is not available in this deployment, so its arguments were not checked.`
      this.diagnostics.push({ severity: 'warning', summary: 'Provisioner not available', detail, range })
      return
    }
    const reserved = { attributes: metaProvisionerArguments, blocks: connectionOnly, allowsEphemeral: true }
    this.#report(decodeBody(body, provisioner.schema, scope, range, `provisioner "${type}"`, reserved).diagnostics)
    this.#report(decodeConnection(provisioner, body, resource, scope)?.diagnostics ?? [])
  }
}

const connectionOnly: ReadonlySet<string> = new Set(['connection'])

const placeholderNames = (repetition: Repetition): InstanceNames =>
  repetition === 'single' ? {} : { placeholderFor: repetition }

/** The value of a resource for expressions; unknown with the resource's type. */
function placeholderValue(type: Type, repetition: Repetition): Value {
  switch (repetition) {
    case 'single':
      return unknown(type)
    case 'count':
      return unknown(listType(type))
    case 'for_each':
      return unknown(mapType(type))
  }
}
