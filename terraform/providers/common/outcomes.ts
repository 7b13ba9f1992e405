// Diagnostics and outcomes of the bundled providers' operations.

import type { Outcome, ProviderDiagnostic } from '../../provider.ts'
import type { ObjectValue } from '../../values/value.ts'

export const problem = (summary: string, detail: string, ...path: (string | number)[]): ProviderDiagnostic => ({
  severity: 'error',
  summary,
  detail,
  ...(path.length > 0 && { path }),
})

export const failed = (value: ObjectValue | null, ...diagnostics: ProviderDiagnostic[]): Outcome => ({
  value,
  diagnostics,
})
