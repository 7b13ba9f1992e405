// `coder_parameter`: what the person who creates a workspace is asked. Reading it gives their answer or the default,
// checked by the template's own rules.

import { createHash } from 'node:crypto'
import { compileRegExp, limitedTo, TooMuchWork } from '../../lang/regexp/regexp.ts'
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

// For each type the form controls that go with it; the first is taken when the template names none.
const withOptions: Readonly<Record<string, readonly string[]>> = {
  string: ['radio', 'dropdown'],
  number: ['radio', 'dropdown'],
  bool: ['radio', 'dropdown'],
  'list(string)': ['radio', 'multi-select'],
}
const withoutOptions: Readonly<Record<string, readonly string[]>> = {
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
    validateConfig: judgeDeclaration,
    async read(config) {
      const name = textField(config, 'name') ?? ''
      const type = textField(config, 'type') ?? 'string'
      const fallback = textField(config, 'default')
      const given = Object.hasOwn(context.parameters, name) ? context.parameters[name] : undefined
      const value = given ?? fallback
      const diagnostics =
        value === undefined ? requireValue(name, context) : checkValue(config, value, given !== undefined)
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

/** The same for the same name, in the form of a uuid. */
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

/** What the template leaves out, as the provider fills it in. */
export function fillDefaults(config: ObjectValue, type: string): ObjectValue {
  const table = blocksField(config, 'option').length > 0 ? withOptions : withoutOptions
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

/** What nested blocks leave out is empty, as the real provider tells it. */
function fillBlocks(value: ObjectValue): ObjectValue {
  const withOptionTexts = changeBlocks(value, 'option', (option) => withDefaults(option, optionZeros))
  return changeBlocks(withOptionTexts, 'validation', (rules) => {
    const isLeftOut = (name: string) => bool(rules.entries.get(name)?.kind === 'null')
    return withFields(withDefaults(rules, ruleZeros), {
      min_disabled: isLeftOut('min'),
      max_disabled: isLeftOut('max'),
    })
  })
}

const problem = (summary: string, detail: string, ...path: (string | number)[]): ProviderDiagnostic => ({
  severity: 'error',
  summary,
  detail,
  path,
})

/** At import nobody has been asked yet. */
function requireValue(name: string, context: CoderContext): ProviderDiagnostic[] {
  if (context.buildId === '') return []
  return [
    problem(
      'Missing parameter value',
      `The parameter "${name}" has no default, so a value must be given for it.`,
      'name',
    ),
  ]
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

function judgeDeclaration(config: ObjectValue): readonly ProviderDiagnostic[] {
  const name = textField(config, 'name') ?? ''
  const type = textField(config, 'type') ?? 'string'
  return [
    ...judgeFormType(config, name, type),
    ...judgeEphemeral(config, name),
    ...judgeOptions(config, name, type),
    ...judgeRules(config, name, type),
  ]
}

function judgeFormType(config: ObjectValue, name: string, type: string): ProviderDiagnostic[] {
  const formType = textField(config, 'form_type')
  // Nobody can tell yet whether there will be any.
  if (config.entries.get('option')?.kind === 'unknown') return []
  const hasOptions = blocksField(config, 'option').length > 0
  const allowed = (hasOptions ? withOptions : withoutOptions)[type] ?? []
  // Options that are computed from what is not known yet may be any.
  const areOptionsUnknown = config.entries.get('option')?.kind === 'unknown'
  if (formType === undefined || areOptionsUnknown || allowed.includes(formType)) return []
  const kind = `a ${type} parameter ${hasOptions ? 'with' : 'without'} options`
  return [
    problem(
      'Invalid form type',
      `"${formType}" does not go with ${kind}, such as "${name}". Use one of: ${allowed.join(', ')}.`,
      'form_type',
    ),
  ]
}

function judgeEphemeral(config: ObjectValue, name: string): ProviderDiagnostic[] {
  if (!boolField(config, 'ephemeral')) return []
  const found: ProviderDiagnostic[] = []
  if (!boolField(config, 'mutable'))
    found.push(
      problem('Invalid parameter', `The parameter "${name}" is ephemeral, so it must also be mutable.`, 'ephemeral'),
    )
  if (config.entries.get('default')?.kind === 'null') {
    found.push(
      problem('Invalid parameter', `The parameter "${name}" is ephemeral, so it needs a default.`, 'ephemeral'),
    )
  }
  return found
}

function judgeOptions(config: ObjectValue, name: string, type: string): ProviderDiagnostic[] {
  const found: ProviderDiagnostic[] = []
  const seen = { name: new Set<string>(), value: new Set<string>() }
  for (const [index, option] of blocksField(config, 'option').entries()) {
    for (const field of ['name', 'value'] as const) {
      const content = textField(option, field)
      if (content === undefined) continue
      if (seen[field].has(content)) {
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
      seen[field].add(content)
    }
    const value = textField(option, 'value')
    const wrong = value === undefined ? undefined : typeProblem(optionType(config, type), value)
    if (wrong)
      found.push(problem('Invalid option', `An option of the parameter "${name}" ${wrong}.`, 'option', index, 'value'))
  }
  return found
}

/** Several options together make the list that a parameter with a multiple choice has as its value. */
const optionType = (config: ObjectValue, type: string) => (isMultiSelect(config, type) ? 'string' : type)

const isMultiSelect = (config: ObjectValue, type: string) =>
  type === 'list(string)' && textField(config, 'form_type') === 'multi-select'

function validateBounds(rules: ObjectValue): ProviderDiagnostic[] {
  const found: ProviderDiagnostic[] = []
  const refuse = (field: string, detail: string) =>
    found.push(problem('Invalid validation', detail, 'validation', 0, field))
  const isSet = (field: string) => rules.entries.get(field)?.kind !== 'null'
  if (textField(rules, 'regex') !== undefined && ['min', 'max', 'monotonic'].some(isSet))
    refuse('regex', '"regex" does not go with "min", "max" and "monotonic".')
  for (const field of ['min', 'max']) {
    const bound = numberField(rules, field)
    if (bound !== undefined && !Number.isInteger(bound)) refuse(field, `"${field}" is a whole number; it is ${bound}.`)
  }
  return found
}

function judgeRules(config: ObjectValue, name: string, type: string): ProviderDiagnostic[] {
  const [rules] = blocksField(config, 'validation')
  if (!rules) return []
  const found: ProviderDiagnostic[] = []
  // The real provider finds out when it checks the default, and tells it there.
  const path = config.entries.get('default')?.kind === 'null' ? ['name'] : ['default']
  const complain = (detail: string) => found.push(problem('Invalid validation', detail, ...path))
  const regex = textField(rules, 'regex')
  const min = numberField(rules, 'min')
  const max = numberField(rules, 'max')
  if (regex !== undefined && type !== 'string') complain(`"regex" is for string parameters; "${name}" is a ${type}.`)
  if (regex !== undefined && textField(rules, 'error') === undefined)
    complain(`With "regex" comes "error": what to say when the value of "${name}" does not match.`)
  const compiled = regex === undefined ? undefined : compileRegExp(regex)
  if (typeof compiled === 'string') complain(`This is no regular expression: ${compiled}.`)
  for (const field of ['min', 'max', 'monotonic']) {
    const isSet = rules.entries.get(field)?.kind !== 'null'
    if (isSet && type !== 'number') complain(`"${field}" is for number parameters; "${name}" is a ${type}.`)
  }
  if (min !== undefined && max !== undefined && min > max)
    complain(`"min" is larger than "max", so no value of "${name}" would do.`)
  const monotonic = textField(rules, 'monotonic')
  if (monotonic !== undefined && monotonic !== 'increasing' && monotonic !== 'decreasing') {
    complain('"monotonic" must be "increasing" or "decreasing".')
  }
  return found
}

/** What Go reads as a boolean. */
const booleans = /^(1|t|T|TRUE|true|True|0|f|F|FALSE|false|False)$/

/** Why the text is no value of the type, as the end of a sentence. */
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

/** What is wrong with a value, by the template's own rules. */
export function checkValue(config: ObjectValue, value: string, isGiven: boolean): ProviderDiagnostic[] {
  const name = textField(config, 'name') ?? ''
  const type = textField(config, 'type') ?? 'string'
  const path = isGiven ? 'name' : 'default'
  const subject = `The ${isGiven ? 'value' : 'default'} of the parameter "${name}"`
  const wrong = typeProblem(type, value)
  if (wrong) return [problem('Invalid parameter value', `${subject} ${wrong}.`, path)]
  const complaint = optionProblem(config, type, value) ?? ruleProblem(config, type, value)
  return complaint ? [problem('Invalid parameter value', `${subject} ${complaint}`, path)] : []
}

function optionProblem(config: ObjectValue, type: string, value: string): string | undefined {
  const options = blocksField(config, 'option').map((option) => textField(option, 'value') ?? '')
  if (options.length === 0) return undefined
  const chosen = isMultiSelect(config, type) ? (readList(value) ?? []) : [value]
  const stranger = chosen.find((entry) => !options.includes(entry))
  return stranger === undefined ? undefined : `must be one of its options (${options.join(', ')}); it is "${stranger}".`
}

// About half a second.
const maxPatternSteps = 1_000_000

/** A pattern that is none was told where it is declared. */
function patternProblem(regex: string, value: string): string | undefined {
  const compiled = compileRegExp(regex)
  if (typeof compiled === 'string') return undefined
  try {
    return compiled.test(value, limitedTo(maxPatternSteps)) ? undefined : `it must match ${regex}`
  } catch (error) {
    if (error instanceof TooMuchWork) return error.message
    throw error
  }
}

function ruleProblem(config: ObjectValue, type: string, value: string): string | undefined {
  const [rules] = blocksField(config, 'validation')
  if (!rules) return undefined
  const ownWords = textField(rules, 'error')
  const regex = textField(rules, 'regex')
  if (type === 'string' && regex !== undefined) {
    const problem = patternProblem(regex, value)
    return problem && `is not valid: ${ownWords ?? problem}`
  }
  if (type !== 'number') return undefined
  // The bounds are whole numbers, and so is what is held against them.
  if (!/^[+-]?\d+$/.test(value)) return `must be a whole number; it is "${value}".`
  const number = Number(value)
  const min = numberField(rules, 'min')
  const max = numberField(rules, 'max')
  const isInside = (min === undefined || number >= min) && (max === undefined || number <= max)
  if (isInside) return undefined
  const words = ownWords?.replaceAll('{min}', String(min)).replaceAll('{max}', String(max)).replaceAll('{value}', value)
  return words ? `is not valid: ${words}` : `is ${value}, but must be ${boundsText(min, max)}.`
}

function boundsText(min: number | undefined, max: number | undefined): string {
  if (min === undefined) return `at most ${max}`
  return max === undefined ? `at least ${min}` : `from ${min} to ${max}`
}
