// Functions on numbers.

import { compareNum, type Num, numFromJs, numToJs, parseNum } from '../../values/number.ts'
import { numberType, stringType } from '../../values/type.ts'
import { number, type Value } from '../../values/value.ts'
import { type FunctionTable, fail, type LanguageFunction, parameter } from './function.ts'

const numOf = (value: Value | undefined): Num => (value?.kind === 'number' ? value.value : numFromJs(0))

const onNumber = (change: (value: number) => number): LanguageFunction => ({
  parameters: [parameter('num', numberType)],
  returns: numberType,
  call: ([value]) => number(numFromJs(change(numToJs(numOf(value))))),
})

const pick = (better: (order: number) => boolean): LanguageFunction => ({
  parameters: [],
  rest: parameter('numbers', numberType),
  returns: numberType,
  call: ([first, ...rest]) => {
    if (!first) return fail('at least one number is required.')
    return number(
      rest.map(numOf).reduce((best, value) => (better(compareNum(value, best)) ? value : best), numOf(first)),
    )
  },
})

function parseInteger(text: string, base: number): number | undefined {
  const digits = text.toLowerCase().replace(/^[+-]/, '')
  const isValid = digits !== '' && [...digits].every((digit) => Number.parseInt(digit, 36) < base)
  return isValid ? Number.parseInt(text, base) : undefined
}

export const numberFunctions: FunctionTable = {
  abs: onNumber(Math.abs),
  ceil: onNumber(Math.ceil),
  floor: onNumber(Math.floor),
  log: {
    parameters: [parameter('num', numberType), parameter('base', numberType)],
    returns: numberType,
    call: ([value, base]) => {
      const result = Math.log(numToJs(numOf(value))) / Math.log(numToJs(numOf(base)))
      return Number.isFinite(result) ? number(numFromJs(result)) : fail('the logarithm is not a finite number.')
    },
  },
  max: pick((order) => order > 0),
  min: pick((order) => order < 0),
  parseint: {
    parameters: [parameter('number', stringType), parameter('base', numberType)],
    returns: numberType,
    call: ([text, base]) => {
      const radix = numToJs(numOf(base))
      if (!Number.isInteger(radix) || radix < 2 || radix > 36)
        return fail('the base must be a whole number from 2 to 36.', 1)
      const parsed = parseInteger(text?.kind === 'string' ? text.value : '', radix)
      return parsed === undefined
        ? fail(`it is no number in base ${radix}.`, 0)
        : number(parseNum(String(parsed)) ?? numFromJs(0))
    },
  },
  pow: {
    parameters: [parameter('num', numberType), parameter('power', numberType)],
    returns: numberType,
    call: ([value, power]) => {
      const result = numToJs(numOf(value)) ** numToJs(numOf(power))
      return Number.isFinite(result) ? number(numFromJs(result)) : fail('the result is not a finite number.')
    },
  },
  signum: onNumber(Math.sign),
}
