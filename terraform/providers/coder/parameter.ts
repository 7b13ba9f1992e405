// `coder_parameter`: a value that the user chooses when creating a workspace. Reading it returns the chosen value or the
// default, validated by the template's rules.

import { createHash } from 'node:crypto'
import { compileRegExp, limitSteps, WorkLimitError } from '../../lang/regexp/regexp.ts'
import type { DataSourceType, ProviderDiagnostic } from '../../provider.ts'
import {
  blocks,
  computed,
  flag,
  noBlocks,
  num,
  optional,
  optionalComputed,
  required,
  text,
  withDefault,
} from '../../provider-schema.ts'
import { blocksField, boolField, numberField, textField, withFields } from '../../values/fields.ts'
import { parseNum } from '../../values/number.ts'
import { bool, int, nullOf, type ObjectValue, string, typeOf, type Value } from '../../values/value.ts'
import type { CoderContext } from './context.ts'
import { changeBlocks, withDefaults } from './defaults.ts'

const parameterTypes: readonly string[] = ['string', 'number', 'bool', 'list(string)']

// The form controls of each type; the first is the default.
const controlsWithOptions: Readonly<Record<string, readonly string[]>> = {
  string: ['radio', 'dropdown'],
  number: ['radio', 'dropdown'],
  bool: ['radio', 'dropdown'],
  'list(string)': ['radio', 'multi-select'],
}
const controlsWithoutOptions: Readonly<Record<string, readonly string[]>> = {
  string: ['input', 'textarea'],
  number: ['input', 'slider'],
  bool: ['checkbox', 'switch'],
  'list(string)': ['tag-select'],
}

const parameterSchema: DataSourceType['schema'] = {
  attributes: {
    id: optionalComputed(text),
    value: computed(text),
    optional: computed(flag),
    name: required(text),
    display_name: optional(text),
    description: optional(text),
    type: withDefault(text),
    form_type: withDefault(text),
    styling: withDefault(text),
    default: optional(text),
    mutable: withDefault(flag),
    ephemeral: withDefault(flag),
    icon: optional(text),
    order: optional(num),
  },
  blocks: {
    option: blocks({
      attributes: { name: required(text), value: required(text), description: optional(text), icon: optional(text) },
      blocks: noBlocks,
    }),
    validation: blocks(
      {
        attributes: {
          regex: optional(text),
          error: optional(text),
          min: optional(num),
          max: optional(num),
          monotonic: optional(text),
          min_disabled: computed(flag),
          max_disabled: computed(flag),
        },
        blocks: noBlocks,
      },
      { maxItems: 1 },
    ),
  },
}

export function parameterData(context: CoderContext): DataSourceType {
  return {
    schema: parameterSchema,
    validate: validateDeclaration,
    validateConfig: checkDeclaration,
    async read(config) {
      const name = textField(config, 'name') ?? ''
      const type = textField(config, 'type') ?? 'string'
      const fallback = textField(config, 'default')
      const chosen = Object.hasOwn(context.parameters, name) ? context.parameters[name] : undefined
      const value = chosen ?? fallback
      const diagnostics =
        value === undefined ? requireValue(name, context) : checkValue(config, value, chosen !== undefined)
      const read = withFields(fillBlocks(fillDefaults(config, type)), {
        id: string(parameterId(name)),
        value: string(value ?? ''),
        optional: bool(fallback !== undefined),
        ...(blocksField(config, 'option').length === 0 && {
          option: nullOf(typeOf(config.entries.get('option') ?? nullOf())),
        }),
      })
      return { value: read, diagnostics }
    },
  }
}

/** Derives a stable id from the name, in UUID form. */
export function parameterId(name: string): string {
  const digest = createHash('sha256').update(name).digest('hex')
  return [
    digest.slice(0, 8),
    digest.slice(8, 12),
    digest.slice(12, 16),
    digest.slice(16, 20),
    digest.slice(20, 32),
  ].join('-')
}

/** Fills in the provider's defaults. */
export function fillDefaults(config: ObjectValue, type: string): ObjectValue {
  const table = blocksField(config, 'option').length > 0 ? controlsWithOptions : controlsWithoutOptions
  return withDefaults(config, {
    type: string(type),
    form_type: string(table[type]?.[0] ?? 'input'),
    styling: string('{}'),
    mutable: bool(false),
    ephemeral: bool(false),
  })
}

const optionZeros: Readonly<Record<string, Value>> = { description: string(''), icon: string('') }
const ruleZeros: Readonly<Record<string, Value>> = {
  regex: string(''),
  error: string(''),
  monotonic: string(''),
  min: int(0),
  max: int(0),
}

/** Omitted attributes of nested blocks are empty, as in the real provider. */
function fillBlocks(value: ObjectValue): ObjectValue {
  const withOptionTexts = changeBlocks(value, 'option', (option) => withDefaults(option, optionZeros))
  return changeBlocks(withOptionTexts, 'validation', (rules) => {
    const isOmitted = (name: string) => bool(rules.entries.get(name)?.kind === 'null')
    return withFields(withDefaults(rules, ruleZeros), {
      min_disabled: isOmitted('min'),
      max_disabled: isOmitted('max'),
    })
  })
}

const problem = (summary: string, detail: string, ...path: (string | number)[]): ProviderDiagnostic => ({
  severity: 'error',
  summary,
  detail,
  path,
})

/** During a template import, parameters have no values yet. */
function requireValue(name: string, context: CoderContext): ProviderDiagnostic[] {
  if (context.buildId === '') return []
  return [problem('Missing parameter value', `The parameter "${name}" has no default, so it requires a value.`, 'name')]
}

function validateDeclaration(config: ObjectValue): readonly ProviderDiagnostic[] {
  const name = textField(config, 'name') ?? ''
  const type = textField(config, 'type') ?? 'string'
  if (!parameterTypes.includes(type)) {
    return [
      problem(
        'Invalid parameter type',
        `The type of the parameter "${name}" must be one of: ${parameterTypes.join(', ')}; it is "${type}".`,
        'type',
      ),
    ]
  }
  const [rules] = blocksField(config, 'validation')
  return rules ? validateBounds(rules) : []
}

function checkDeclaration(config: ObjectValue): readonly ProviderDiagnostic[] {
  const name = textField(config, 'name') ?? ''
  const type = textField(config, 'type') ?? 'string'
  return [
    ...checkFormType(config, name, type),
    ...checkEphemeral(config, name),
    ...checkOptions(config, name, type),
    ...checkRules(config, name, type),
  ]
}

function checkFormType(config: ObjectValue, name: string, type: string): ProviderDiagnostic[] {
  const formType = textField(config, 'form_type')
  // With unknown options, any control may be valid.
  if (config.entries.get('option')?.kind === 'unknown') return []
  const hasOptions = blocksField(config, 'option').length > 0
  const allowed = (hasOptions ? controlsWithOptions : controlsWithoutOptions)[type] ?? []
  if (formType === undefined || allowed.includes(formType)) return []
  const kind = `a ${type} parameter ${hasOptions ? 'with' : 'without'} options`
  return [
    problem(
      'Invalid form type',
      `"${formType}" is not valid for ${kind}, such as "${name}". Use one of: ${allowed.join(', ')}.`,
      'form_type',
    ),
  ]
}

function checkEphemeral(config: ObjectValue, name: string): ProviderDiagnostic[] {
  if (!boolField(config, 'ephemeral')) return []
  const found: ProviderDiagnostic[] = []
  if (!boolField(config, 'mutable'))
    found.push(
      problem('Invalid parameter', `The parameter "${name}" is ephemeral, so it must also be mutable.`, 'ephemeral'),
    )
  if (config.entries.get('default')?.kind === 'null') {
    found.push(
      problem('Invalid parameter', `The parameter "${name}" is ephemeral, so it requires a default.`, 'ephemeral'),
    )
  }
  return found
}

function checkOptions(config: ObjectValue, name: string, type: string): ProviderDiagnostic[] {
  const found: ProviderDiagnostic[] = []
  const used = { name: new Set<string>(), value: new Set<string>() }
  for (const [index, option] of blocksField(config, 'option').entries()) {
    for (const field of ['name', 'value'] as const) {
      const content = textField(option, field)
      if (content === undefined) continue
      if (used[field].has(content)) {
        found.push(
          problem(
            'Duplicate option',
            `Two options of the parameter "${name}" have the ${field} "${content}".`,
            'option',
            index,
            field,
          ),
        )
      }
      used[field].add(content)
    }
    const value = textField(option, 'value')
    const wrong = value === undefined ? undefined : typeProblem(optionType(config, type), value)
    if (wrong)
      found.push(problem('Invalid option', `An option of the parameter "${name}" ${wrong}.`, 'option', index, 'value'))
  }
  return found
}

/** The value of a multi-select is the list of its selected options. */
const optionType = (config: ObjectValue, type: string) => (isMultiSelect(config, type) ? 'string' : type)

const isMultiSelect = (config: ObjectValue, type: string) =>
  type === 'list(string)' && textField(config, 'form_type') === 'multi-select'

function validateBounds(rules: ObjectValue): ProviderDiagnostic[] {
  const found: ProviderDiagnostic[] = []
  const reject = (field: string, detail: string) =>
    found.push(problem('Invalid validation', detail, 'validation', 0, field))
  const isSet = (field: string) => rules.entries.get(field)?.kind !== 'null'
  if (textField(rules, 'regex') !== undefined && ['min', 'max', 'monotonic'].some(isSet))
    reject('regex', '"regex" cannot be combined with "min", "max" or "monotonic".')
  for (const field of ['min', 'max']) {
    const bound = numberField(rules, field)
    if (bound !== undefined && !Number.isInteger(bound))
      reject(field, `"${field}" must be a whole number; it is ${bound}.`)
  }
  return found
}

function checkRules(config: ObjectValue, name: string, type: string): ProviderDiagnostic[] {
  const [rules] = blocksField(config, 'validation')
  if (!rules) return []
  const found: ProviderDiagnostic[] = []
  // As the real provider, which reports it when it validates the default.
  const path = config.entries.get('default')?.kind === 'null' ? ['name'] : ['default']
  const report = (detail: string) => found.push(problem('Invalid validation', detail, ...path))
  const regex = textField(rules, 'regex')
  const min = numberField(rules, 'min')
  const max = numberField(rules, 'max')
  if (regex !== undefined && type !== 'string')
    report(`"regex" is only valid for string parameters; "${name}" is a ${type}.`)
  if (regex !== undefined && textField(rules, 'error') === undefined)
    report(`"regex" requires "error", the message for values of "${name}" that do not match.`)
  const compiled = regex === undefined ? undefined : compileRegExp(regex)
  if (typeof compiled === 'string') report(`The regular expression is invalid: ${compiled}.`)
  for (const field of ['min', 'max', 'monotonic']) {
    const isSet = rules.entries.get(field)?.kind !== 'null'
    if (isSet && type !== 'number') report(`"${field}" is only valid for number parameters; "${name}" is a ${type}.`)
  }
  if (min !== undefined && max !== undefined && min > max)
    report(`"min" is larger than "max", so no value of "${name}" is valid.`)
  const monotonic = textField(rules, 'monotonic')
  if (monotonic !== undefined && monotonic !== 'increasing' && monotonic !== 'decreasing') {
    report('"monotonic" must be "increasing" or "decreasing".')
  }
  return found
}

/** The boolean texts that Go accepts. */
const booleans = /^(1|t|T|TRUE|true|True|0|f|F|FALSE|false|False)$/

/** Why the text is not a value of the type, as the end of a sentence. */
function typeProblem(type: string, value: string): string | undefined {
  switch (type) {
    case 'number':
      return parseNum(value) === undefined ? `must be a number; it is "${value}"` : undefined
    case 'bool':
      return booleans.test(value) ? undefined : `must be true or false; it is "${value}"`
    case 'list(string)':
      return readList(value)
        ? undefined
        : `must be a list of strings in JSON, such as ["a","b"]; it is ${JSON.stringify(value)}`
    default:
      return undefined
  }
}

function readList(value: string): string[] | undefined {
  try {
    const list: unknown = JSON.parse(value)
    return Array.isArray(list) && list.every((entry) => typeof entry === 'string') ? list : undefined
  } catch {
    return undefined
  }
}

/** Validates a value by the template's rules. */
export function checkValue(config: ObjectValue, value: string, isChosen: boolean): ProviderDiagnostic[] {
  const name = textField(config, 'name') ?? ''
  const type = textField(config, 'type') ?? 'string'
  const path = isChosen ? 'name' : 'default'
  const subject = `The ${isChosen ? 'value' : 'default'} of the parameter "${name}"`
  const wrong = typeProblem(type, value)
  if (wrong) return [problem('Invalid parameter value', `${subject} ${wrong}.`, path)]
  const violation = optionProblem(config, type, value) ?? ruleProblem(config, type, value)
  return violation ? [problem('Invalid parameter value', `${subject} ${violation}`, path)] : []
}

function optionProblem(config: ObjectValue, type: string, value: string): string | undefined {
  const options = blocksField(config, 'option').map((option) => textField(option, 'value') ?? '')
  if (options.length === 0) return undefined
  const chosen = isMultiSelect(config, type) ? (readList(value) ?? []) : [value]
  const invalid = chosen.find((entry) => !options.includes(entry))
  return invalid === undefined ? undefined : `must be one of its options (${options.join(', ')}); it is "${invalid}".`
}

// About half a second.
const maxPatternSteps = 1_000_000

/** An invalid pattern is reported with the declaration. */
function patternProblem(regex: string, value: string): string | undefined {
  const compiled = compileRegExp(regex)
  if (typeof compiled === 'string') return undefined
  try {
    return compiled.test(value, limitSteps(maxPatternSteps)) ? undefined : `it must match ${regex}`
  } catch (error) {
    if (error instanceof WorkLimitError) return error.message
    throw error
  }
}

function ruleProblem(config: ObjectValue, type: string, value: string): string | undefined {
  const [rules] = blocksField(config, 'validation')
  if (!rules) return undefined
  const message = textField(rules, 'error')
  const regex = textField(rules, 'regex')
  if (type === 'string' && regex !== undefined) {
    const problem = patternProblem(regex, value)
    return problem && `is not valid: ${message ?? problem}`
  }
  if (type !== 'number') return undefined
  // As in the real provider, values with bounds must be whole numbers.
  if (!/^[+-]?\d+$/.test(value)) return `must be a whole number; it is "${value}".`
  const number = Number(value)
  const min = numberField(rules, 'min')
  const max = numberField(rules, 'max')
  const isInside = (min === undefined || number >= min) && (max === undefined || number <= max)
  if (isInside) return undefined
  const text = message?.replaceAll('{min}', String(min)).replaceAll('{max}', String(max)).replaceAll('{value}', value)
  return text ? `is not valid: ${text}` : `is ${value}, but must be ${boundsText(min, max)}.`
}

function boundsText(min: number | undefined, max: number | undefined): string {
  if (min === undefined) return `at most ${max}`
  return max === undefined ? `at least ${min}` : `from ${min} to ${max}`
}
