// Functions on numbers.

import {
  compareNum,
  isInfinite,
  isNegativeZero,
  isWhole,
  type Num,
  negateNum,
  numFromBigInt,
  numFromJs,
  numToBigInt,
  numToJs,
} from '../../values/number.ts'
import { dynamicType, numberType } from '../../values/type.ts'
import { int, number, primitiveText, type Value } from '../../values/value.ts'
import { type Failure, type FunctionTable, fail, type LanguageFunction, parameter } from '../function.ts'
import { numOf } from './arguments.ts'

const numberFunction = (change: (value: Num) => Num): LanguageFunction => ({
  parameters: [parameter('num', numberType)],
  returns: numberType,
  call: ([value]) => number(change(numOf(value))),
})

/** Rounds toward zero, then adds `step` if there was a fraction. */
const wholeNum = (value: Num, step: bigint): Num => {
  if (value === 0) return 0
  if (isWhole(value) || isInfinite(value)) return value
  const truncated = numToBigInt(value)
  const isTruncatedUpwards = compareNum(value, 0) < 0
  return numFromBigInt(isTruncatedUpwards === step < 0n ? truncated + step : truncated)
}

const selectNumber = (better: (order: number) => boolean): LanguageFunction => ({
  parameters: [],
  variadic: parameter('numbers', numberType),
  returns: numberType,
  call: ([first, ...rest]) => {
    if (!first) return fail('at least one number is required.')
    return number(
      rest.map(numOf).reduce((best, value) => (better(compareNum(value, best)) ? value : best), numOf(first)),
    )
  },
})

// Letters are case-insensitive up to base 36; beyond, capital letters follow the small ones.
const digitCharacters = '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ'

function parseInteger(text: string, base: number): bigint | undefined {
  const [, sign = '', written = ''] = /^([+-]?)(.*)$/s.exec(text) ?? []
  const digits = base <= 36 ? written.toLowerCase() : written
  if (digits === '') return undefined
  let value = 0n
  for (const sign of digits) {
    const digit = digitCharacters.indexOf(sign)
    if (digit < 0 || digit >= base) return undefined
    value = value * BigInt(base) + BigInt(digit)
  }
  return sign === '-' ? -value : value
}

// Parsing takes quadratic time in the number of digits.
const maxDigits = 20_000

function readInteger(text: Value | undefined, base: number): Value | Failure {
  if (text?.kind !== 'string') return fail('a string is required.', 0)
  if (!Number.isInteger(base) || base < 2 || base > 62) return fail('the base must be a whole number from 2 to 62.', 1)
  const parsed = text.value.length > maxDigits ? undefined : parseInteger(text.value, base)
  return parsed === undefined
    ? fail(`${JSON.stringify(primitiveText(text))} is not an integer in base ${base}.`, 0)
    : number(numFromBigInt(parsed))
}

const unlessNaN = (result: number, noun: string): Value | Failure =>
  Number.isNaN(result) ? fail(`${noun} is not a number.`) : number(numFromJs(result))

/** Go's algorithm: exponentiation by squaring, so that the last digits match. */
function power(base: number, exponent: number): number {
  if (Math.abs(base) === 1 && isInfinite(exponent)) return 1
  if (Math.abs(exponent) === 0.5) return exponent < 0 ? 1 / Math.sqrt(base) : Math.sqrt(base)
  const magnitude = Math.abs(exponent)
  if (!Number.isFinite(base) || !Number.isSafeInteger(Math.round(magnitude))) return base ** exponent
  const rest = magnitude - Math.trunc(magnitude)
  const isUp = rest > 0.5
  let result = rest === 0 ? 1 : Math.exp((isUp ? rest - 1 : rest) * Math.log(base))
  let square = base
  for (let left = Math.trunc(magnitude) + (isUp ? 1 : 0); left > 0; left = Math.floor(left / 2)) {
    if (left % 2 === 1) result *= square
    square *= square
  }
  // Outside of the range of exact multiplication.
  return isNormal(result) ? (exponent < 0 ? 1 / result : result) : base ** exponent
}

const isNormal = (value: number) => Math.abs(value) > 2 ** -1020 && Math.abs(value) < 2 ** 1020

export const numberFunctions: FunctionTable = {
  abs: numberFunction((value) => (compareNum(value, 0) < 0 || isNegativeZero(value) ? negateNum(value) : value)),
  ceil: numberFunction((value) => wholeNum(value, 1n)),
  floor: numberFunction((value) => wholeNum(value, -1n)),
  log: {
    parameters: [parameter('num', numberType), parameter('base', numberType)],
    returns: numberType,
    call: ([value, base]) =>
      unlessNaN(Math.log(numToJs(numOf(value))) / Math.log(numToJs(numOf(base))), 'the logarithm'),
  },
  max: selectNumber((order) => order > 0),
  min: selectNumber((order) => order < 0),
  parseint: {
    parameters: [{ ...parameter('number', dynamicType), kinds: ['string'] }, parameter('base', numberType)],
    returns: numberType,
    call: ([text, base]) => readInteger(text, numToJs(numOf(base))),
  },
  pow: {
    parameters: [parameter('num', numberType), parameter('power', numberType)],
    returns: numberType,
    call: ([value, exponent]) => unlessNaN(power(numToJs(numOf(value)), numToJs(numOf(exponent))), 'the result'),
  },
  signum: {
    parameters: [parameter('num', numberType)],
    returns: numberType,
    call: ([value]) => (isWhole(numOf(value)) ? int(compareNum(numOf(value), 0)) : fail('a whole number is required.')),
  },
}
