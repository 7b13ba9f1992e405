// Implements the verbs of `format`: `%s %q %v %t %d %f %e %g %x %o %b %%` with flags, width, precision and `[n]`.

import { convert, failed } from '../../values/convert.ts'
import { encodeJson, infinityInJson } from '../../values/json.ts'
import {
  formatNum,
  isInfinite,
  isNegativeZero,
  isWhole,
  type Num,
  numToBigInt,
  numToFraction,
  shortestDigits,
} from '../../values/number.ts'
import { boolType, numberType, stringType } from '../../values/type.ts'
import { hasInfinity, primitiveText, string, type Value } from '../../values/value.ts'
import { type Failure, fail } from '../function.ts'

interface Verb {
  readonly letter: string
  readonly flags: string
  readonly width: number
  readonly precision: number | undefined
}

// Maximum width and precision.
const maxWidth = 10_000

const verbPattern = /%([-+# 0]*)(\d*)(?:\.(\d*))?(?:\[(\d+)\])?(.|$)/gsu

export function formatText(pattern: string, args: readonly Value[]): Value | Failure {
  let next = 0
  let furthest = 0
  let failure: Failure | undefined
  const text = pattern.replace(verbPattern, (_, flags, width, precision, position, letter) => {
    if (letter === '%') return '%'
    const index = position ? Number(position) - 1 : next
    next = index + 1
    furthest = Math.max(furthest, next)
    const verb: Verb = {
      letter,
      flags,
      width: Number(width || 0),
      precision: precision === undefined ? undefined : Number(precision || 0),
    }
    const result = formatArgument(verb, args[index], index)
    if (typeof result === 'string') return pad(result, verb)
    failure ??= result
    return ''
  })
  if (!failure && furthest < args.length) {
    failure = fail(`there are ${args.length} arguments, but the format uses only ${furthest}.`, furthest + 1)
  }
  return failure ?? string(text)
}

function formatArgument(verb: Verb, value: Value | undefined, index: number): string | Failure {
  const { letter } = verb
  const mismatch = (problem: string) => fail(`${problem} for argument ${index + 1} of the verb %${letter}.`)
  if (verb.width > maxWidth || (verb.precision ?? 0) > maxWidth) return fail('the width is too large.')
  const kind = kinds[letter]
  if (!kind) return fail(`%${letter} is not a format verb.`)
  if (!value) return fail(`the format needs an argument ${index + 1} for %${letter}.`)
  if (letter === 'v') return formatAnything(verb, value)
  if (value.kind === 'null') return mismatch('a null value, which only %v accepts, is unsuitable')
  const converted = convert(value, kind)
  if (failed(converted)) return mismatch(converted.problem)
  if (converted.kind === 'number') return formatNumber(verb, converted.value) ?? mismatch('a whole number is required')
  const text = truncate(primitiveText(converted) ?? '', verb)
  return letter === 'q' ? JSON.stringify(text) : text
}

/** `%v`: strings unchanged, numbers in their shortest form, other values as JSON. */
function formatAnything(verb: Verb, value: Value): string | Failure {
  if (verb.flags.includes('#')) return hasInfinity(value) ? fail(infinityInJson) : encodeJson(value)
  if (value.kind === 'string') return truncate(value.value, verb)
  if (value.kind === 'number') return withSign(formatShortest(value.value), verb)
  return primitiveText(value) ?? (hasInfinity(value) ? fail(infinityInJson) : encodeJson(value))
}

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' })

const truncate = (text: string, { precision }: Verb): string =>
  precision === undefined
    ? text
    : [...graphemes.segment(text)]
        .slice(0, precision)
        .map(({ segment }) => segment)
        .join('')

const kinds: Readonly<Record<string, typeof stringType>> = {
  v: stringType,
  s: stringType,
  q: stringType,
  t: boolType,
  ...Object.fromEntries([...'dbxXofeEgG'].map((letter) => [letter, numberType])),
}

const bases: Readonly<Record<string, number>> = { b: 2, o: 8, d: 10, x: 16, X: 16 }
const basePrefixes: Readonly<Record<string, string>> = { o: '0', x: '0x', X: '0X', b: '0b' }

/** Undefined for a fraction if an integer is required. */
function formatNumber(verb: Verb, value: Num): string | undefined {
  const { letter } = verb
  const base = bases[letter]
  if (base === undefined) return withSign(formatFraction(verb, value), verb)
  if (!isWhole(value)) return undefined
  const digits = numToBigInt(value).toString(base)
  const prefixed = verb.flags.includes('#')
    ? digits.replace(/^-?/, (sign) => sign + (basePrefixes[letter] ?? ''))
    : digits
  return withSign(letter === 'X' ? prefixed.toUpperCase() : prefixed, verb)
}

function withSign(text: string, { flags }: Verb): string {
  if (text.startsWith('-')) return text
  if (text === '+Inf') return flags.includes(' ') && !flags.includes('+') ? ' Inf' : text
  return flags.includes('+') ? `+${text}` : flags.includes(' ') ? ` ${text}` : text
}

function formatFraction(verb: Verb, value: Num): string {
  const { letter, precision } = verb
  if (isInfinite(value)) return formatNum(value)
  const text =
    letter === 'f'
      ? toFixed(value, precision ?? 6)
      : letter === 'g' || letter === 'G'
        ? precision === undefined
          ? formatShortest(value)
          : toSignificant(value, Math.max(1, precision))
        : toExponential(value, (precision ?? 6) + 1)
  return letter === 'E' || letter === 'G' ? text.toUpperCase() : text
}

const magnitudeOf = (value: bigint) => (value < 0n ? -value : value)

/** `numerator / denominator`, rounded half to even. */
function divideRounded(numerator: bigint, denominator: bigint): bigint {
  const quotient = numerator / denominator
  const twice = (numerator % denominator) * 2n
  return twice > denominator || (twice === denominator && quotient % 2n === 1n) ? quotient + 1n : quotient
}

function toFixed(value: Num, decimals: number): string {
  const { numerator, denominator } = numToFraction(value)
  const scaled = divideRounded(magnitudeOf(numerator) * 10n ** BigInt(decimals), denominator)
  const digits = scaled.toString().padStart(decimals + 1, '0')
  const point = digits.length - decimals
  const text = decimals === 0 ? digits : `${digits.slice(0, point)}.${digits.slice(point)}`
  return numerator < 0n || isNegativeZero(value) ? `-${text}` : text
}

interface Rounded {
  readonly digits: string
  /** The exponent of the first digit. */
  readonly exponent: number
  readonly negative: boolean
}

/** Rounds to an exact number of digits. */
function roundTo(value: Num, count: number): Rounded {
  const { numerator, denominator } = numToFraction(value)
  const negative = numerator < 0n || isNegativeZero(value)
  const magnitude = magnitudeOf(numerator)
  if (magnitude === 0n) return { digits: '0'.repeat(count), exponent: 0, negative }
  const exponent = shortestDigits(value).point - 1
  const shift = count - 1 - exponent
  const scaled =
    shift >= 0
      ? divideRounded(magnitude * 10n ** BigInt(shift), denominator)
      : divideRounded(magnitude, denominator * 10n ** BigInt(-shift))
  const digits = scaled.toString()
  // 9.99 rounds to 10.0, which has one more digit.
  return digits.length > count
    ? { digits: digits.slice(0, count), exponent: exponent + 1, negative }
    : { digits, exponent, negative }
}

const toExponential = (value: Num, count: number): string => writeExponential(roundTo(value, count))

function writeExponential({ digits, exponent, negative }: Rounded): string {
  const fraction = digits.length > 1 ? `.${digits.slice(1)}` : ''
  const size = String(Math.abs(exponent)).padStart(2, '0')
  return `${negative ? '-' : ''}${digits[0]}${fraction}e${exponent < 0 ? '-' : '+'}${size}`
}

function writePlain({ digits, exponent, negative }: Rounded): string {
  const point = exponent + 1
  const text =
    point <= 0
      ? `0.${'0'.repeat(-point)}${digits}`
      : point >= digits.length
        ? digits.padEnd(point, '0')
        : `${digits.slice(0, point)}.${digits.slice(point)}`
  return negative ? `-${text}` : text
}

/** `%.3g`: uses an exponent if plain notation needs more digits than the precision. */
function toSignificant(value: Num, count: number): string {
  const rounded = roundTo(value, count)
  const trimmed = { ...rounded, digits: rounded.digits.replace(/(?!^)0+$/, '') }
  return rounded.exponent < -4 || rounded.exponent >= count ? writeExponential(trimmed) : writePlain(trimmed)
}

// The shortest form uses an exponent from this number of digits.
const shortestPlainDigits = 21

function formatShortest(value: Num): string {
  if (isInfinite(value)) return formatNum(value)
  const { digits, point, negative } = shortestDigits(value)
  const shortest = { digits, exponent: point - 1, negative }
  return shortest.exponent < -4 || shortest.exponent >= Math.max(digits.length, shortestPlainDigits)
    ? writeExponential(shortest)
    : writePlain(shortest)
}

const widthOf = (text: string) => [...graphemes.segment(text)].length

function pad(text: string, { flags, width }: Verb): string {
  const blanks = Math.max(0, width - widthOf(text))
  if (flags.includes('-')) return text + ' '.repeat(blanks)
  if (!flags.includes('0') || /Inf$/.test(text)) return ' '.repeat(blanks) + text
  const sign = /^[+-]/.exec(text)?.[0] ?? ''
  return sign + '0'.repeat(blanks) + text.slice(sign.length)
}
