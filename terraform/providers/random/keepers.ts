import type { ProviderDiagnostic } from '../../provider.ts'
import { optional, textMap } from '../../provider-schema.ts'
import { numberField } from '../../values/fields.ts'
import type { ObjectValue } from '../../values/value.ts'
import { problem } from '../common/outcomes.ts'

/** Arbitrary values whose change generates a new result. */
export const keepers = optional(textMap)

export function requireAtLeast(config: ObjectValue, name: string, least: number): ProviderDiagnostic[] {
  const value = numberField(config, name)
  if (value === undefined || value >= least) return []
  return [problem('Invalid Attribute Value', `"${name}" must be at least ${least}; it is ${value}.`, name)]
}
