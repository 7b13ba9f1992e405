// Common parts of the health report's sections.

import type { HealthCode, HealthMessage, HealthSeverity } from '../../api/deployment/health.ts'

export interface Finding {
  readonly severity: HealthSeverity
  readonly warnings: HealthMessage[]
  readonly error?: string
}

export const noProblems: Finding = { severity: 'ok', warnings: [] }

/** A problem is imminent. */
export const warning = (code: HealthCode, message: string): Finding => ({
  severity: 'warning',
  warnings: [{ code, message }],
})

/** A function is unavailable. */
export const failure = (code: HealthCode, message: string): Finding => ({
  severity: 'error',
  warnings: [],
  error: `${code}: ${message}`,
})

const ranks: Readonly<Record<HealthSeverity, number>> = { ok: 0, warning: 1, error: 2 }

/** All findings of one section. */
export function combineFindings(findings: readonly Finding[]): Finding {
  const errors = findings.flatMap(({ error }) => error ?? [])
  return {
    severity: worst(findings.map(({ severity }) => severity)),
    warnings: findings.flatMap(({ warnings }) => warnings),
    ...(errors.length > 0 ? { error: errors.join(' ') } : {}),
  }
}

export function worst(severities: readonly HealthSeverity[]): HealthSeverity {
  return severities.reduce((a, b) => (ranks[b] > ranks[a] ? b : a), 'ok')
}
