// Resolves the parameter values of a build by evaluating the parameter form of the template. resolve-parameters.ts does
// this for classic templates, which are validated against the parameters of the import.

import type { NamedValue, ValidationError } from '../../api/common.ts'
import { ApiError, validationFailed } from '../../api/errors.ts'
import type { FormOutcome, FormParameter } from '../jobs/engine.ts'
import type { FormOwner, TemplateForm } from '../templates/template-form.ts'
import { type ValueSources, validateChange } from './resolve-parameters.ts'

export interface ResolvedFormParameters {
  readonly values: readonly NamedValue[]
  readonly tags: Readonly<Record<string, string>>
}

/** Merges the values of the last build, the request and the preset; later ones take precedence.
 *  @throws ApiError 400 that lists each invalid parameter */
export async function resolveFormParameters(
  form: TemplateForm,
  formOwner: FormOwner,
  { previous, requested, preset }: ValueSources,
): Promise<ResolvedFormParameters> {
  const before = toRecord(previous ?? [])
  const overrides = toRecord([...requested, ...preset])
  const outcome = await evaluateWithoutStale(form, formOwner, before, overrides)
  assertTemplateEvaluated(outcome)
  const validations = outcome.parameters.flatMap((parameter) => validate(parameter, before[parameter.name]))
  if (validations.length > 0) throw validationFailed(validations)
  return {
    values: outcome.parameters.map(({ name, value }) => ({ name, value: value ?? '' })),
    tags: outcome.tags,
  }
}

// No prototype: parameter names are user input and may be `constructor`.
const toRecord = (values: readonly NamedValue[]): Record<string, string> =>
  Object.assign(Object.create(null), Object.fromEntries(values.map(({ name, value }) => [name, value])))

/** Evaluates the form without previous values of ephemeral parameters, which apply to one build only. */
async function evaluateWithoutStale(
  form: TemplateForm,
  formOwner: FormOwner,
  before: Readonly<Record<string, string>>,
  overrides: Readonly<Record<string, string>>,
): Promise<FormOutcome> {
  const all = { ...before, ...overrides }
  const first = await form.evaluate(all, formOwner)
  const stale = first.parameters.filter(({ name, ephemeral }) => ephemeral && name in before && !(name in overrides))
  if (stale.length === 0) return first
  const names = new Set(stale.map(({ name }) => name))
  return await form.evaluate(Object.fromEntries(Object.entries(all).filter(([name]) => !names.has(name))), formOwner)
}

function assertTemplateEvaluated({ diagnostics }: FormOutcome): void {
  const errors = diagnostics.filter(({ severity }) => severity === 'error')
  if (errors.length === 0) return
  throw new ApiError(400, 'Could not evaluate the parameters of the template.', {
    detail: errors.map(({ summary, detail }) => `${summary}: ${detail}`).join('\n'),
  })
}

function validate(parameter: FormParameter, before: string | undefined): ValidationError[] {
  const { name, value, isMissing, ephemeral, mutable, validation, diagnostics } = parameter
  if (isMissing) return [{ field: name, detail: `"${name}" is required and has no default. Set a value.` }]
  const errors = diagnostics.filter(({ severity }) => severity === 'error')
  if (errors.length > 0) return errors.map(({ detail }) => ({ field: name, detail }))
  const rules = { mutable, monotonic: validation.monotonic }
  const change = ephemeral || value === null ? undefined : validateChange(rules, before, value)
  return change ? [{ field: name, detail: `"${name}" ${change}` }] : []
}
