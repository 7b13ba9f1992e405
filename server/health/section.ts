// What every section of the health report has in common.

import type { HealthCode, HealthMessage, HealthSeverity } from '../../api/deployment/health.ts'

export interface Finding {
  readonly severity: HealthSeverity
  readonly warnings: HealthMessage[]
  readonly error?: string
}

export const allWell: Finding = { severity: 'ok', warnings: [] }

/** Something is in danger. */
export const warned = (code: HealthCode, message: string): Finding => ({
  severity: 'warning',
  warnings: [{ code, message }],
})

/** Something does not work. */
export const failed = (code: HealthCode, message: string): Finding => ({
  severity: 'error',
  warnings: [],
  error: `${code}: ${message}`,
})

const ranks: Readonly<Record<HealthSeverity, number>> = { ok: 0, warning: 1, error: 2 }

/** Everything that was found about one section. */
export function together(findings: readonly Finding[]): Finding {
  const errors = findings.flatMap(({ error }) => error ?? [])
  return {
    severity: worst(findings.map(({ severity }) => severity)),
    warnings: findings.flatMap(({ warnings }) => warnings),
    ...(errors.length > 0 ? { error: errors.join(' ') } : {}),
  }
}

export function worst(severities: readonly HealthSeverity[]): HealthSeverity {
  return severities.reduce((one, other) => (ranks[other] > ranks[one] ? other : one), 'ok')
}

/** Every error says what it is to a person who reads the report. */
export function reasonOf(error: unknown): string {
  const { message, cause } = error as Error
  return cause instanceof Error ? `${message}: ${cause.message}` : message
}
