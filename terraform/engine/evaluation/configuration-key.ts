// Finds the key of the provider configuration that an instance uses, if its `provider` block has `for_each`.

import type { InstanceKey } from '../../addresses.ts'
import { configurationName, type ProviderReference } from '../../config/module.ts'
import { evaluate } from '../../lang/evaluator/evaluate.ts'
import { primitiveText } from '../../values/value.ts'
import type { Evaluation } from './evaluation.ts'
import type { InstanceNames } from './instance-names.ts'

/** Undefined if the `provider` block has no `for_each`. */
export function providerConfigurationKey(
  evaluation: Evaluation,
  names: InstanceNames,
  reference: Omit<ProviderReference, 'range'>,
): InstanceKey {
  const name = configurationName(reference)
  if (evaluation.module.providerBlocks.some((block) => configurationName(block) === name)) {
    if (!reference.key) return undefined
    const { value } = evaluate(reference.key, evaluation.scope(names))
    return primitiveText(value)
  }
  const { parent, node } = evaluation
  const passed = node.call?.providers.get(name)?.reference
  return parent && passed ? providerConfigurationKey(parent, evaluation.names, passed) : undefined
}
