// `time_sleep`: delays the creation of its dependents, and the destruction of its dependencies.

import { setTimeout as wait } from 'node:timers/promises'
import type { OperationContext, ProviderDiagnostic, ResourceType } from '../../provider.ts'
import { noBlocks, optional, text } from '../../provider-schema.ts'
import { textField, withFields } from '../../values/fields.ts'
import { type ObjectValue, string } from '../../values/value.ts'
import { id, requireOneOf, triggers } from './schema.ts'
import { now, writeTimestamp } from './timestamps.ts'

const durations = ['create_duration', 'destroy_duration']
const durationPattern = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/
const millisecondsOf: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }

function checkDurations(config: ObjectValue): ProviderDiagnostic[] {
  return durations.flatMap((name) => {
    const duration = textField(config, name)
    if (duration === undefined || durationPattern.test(duration)) return []
    const detail = `"${name}" must be a number followed by ms, s, m or h, such as "30s"; it is ${JSON.stringify(duration)}.`
    return [{ severity: 'error', summary: 'Invalid Attribute Value Match', detail, path: [name] }]
  })
}

/** Waits for the duration in an argument; an error if it is canceled. */
async function waitFor(value: ObjectValue, name: string, { signal }: OperationContext): Promise<ProviderDiagnostic[]> {
  const [, amount, unit = 's'] = durationPattern.exec(textField(value, name) ?? '') ?? []
  if (amount === undefined) return []
  try {
    await wait(Number(amount) * (millisecondsOf[unit] ?? 0), undefined, { signal })
    return []
  } catch {
    return [
      { severity: 'error', summary: 'Sleep was canceled', detail: `The ${name} of ${amount}${unit} had not elapsed.` },
    ]
  }
}

export const timeSleep: ResourceType = {
  schema: {
    attributes: { id, create_duration: optional(text), destroy_duration: optional(text), triggers },
    blocks: noBlocks,
  },
  validate: (config) => [...checkDurations(config), ...requireOneOf(config, durations)],
  read: async (current) => ({ value: current }),
  async create(planned, context) {
    const diagnostics = await waitFor(planned, 'create_duration', context)
    if (diagnostics.length > 0) return { value: null, diagnostics }
    return { value: withFields(planned, { id: string(writeTimestamp(now())) }) }
  },
  update: async (_prior, planned) => ({ value: planned }),
  async delete(prior, context) {
    const diagnostics = await waitFor(prior, 'destroy_duration', context)
    return { value: diagnostics.length > 0 ? prior : null, diagnostics }
  },
}
