// Merges the parameter values of the last build, the request and the preset, in ascending precedence, and fills in
// defaults. Pure; errors include the parameter name.

import type { NamedValue, ValidationError } from '../../api/common.ts'
import { compileRegExp, limitSteps, WorkLimitError } from '../../terraform/lang/regexp/regexp.ts'
import type { Row } from '../database/schema.ts'

export type Parameter = Row<'template_version_parameters'>

export interface ValueSources {
  /** Values of the last build; null for the first build. */
  readonly previous: readonly NamedValue[] | null
  readonly requested: readonly NamedValue[]
  readonly preset: readonly NamedValue[]
}

export interface ParameterSources extends ValueSources {
  readonly parameters: readonly Parameter[]
}

export interface ResolvedParameters {
  /** One value per parameter of the version; unknown names are dropped. */
  readonly values: readonly NamedValue[]
  readonly validations: readonly ValidationError[]
}

export function resolveParameters({ parameters, previous, requested, preset }: ParameterSources): ResolvedParameters {
  const before = new Map((previous ?? []).map(({ name, value }) => [name, value]))
  const overrides = new Map([...requested, ...preset].map(({ name, value }) => [name, value]))
  const values: NamedValue[] = []
  const validations: ValidationError[] = []
  for (const parameter of parameters) {
    const last = parameter.ephemeral ? undefined : before.get(parameter.name)
    const value = overrides.get(parameter.name) ?? last ?? (parameter.required ? undefined : parameter.default_value)
    const problem =
      value === undefined
        ? 'is required and has no default. Set a value.'
        : (validateChange(rulesOf(parameter), before.get(parameter.name), value) ?? validateValue(parameter, value))
    if (problem) validations.push({ field: parameter.name, detail: `"${parameter.name}" ${problem}` })
    if (value !== undefined) values.push({ name: parameter.name, value })
  }
  return { values, validations }
}

interface ChangeRules {
  readonly mutable: boolean
  readonly monotonic: '' | 'increasing' | 'decreasing'
}

const rulesOf = ({ mutable, validation_monotonic: monotonic }: Parameter): ChangeRules => ({ mutable, monotonic })

/** Returns why the value must not replace the previous one, as the end of a sentence. */
export function validateChange(
  { mutable, monotonic }: ChangeRules,
  before: string | undefined,
  value: string,
): string | undefined {
  if (before === undefined || before === value) return undefined
  if (!mutable) return `cannot be changed after the workspace is created. Its value is "${before}".`
  const isDecrease = Number(value) < Number(before)
  if (monotonic === 'increasing' && isDecrease) return `can only increase. Its current value is ${before}.`
  if (monotonic === 'decreasing' && !isDecrease) return `can only decrease. Its current value is ${before}.`
  return undefined
}

/** Values that Go's `strconv.ParseBool` accepts. */
const booleans = /^(1|t|T|TRUE|true|True|0|f|F|FALSE|false|False)$/

function validateValue(parameter: Parameter, value: string): string | undefined {
  const elements = parameter.type === 'list(string)' ? parseList(value) : [value]
  if (elements === undefined) return 'must be a JSON list of strings.'
  if (parameter.type === 'bool' && !booleans.test(value)) return 'must be true or false.'
  if (parameter.options.length > 0) return validateOption(parameter, value, elements)
  if (parameter.type === 'number') return validateNumber(parameter, value)
  if (parameter.validation_regex !== '' && !matches(parameter.validation_regex, value)) {
    return parameter.validation_error || `must match ${parameter.validation_regex}.`
  }
  return undefined
}

/** A list must be one of the options, or consist of options. */
function validateOption({ options }: Parameter, value: string, elements: readonly string[]): string | undefined {
  const choices = new Set(options.map((option) => option.value))
  if (choices.has(value) || elements.every((element) => choices.has(element))) return undefined
  return `must be one of: ${[...choices].join(', ')}.`
}

function validateNumber(parameter: Parameter, value: string): string | undefined {
  const number = value.trim() === '' ? Number.NaN : Number(value)
  if (!Number.isFinite(number)) return 'must be a number.'
  const { validation_min: min, validation_max: max, validation_error: error, validation_monotonic: order } = parameter
  if ((min !== null || max !== null || order !== '') && !/^[+-]?\d+$/.test(value)) return 'must be a whole number.'
  if ((min !== null && number < min) || (max !== null && number > max)) {
    // A custom error message of the template may include the limits.
    if (error !== '')
      return error.replaceAll('{min}', `${min}`).replaceAll('{max}', `${max}`).replaceAll('{value}', value)
    if (min !== null && max !== null) return `must be between ${min} and ${max}.`
    return min !== null ? `must be at least ${min}.` : `must be at most ${max}.`
  }
  return undefined
}

function parseList(text: string): string[] | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return Array.isArray(value) && value.every((element) => typeof element === 'string') ? value : undefined
  } catch {
    return undefined
  }
}

// About 50 ms of the main thread, far above the need of any real pattern.
const maxPatternSteps = 100_000

/** In linear time. An invalid pattern is reported by the import. */
function matches(pattern: string, value: string): boolean {
  const compiled = compileRegExp(pattern)
  if (typeof compiled === 'string') return true
  try {
    return compiled.test(value, limitSteps(maxPatternSteps))
  } catch (error) {
    if (error instanceof WorkLimitError) return false
    throw error
  }
}
