// Evaluates a graph node in one module instance: values, module calls and provider configurations. Plan and apply share it;
// resources, which they treat differently, are not here.

import { decodeBody, rangeOfPath } from '../../config/decode-body.ts'
import {
  configurationName,
  metaProviderArguments,
  type ProviderBlock,
  type ResourceBlock,
} from '../../config/module.ts'
import { type Diagnostic, errorAt, hasErrors } from '../../diagnostics/diagnostic.ts'
import { didYouMean } from '../../diagnostics/did-you-mean.ts'
import { evaluate } from '../../lang/evaluator/evaluate.ts'
import type { Provider, ResourceType } from '../../provider.ts'
import type { NodeKind } from '../graph/graph.ts'
import { StaticScope } from '../modules/static-scope.ts'
import { isResolved, type Registry, type ResolvedType } from '../providers/registry.ts'
import { checkCondition } from './conditions.ts'
import type { Evaluation } from './evaluation.ts'
import { expand, isExpansion, pairsOf } from './expand.ts'
import type { InstanceNames } from './instance-names.ts'
import { evaluateOutput } from './outputs.ts'
import { setInput, validateVariable } from './variables.ts'

/** Variables, locals, outputs and checks. */
export function evaluateNamedValue(kind: NodeKind, name: string, evaluation: Evaluation): readonly Diagnostic[] {
  switch (kind) {
    case 'variable': {
      const variable = evaluation.module.variables.get(name)
      if (!variable) return []
      const found = evaluation.parent ? setInput(variable, evaluation) : []
      return hasErrors(found) ? found : [...found, ...validateVariable(variable, evaluation)]
    }
    case 'local':
      return evaluation.evaluateLocal(name)
    case 'output': {
      const output = evaluation.module.outputs.get(name)
      return output ? evaluateOutput(output, evaluation).diagnostics : []
    }
    case 'check':
      return evaluateCheck(name, evaluation)
    default:
      return []
  }
}

function evaluateCheck(name: string, evaluation: Evaluation): readonly Diagnostic[] {
  const scope = evaluation.scope()
  const rules = evaluation.module.checks.get(name)?.assertions ?? []
  const context = { summary: 'Check block assertion failed', ...evaluation.checkTarget('check', `check.${name}`) }
  // A failed assertion is a warning; an invalid one is an error.
  return rules.flatMap((rule) =>
    checkCondition(rule, scope, context).map((found) => (found.summary === context.summary ? asWarning(found) : found)),
  )
}

export const asWarning = <T extends Pick<Diagnostic, 'severity'>>(found: T): T => ({ ...found, severity: 'warning' })

/** Checks that the paths of `ignore_changes` are configurable arguments. Skipped for inferred types. */
export function checkIgnoredPaths(
  block: ResourceBlock,
  resolved: ResolvedType<ResourceType> | Diagnostic,
): Diagnostic[] {
  const { ignoreChanges } = block.lifecycle
  if (ignoreChanges === 'all' || ignoreChanges.length === 0 || !isResolved(resolved)) return []
  if (resolved.type.isInferred) return []
  const { attributes, blocks } = resolved.type.schema
  return ignoreChanges.flatMap(({ steps: [first], range }) => {
    const name = first && 'attribute' in first ? first.attribute : ''
    if (attributes[name]?.readOnly) {
      const detail = `The provider sets "${name}", so ignoring its changes has no effect.`
      const summary = 'Redundant ignore_changes element'
      return [{ severity: 'warning' as const, summary, detail, range: block.typeRange }]
    }
    if (Object.hasOwn(attributes, name) || Object.hasOwn(blocks, name)) return []
    const hint = didYouMean(name, [...Object.keys(attributes), ...Object.keys(blocks)])
    return [errorAt(range, 'Unsupported attribute', `${block.address.type} has no argument "${name}".${hint}`)]
  })
}

export function openModuleCall(name: string, evaluation: Evaluation): readonly Diagnostic[] {
  const call = evaluation.module.calls.get(name)
  if (!call) return []
  const expansion = expand(call, evaluation.scope())
  if (!isExpansion(expansion)) return expansion
  evaluation.openModule(name, expansion.repetition, expansion.instances)
  return []
}

/** A missing provider is reported by the resources that use it. */
export function configureProvider(name: string, evaluation: Evaluation, registry: Registry): readonly Diagnostic[] {
  const block = evaluation.module.providerBlocks.find((candidate) => configurationName(candidate) === name)
  const provider = block && registry.providerNamed(evaluation.node, block.name)
  if (!provider) return []
  if (!block.forEach) return configureInstance(block, provider, {}, evaluation, registry)
  // The keys must be known before the graph runs, so they are static.
  const { value, diagnostics } = evaluate(block.forEach, new StaticScope(evaluation.node))
  if (hasErrors(diagnostics)) return diagnostics
  const pairs = pairsOf(value)
  if (typeof pairs === 'string') return [errorAt(block.forEach.range, 'Invalid for_each argument', pairs)]
  registry.setKeys(
    block,
    pairs.map(([key]) => key),
  )
  return pairs.flatMap(([key, each]) => configureInstance(block, provider, { key, each }, evaluation, registry))
}

function configureInstance(
  block: ProviderBlock,
  provider: Provider,
  names: InstanceNames,
  evaluation: Evaluation,
  registry: Registry,
): readonly Diagnostic[] {
  const reserved = { attributes: metaProviderArguments, blocks: noBlocks, allowsEphemeral: true }
  const blockName = `provider "${block.name}"`
  const scope = evaluation.scope(names)
  const { value, diagnostics } = decodeBody(block.body, provider.configuration, scope, block.range, blockName, reserved)
  if (hasErrors(diagnostics) || !provider.configure) return diagnostics
  const configured = provider.configure(value)
  registry.setConfigured(evaluation.node, block, names.key, configured.provider)
  const found = (configured.diagnostics ?? []).map(({ severity, summary, detail, path }): Diagnostic => {
    return { severity, summary, detail, range: rangeOfPath(block.body, path ?? [], block.range) }
  })
  return [...diagnostics, ...found]
}

const noBlocks: ReadonlySet<string> = new Set()
