// Evaluates the block of one instance and checks it: schema, provider validation, pre- and postconditions.

import { formatBlock, formatInstance } from '../../addresses.ts'
import { decodeBody, type ReservedNames } from '../../config/decode-body.ts'
import { metaArguments, metaBlocks } from '../../config/module.ts'
import { type Diagnostic, errorAt, hasErrors } from '../../diagnostics/diagnostic.ts'
import type { DataSourceType, ProviderDiagnostic, ResourceType } from '../../provider.ts'
import { hasInfinity, type ObjectValue } from '../../values/value.ts'
import { type ConditionContext, checkCondition } from '../evaluation/conditions.ts'
import { locateDiagnostic } from '../providers/operations.ts'
import { addressIn, type BlockInstance } from './instance-plan.ts'

const reservedNames: ReservedNames = { attributes: metaArguments, blocks: metaBlocks }

/** Evaluates the block and validates it; `adapt` may change the severity of the diagnostics of `validateConfig`. */
export function configureBlock(
  { block, evaluation, names }: BlockInstance,
  type: ResourceType | DataSourceType,
  adapt = (found: ProviderDiagnostic): ProviderDiagnostic => found,
): { config: ObjectValue; diagnostics: readonly Diagnostic[] } {
  const scope = evaluation.scope(names)
  const context = { summary: 'Resource precondition failed', ...checkTargetOf({ block, evaluation, names }) }
  const diagnostics = block.lifecycle.preconditions.flatMap((rule) => checkCondition(rule, scope, context))
  const blockName = `${block.address.mode === 'data' ? 'data' : 'resource'} "${block.address.type}"`
  const decoded = decodeBody(block.body, type.schema, scope, block.range, blockName, reservedNames)
  diagnostics.push(...decoded.diagnostics)
  for (const [name, value] of decoded.value.entries) {
    if (!hasInfinity(value)) continue
    const detail = `"${name}" is an infinite number, which the state cannot store. Check for a division by zero.`
    const range = block.body.attributes.get(name)?.expression.range ?? block.range
    diagnostics.push(errorAt(range, 'Infinite number in argument', detail))
  }
  if (!hasErrors(diagnostics)) {
    const invalid = type.validate?.(decoded.value) ?? []
    const configProblems =
      'validateConfig' in type && invalid.length === 0 ? (type.validateConfig?.(decoded.value) ?? []) : []
    for (const found of [...invalid, ...configProblems.map(adapt)]) {
      diagnostics.push(locateDiagnostic(found, { address: addressIn(evaluation, block), key: names.key, block }))
    }
  }
  return { config: decoded.value, diagnostics }
}

/** Checks postconditions as far as the values are known. */
export function checkPostconditions(
  { block, evaluation, names }: BlockInstance,
  self: ObjectValue,
  { isInferred }: ResourceType | DataSourceType,
): readonly Diagnostic[] {
  if (block.lifecycle.postconditions.length === 0 || isInferred) return []
  const scope = evaluation.scope({ ...names, self })
  const context = { summary: 'Resource postcondition failed', ...checkTargetOf({ block, evaluation, names }) }
  return block.lifecycle.postconditions.flatMap((rule) => checkCondition(rule, scope, context))
}

function checkTargetOf({ block, evaluation, names }: BlockInstance): Pick<ConditionContext, 'object' | 'results'> {
  const address = addressIn(evaluation, block)
  const object = {
    kind: 'resource' as const,
    configAddress: formatBlock(address),
    address: formatInstance(address, names.key),
  }
  return { object, results: evaluation.checks }
}
