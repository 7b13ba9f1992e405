// Which of the configurations that one `provider` block makes by `for_each` an instance means.

import type { InstanceKey } from '../../addresses.ts'
import { configurationName, type ProviderReference } from '../../config/module.ts'
import { evaluate } from '../../lang/evaluate.ts'
import { primitiveText } from '../../values/value.ts'
import type { Evaluation, InstanceNames } from './evaluation.ts'

/** Undefined where the block makes only one. */
export function providerConfigurationKey(
  evaluation: Evaluation,
  names: InstanceNames,
  wanted: Omit<ProviderReference, 'range'>,
): InstanceKey {
  const name = configurationName(wanted)
  if (evaluation.module.providerBlocks.some((block) => configurationName(block) === name)) {
    if (!wanted.key) return undefined
    const { value } = evaluate(wanted.key, evaluation.scope(names))
    return primitiveText(value)
  }
  const { parent, node } = evaluation
  const given = node.call?.providers.get(name)?.reference
  return parent && given ? providerConfigurationKey(parent, evaluation.names, given) : undefined
}
