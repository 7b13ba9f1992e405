// The verbs of `format`: `%s %q %v %d %f %e %g %x %o %b %t %%` with flags, width, precision and `[n]`.

import { convert, failed } from '../values/convert.ts'
import { encodeJson } from '../values/json.ts'
import { isWhole, numToJs } from '../values/number.ts'
import { boolType, numberType, stringType } from '../values/type.ts'
import { primitiveText, string, type Value } from '../values/value.ts'
import { type Failure, fail } from './functions/function.ts'

interface Verb {
  readonly letter: string
  readonly flags: string
  readonly width: number
  readonly precision: number | undefined
}

// Wider than any text made for people; what asks for more is a mistake or an attack.
const maxWidth = 10_000

export function formatText(pattern: string, args: readonly Value[]): Value | Failure {
  let next = 0
  let failure: Failure | undefined
  let usedExplicit = false
  const text = pattern.replace(
    /%([-+# 0]*)(\d*)(?:\.(\d+))?(?:\[(\d+)\])?(.|$)/gsu,
    (_, flags, width, precision, position, letter) => {
      if (letter === '%') return '%'
      if (position) usedExplicit = true
      const index = position ? Number(position) - 1 : next
      next = index + 1
      const verb: Verb = {
        letter,
        flags,
        width: Number(width || 0),
        precision: precision === undefined ? undefined : Number(precision),
      }
      const result = formatArgument(verb, args[index], index)
      if (typeof result === 'string') return pad(result, verb)
      failure ??= result
      return ''
    },
  )
  if (!failure && next < args.length && !usedExplicit) {
    failure = fail(`there are ${args.length} arguments, but the format uses only ${next}.`)
  }
  return failure ?? string(text)
}

function formatArgument(verb: Verb, value: Value | undefined, index: number): string | Failure {
  const { letter } = verb
  if (verb.width > maxWidth || (verb.precision ?? 0) > maxWidth) return fail('the width is too large.', 0)
  if (!value) return fail(`the format needs an argument ${index + 1} for %${letter}.`)
  const kind = kinds[letter]
  if (!kind) return fail(`%${letter} is no verb of format.`, 0)
  if (letter === 'v') return primitiveText(value) ?? encodeJson(value)
  if (value.kind === 'null') return fail('a null value can only be formatted with %v.', index + 1)
  const converted = convert(value, kind)
  if (failed(converted)) return fail(`${converted.problem} for %${letter}.`, index + 1)
  if (converted.kind === 'number') return formatNumber(verb, numToJs(converted.value), isWhole(converted.value), index)
  const text = primitiveText(converted) ?? ''
  if (letter === 'q') return JSON.stringify(text)
  return verb.precision === undefined ? text : [...text].slice(0, verb.precision).join('')
}

const kinds: Readonly<Record<string, typeof stringType>> = {
  v: stringType,
  s: stringType,
  q: stringType,
  t: boolType,
  ...Object.fromEntries([...'dbxXofeEgG'].map((letter) => [letter, numberType])),
}

const bases: Readonly<Record<string, number>> = { b: 2, o: 8, d: 10, x: 16, X: 16 }

function formatNumber(verb: Verb, value: number, whole: boolean, index: number): string | Failure {
  const base = bases[verb.letter]
  if (base !== undefined && !whole) return fail(`a whole number is required for %${verb.letter}.`, index + 1)
  const text = base === undefined ? formatFraction(verb, value) : value.toString(base)
  const cased = verb.letter === 'X' ? text.toUpperCase() : text
  return verb.flags.includes('+') && value >= 0 ? `+${cased}` : cased
}

function formatFraction(verb: Verb, value: number): string {
  // JavaScript's own limit of digits.
  const precision = Math.min(verb.precision ?? 6, 100)
  if (verb.letter === 'f') return value.toFixed(precision)
  if (verb.letter === 'e' || verb.letter === 'E') {
    const text = value.toExponential(precision).replace(/e([+-])(\d)$/, 'e$10$2')
    return verb.letter === 'E' ? text.toUpperCase() : text
  }
  return verb.precision === undefined ? String(value) : String(Number(value.toPrecision(Math.max(1, precision))))
}

function pad(text: string, verb: Verb): string {
  if (verb.flags.includes('-')) return text.padEnd(verb.width)
  if (!verb.flags.includes('0')) return text.padStart(verb.width)
  const sign = /^[+-]/.exec(text)?.[0] ?? ''
  return sign + text.slice(sign.length).padStart(verb.width - sign.length, '0')
}
