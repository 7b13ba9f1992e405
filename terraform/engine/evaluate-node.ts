// What a node of the graph does to one instance of its module, while planning and while applying alike: values are
// computed, modules opened, providers configured. Resources are not here: planning and applying differ there.

import { decodeBody, rangeOfPath } from '../config/decode-body.ts'
import { configurationName, metaProviderArguments } from '../config/module.ts'
import { type Diagnostic, hasErrors } from '../diagnostics.ts'
import type { Evaluation } from './evaluation.ts'
import { expand, isExpansion } from './expand.ts'
import type { NodeKind } from './graph.ts'
import { evaluateOutput } from './outputs.ts'
import type { Registry } from './registry.ts'
import { checkCondition, setInput, validateVariable } from './variables.ts'

/** Variables, locals, outputs and checks. */
export function evaluateNamed(kind: NodeKind, name: string, evaluation: Evaluation): readonly Diagnostic[] {
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

/** A check only ever warns. */
function evaluateCheck(name: string, evaluation: Evaluation): readonly Diagnostic[] {
  const scope = evaluation.scope()
  const rules = evaluation.module.checks.get(name)?.assertions ?? []
  return rules.flatMap((rule) => checkCondition(rule, scope, 'Check block assertion failed').map(asWarning))
}

export const asWarning = (diagnostic: Diagnostic): Diagnostic => ({ ...diagnostic, severity: 'warning' })

export function openCall(name: string, evaluation: Evaluation): readonly Diagnostic[] {
  const call = evaluation.module.calls.get(name)
  if (!call) return []
  const expansion = expand(call, evaluation.scope())
  if (!isExpansion(expansion)) return expansion
  evaluation.openModule(name, expansion.repetition, expansion.instances)
  return []
}

/** A provider that is not part of the deployment is told where something needs it. */
export function configureProvider(name: string, evaluation: Evaluation, registry: Registry): readonly Diagnostic[] {
  const block = evaluation.module.providerBlocks.find((candidate) => configurationName(candidate) === name)
  const provider = block && registry.providerNamed(evaluation.node, block.name)
  if (!provider) return []
  const reserved = { attributes: metaProviderArguments, blocks: nothing }
  const what = `provider "${block.name}"`
  const { value, diagnostics } = decodeBody(
    block.body,
    provider.configuration,
    evaluation.scope(),
    block.range,
    what,
    reserved,
  )
  if (hasErrors(diagnostics) || !provider.configure) return diagnostics
  const configured = provider.configure(value)
  registry.setConfigured(evaluation.node, block, configured.provider)
  const found = (configured.diagnostics ?? []).map(({ severity, summary, detail, path }): Diagnostic => {
    return { severity, summary, detail, range: rangeOfPath(block.body, path ?? [], block.range) }
  })
  return [...diagnostics, ...found]
}

const nothing: ReadonlySet<string> = new Set()
