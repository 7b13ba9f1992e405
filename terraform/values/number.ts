// Owns what a Terraform number is. Every other file treats `Num` as opaque and works through these functions, so that
// exact decimals can replace it here alone.

export type Num = number

export const zero: Num = 0

/** Reads a number as HCL and Terraform's string conversion accept it; undefined when it is none. */
export function parseNum(text: string): Num | undefined {
  if (!/^-?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(text)) return undefined
  const value = Number(text)
  return Number.isFinite(value) ? value : undefined
}

export function numFromJs(value: number): Num {
  return value
}

/** The nearest JavaScript number: for counts, indexes and JSON. */
export function numToJs(value: Num): number {
  return value
}

export function isWhole(value: Num): boolean {
  return Number.isInteger(value)
}

/** Decimal digits without an exponent, as Terraform prints numbers. */
export function formatNum(value: Num): string {
  if (Object.is(value, -0)) return '0'
  const short = String(value)
  return short.includes('e') ? expandExponent(short) : short
}

function expandExponent(text: string): string {
  const [mantissa = '', exponentText = '0'] = text.split('e')
  const negative = mantissa.startsWith('-')
  const [whole = '', fraction = ''] = mantissa.replace('-', '').split('.')
  const exponent = Number(exponentText)
  const digits = whole + fraction
  const point = whole.length + exponent
  const expanded =
    point <= 0
      ? `0.${'0'.repeat(-point)}${digits}`
      : point >= digits.length
        ? digits + '0'.repeat(point - digits.length)
        : `${digits.slice(0, point)}.${digits.slice(point)}`
  return negative ? `-${expanded}` : expanded
}

export const negateNum = (a: Num): Num => -a
export const addNum = (a: Num, b: Num): Num => a + b
export const subtractNum = (a: Num, b: Num): Num => a - b
export const multiplyNum = (a: Num, b: Num): Num => a * b
/** Undefined when the divisor is zero. */
export const divideNum = (a: Num, b: Num): Num | undefined => (b === 0 ? undefined : a / b)
/** The remainder has the sign of the dividend. Undefined when the divisor is zero. */
export const remainderNum = (a: Num, b: Num): Num | undefined => (b === 0 ? undefined : a % b)
export const compareNum = (a: Num, b: Num): number => (a < b ? -1 : a > b ? 1 : 0)
