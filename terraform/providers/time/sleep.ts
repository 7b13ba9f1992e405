// `time_sleep`: lets whatever depends on it wait, when it is made and when it goes.

import { setTimeout as wait } from 'node:timers/promises'
import type { OperationContext, ProviderDiagnostic, ResourceType } from '../../provider.ts'
import { noBlocks, optional, text } from '../../provider-schema.ts'
import { textField, withFields } from '../../values/fields.ts'
import { type ObjectValue, string } from '../../values/value.ts'
import { id, requireOneOf, triggers } from './schema.ts'
import { now, writeTimestamp } from './timestamps.ts'

const durations = ['create_duration', 'destroy_duration']
const form = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/
const millisecondsOf: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }

function checkDurations(config: ObjectValue): ProviderDiagnostic[] {
  return durations.flatMap((name) => {
    const given = textField(config, name)
    if (given === undefined || form.test(given)) return []
    const detail = `"${name}" is a number with ms, s, m or h right behind it, such as "30s"; it is ${JSON.stringify(given)}.`
    return [{ severity: 'error', summary: 'Invalid Attribute Value Match', detail, path: [name] }]
  })
}

/** What is wrong when the wait was cut short. */
async function waitAsSaid(
  value: ObjectValue,
  name: string,
  { signal }: OperationContext,
): Promise<ProviderDiagnostic[]> {
  const [, amount, unit = 's'] = form.exec(textField(value, name) ?? '') ?? []
  if (amount === undefined) return []
  try {
    await wait(Number(amount) * (millisecondsOf[unit] ?? 0), undefined, { signal })
    return []
  } catch {
    return [
      { severity: 'error', summary: 'Sleep was canceled', detail: `The ${name} of ${amount}${unit} was not over.` },
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
    const diagnostics = await waitAsSaid(planned, 'create_duration', context)
    if (diagnostics.length > 0) return { value: null, diagnostics }
    return { value: withFields(planned, { id: string(writeTimestamp(now())) }) }
  },
  update: async (_prior, planned) => ({ value: planned }),
  async delete(prior, context) {
    const diagnostics = await waitAsSaid(prior, 'destroy_duration', context)
    return { value: diagnostics.length > 0 ? prior : null, diagnostics }
  },
}
