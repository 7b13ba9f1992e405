// Which values a build gets. A template that is asked in the classic way is judged by the parameters that its import
// found; any other one by what it asks for itself, given these very answers.

import type { NamedValue, ValidationError } from '../../api/common.ts'
import { ApiError, validationFailed } from '../../api/errors.ts'
import type { FormOutcome, FormParameter } from '../jobs/engine.ts'
import type { FormOwner, TemplateForm } from '../templates/template-form.ts'
import { problemOfChange } from './resolve-parameters.ts'

export interface AnswerSources {
  /** Of the last build; null for the first one. */
  readonly previous: readonly NamedValue[] | null
  readonly requested: readonly NamedValue[]
  readonly preset: readonly NamedValue[]
}

export interface SettledAnswers {
  readonly values: readonly NamedValue[]
  readonly tags: Readonly<Record<string, string>>
}

/** Those of the last build, then those asked for, then those of the preset, each over the one before.
 *  @throws ApiError 400 naming each parameter whose value will not do. */
export async function settleByForm(
  form: TemplateForm,
  formOwner: FormOwner,
  { previous, requested, preset }: AnswerSources,
): Promise<SettledAnswers> {
  const before = toRecord(previous ?? [])
  const asked = toRecord([...requested, ...preset])
  const outcome = await evaluateWithoutStale(form, formOwner, before, asked)
  refuseBrokenTemplate(outcome)
  const validations = outcome.parameters.flatMap((parameter) => validate(parameter, before[parameter.name]))
  if (validations.length > 0) throw validationFailed(validations)
  return {
    values: outcome.parameters.map(({ name, value }) => ({ name, value: value ?? '' })),
    tags: outcome.tags,
  }
}

// Names are the template's, so no name may mean what every object has.
const toRecord = (values: readonly NamedValue[]): Record<string, string> =>
  Object.assign(Object.create(null), Object.fromEntries(values.map(({ name, value }) => [name, value])))

/** What was answered to an ephemeral parameter was meant for that build alone. Which ones are is the template's answer. */
async function evaluateWithoutStale(
  form: TemplateForm,
  formOwner: FormOwner,
  before: Readonly<Record<string, string>>,
  asked: Readonly<Record<string, string>>,
): Promise<FormOutcome> {
  const all = { ...before, ...asked }
  const first = await form.evaluate(all, formOwner)
  const stale = first.parameters.filter(({ name, ephemeral }) => ephemeral && name in before && !(name in asked))
  if (stale.length === 0) return first
  const names = new Set(stale.map(({ name }) => name))
  return await form.evaluate(Object.fromEntries(Object.entries(all).filter(([name]) => !names.has(name))), formOwner)
}

function refuseBrokenTemplate({ diagnostics }: FormOutcome): void {
  const errors = diagnostics.filter(({ severity }) => severity === 'error')
  if (errors.length === 0) return
  throw new ApiError(400, 'The template does not say what it asks for.', {
    detail: errors.map(({ summary, detail }) => `${summary}: ${detail}`).join('\n'),
  })
}

function validate(parameter: FormParameter, before: string | undefined): ValidationError[] {
  const { name, value, isMissing, ephemeral, mutable, validation, diagnostics } = parameter
  if (isMissing) return [{ field: name, detail: `"${name}" is required and has no default. Give it a value.` }]
  const errors = diagnostics.filter(({ severity }) => severity === 'error')
  if (errors.length > 0) return errors.map(({ detail }) => ({ field: name, detail }))
  const rules = { mutable, monotonic: validation.monotonic }
  const change = ephemeral || value === null ? undefined : problemOfChange(rules, before, value)
  return change ? [{ field: name, detail: `"${name}" ${change}` }] : []
}
