// `random_string` and `random_password`, which differ in what is sensitive.

import { hash } from 'bcryptjs'
import type { AttributeSchema, ProviderDiagnostic, ResourceType } from '../../provider.ts'
import { computed, flag, num, optional, optionalComputed, required, sensitive, text } from '../../provider-schema.ts'
import { boolField, numberField, textField, withFields } from '../../values/fields.ts'
import { bool, int, type ObjectValue, string } from '../../values/value.ts'
import { generatedResource } from '../common/generated-resource.ts'
import { problem } from '../common/outcomes.ts'
import { keepers, requireAtLeast } from './keepers.ts'
import { randomSource, shuffled } from './random-source.ts'

const characters = {
  upper: 'ABCDEFGHIJKLMNOPQRSTUVWXYZ',
  lower: 'abcdefghijklmnopqrstuvwxyz',
  numeric: '0123456789',
  special: '!@#$%&*()-_=+[]{}<>:?',
} as const

type CharacterClass = keyof typeof characters
const classes = Object.keys(characters) as CharacterClass[]

const arguments_: Readonly<Record<string, AttributeSchema>> = {
  length: required(num),
  keepers,
  override_special: optional(text),
  // The old name of `numeric`.
  number: optionalComputed(flag),
  ...Object.fromEntries(
    classes.flatMap((name) => [
      [name, optionalComputed(flag)],
      [`min_${name}`, optionalComputed(num)],
    ]),
  ),
}

const defaults = {
  number: bool(true),
  ...Object.fromEntries(
    classes.flatMap((name) => [
      [name, bool(true)],
      [`min_${name}`, int(0)],
    ]),
  ),
}

const least = (value: ObjectValue, name: CharacterClass) => numberField(value, `min_${name}`) ?? 0

// The state stores the result.
const maxLength = 1024 * 1024

function validate(config: ObjectValue): ProviderDiagnostic[] {
  const length = numberField(config, 'length')
  const minima = classes.reduce((sum, name) => sum + least(config, name), 0)
  const found = requireAtLeast(config, 'length', 1)
  if (length !== undefined && length > maxLength)
    found.push(problem('Invalid Attribute Value', `"length" must be at most ${maxLength}.`, 'length'))
  if (length !== undefined && length < minima)
    found.push(
      problem(
        'Invalid Attribute Value',
        `"length" is ${length}, but the minimum counts add up to ${minima}.`,
        'length',
      ),
    )
  const [number, numeric] = [boolField(config, 'number'), boolField(config, 'numeric')]
  if (number !== undefined && numeric !== undefined && number !== numeric)
    found.push(problem('Number and Numeric Mismatch', '"number" and "numeric" must have the same value.', 'number'))
  const isNumeric = number ?? numeric
  const isExcluded = (name: CharacterClass) => (name === 'numeric' ? isNumeric : boolField(config, name)) === false
  if (classes.every(isExcluded))
    found.push(problem('Missing Attribute Configuration', `At least one of ${classes.join(', ')} must be true.`))
  return found
}

const characterSet = (planned: ObjectValue, name: CharacterClass): string =>
  (name === 'special' && textField(planned, 'override_special')) || characters[name]

function generateText(planned: ObjectValue): string {
  const random = randomSource(undefined)
  const pick = (set: string, count: number) => {
    const choices = [...set]
    return Array.from({ length: count }, () => choices[random(choices.length)] as string)
  }
  const included = classes.filter((name) => boolField(planned, name))
  const required = classes.flatMap((name) => pick(characterSet(planned, name), least(planned, name)))
  const all = included.map((name) => characterSet(planned, name)).join('')
  const rest = pick(all, (numberField(planned, 'length') ?? 0) - required.length)
  return shuffled([...required, ...rest], random).join('')
}

/** The two names of the argument have the same value. */
function complete(planned: ObjectValue, config: ObjectValue): ObjectValue {
  const isSet = (name: string) => config.entries.get(name)?.kind !== 'null'
  const name = !isSet('numeric') && isSet('number') ? 'number' : 'numeric'
  const value = planned.entries.get(name) ?? bool(true)
  return withFields(planned, { number: value, numeric: value })
}

const common = { defaults, validate, complete, schemaVersion: 3 }

export const randomString: ResourceType = generatedResource({
  ...common,
  attributes: { ...arguments_, id: computed(text), result: computed(text) },
  generate(planned) {
    const result = string(generateText(planned))
    return { id: result, result }
  },
  parseId: (id) => ({ id: string(id), result: string(id), length: int([...id].length) }),
})

// The cost that Go's bcrypt uses by default.
const bcryptCost = 10

async function passwordFields(password: string) {
  return { id: string('none'), result: string(password), bcrypt_hash: string(await hash(password, bcryptCost)) }
}

export const randomPassword: ResourceType = generatedResource({
  ...common,
  attributes: {
    ...arguments_,
    id: computed(text),
    result: sensitive(computed(text)),
    bcrypt_hash: sensitive(computed(text)),
  },
  generate: (planned) => passwordFields(generateText(planned)),
  parseId: async (id) => ({ ...(await passwordFields(id)), length: int([...id].length) }),
})
