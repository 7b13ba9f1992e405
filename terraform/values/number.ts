// Defines the representation of Terraform numbers. Other files treat `Num` as opaque and use these functions.
//
// Safe integers are plain JavaScript numbers, which is fast and covers nearly every template; so are
// the infinities and negative zero, whose arithmetic matches Terraform's. All others are binary floating
// point numbers with a mantissa of up to 512 bits, rounded to nearest even, as in Terraform, so that 1 / 3 has
// the same 154 digits.

interface BigNum {
  /** Signed and odd, so that the representation is unique; zero is a plain number. */
  readonly mantissa: bigint
  /** The value is `mantissa * 2 ** exponent`. */
  readonly exponent: number
  /** The precision of results in bits. */
  readonly precision: number
}

export type Num = number | BigNum

export const zero: Num = 0

// Terraform's precision, also for plain numbers.
const fullPrecision = 512
const doublePrecision = 53

// Maximum decimal exponent; larger ones produce more digits than a state can hold.
const maxDecimalExponent = 100_000
const maxBinaryExponent = 1_000_000

/** Parses a number as HCL and Terraform's string conversion do; undefined if invalid. */
export function parseNum(text: string): Num | undefined {
  if (/^-?\d{1,15}$/.test(text)) return Number(text)
  if (/^[+-]?[Ii]nf$/.test(text)) return text.startsWith('-') ? -Infinity : Infinity
  const parts = /^([+-]?)(\d*)(?:\.(\d*))?(?:([eEpP])([+-]?\d+))?$/.exec(text)
  if (!parts) return undefined
  const [, sign, whole = '', fraction = '', letter = 'e', exponentText = '0'] = parts
  const digits = whole + fraction
  // An exponent with `p` has base two.
  const [exponent, binaryExponent] = /e/i.test(letter)
    ? [Number(exponentText) - fraction.length, 0]
    : [-fraction.length, Number(exponentText)]
  if (digits === '' || digits.length > maxDecimalExponent || Math.abs(exponent) > maxDecimalExponent) return undefined
  if (Math.abs(binaryExponent) > maxDecimalExponent) return undefined
  const magnitude = BigInt(digits)
  if (magnitude === 0n) return sign === '-' ? -0 : 0
  return fromDecimal(sign === '-' ? -magnitude : magnitude, exponent, binaryExponent)
}

function fromDecimal(digits: bigint, exponent: number, binaryExponent: number): Num {
  if (exponent >= 0) return round(digits * 10n ** BigInt(exponent), binaryExponent, fullPrecision)
  return quotient(digits, 10n ** BigInt(-exponent), binaryExponent, fullPrecision)
}

/** `dividend / divisor * 2 ** exponent`, rounded once. */
function quotient(dividend: bigint, divisor: bigint, exponent: number, precision: number): Num {
  // Two extra bits, and a sticky bit for the remainder.
  const shift = Math.max(0, precision + 2 + bitLength(divisor) - bitLength(dividend))
  const scaled = dividend << BigInt(shift)
  const whole = scaled / divisor
  const sticky = scaled % divisor === 0n ? 0n : dividend < 0n !== divisor < 0n ? -1n : 1n
  return round((whole << 1n) + sticky, exponent - shift - 1, precision)
}

const magnitudeOf = (value: bigint) => (value < 0n ? -value : value)

function bitLength(value: bigint): number {
  const hex = magnitudeOf(value).toString(16)
  return (hex.length - 1) * 4 + (32 - Math.clz32(Number.parseInt(hex[0] as string, 16)))
}

/** Rounds to nearest even and normalizes. */
function round(mantissa: bigint, exponent: number, precision: number): Num {
  if (mantissa === 0n) return 0
  const excess = bitLength(mantissa) - precision
  if (excess <= 0) return normalize(mantissa, exponent, precision)
  const magnitude = magnitudeOf(mantissa)
  const high = magnitude >> BigInt(excess)
  const rest = magnitude - (high << BigInt(excess))
  const half = 1n << BigInt(excess - 1)
  const roundsUp = rest > half || (rest === half && (high & 1n) === 1n)
  const rounded = roundsUp ? high + 1n : high
  return normalize(mantissa < 0n ? -rounded : rounded, exponent + excess, precision)
}

function normalize(mantissa: bigint, exponent: number, precision: number): Num {
  const zeros = trailingZeros(mantissa)
  const odd = mantissa >> BigInt(zeros)
  const raised = exponent + zeros
  if (Math.abs(raised) > maxBinaryExponent) return overflow(raised, mantissa < 0n)
  if (raised >= 0 && bitLength(odd) + raised <= doublePrecision) return Number(odd << BigInt(raised))
  return { mantissa: odd, exponent: raised, precision }
}

/** Numbers beyond this are errors: they have too many digits to write. */
function overflow(exponent: number, isNegative: boolean): number {
  const magnitude = exponent > 0 ? Infinity : 0
  return isNegative ? -magnitude : magnitude
}

function trailingZeros(value: bigint): number {
  let zeros = 0
  for (let rest = value; (rest & 0xffffffffn) === 0n; rest >>= 32n) zeros += 32
  const low = Number((value >> BigInt(zeros)) & 0xffffffffn)
  return zeros + 31 - Math.clz32(low & -low)
}

const widen = (value: Num): BigNum =>
  typeof value === 'number' ? { mantissa: BigInt(value), exponent: 0, precision: fullPrecision } : value

/** Fractions have the precision of a double. */
export function numFromJs(value: number): Num {
  if (Number.isSafeInteger(value) || isInfinite(value)) return value
  const [mantissa, exponent] = decomposeDouble(value)
  return round(mantissa, exponent, doublePrecision)
}

function decomposeDouble(value: number): [bigint, number] {
  const view = new DataView(new ArrayBuffer(8))
  view.setFloat64(0, Math.abs(value))
  const bits = view.getBigUint64(0)
  const exponentBits = Number(bits >> 52n)
  const fraction = bits & ((1n << 52n) - 1n)
  const mantissa = exponentBits === 0 ? fraction : fraction | (1n << 52n)
  return [value < 0 ? -mantissa : mantissa, Math.max(1, exponentBits) - 1075]
}

export const numFromBigInt = (value: bigint): Num => round(value, 0, Math.max(fullPrecision, bitLength(value)))

/** The nearest JavaScript number, for counts, indexes and JSON. */
export function numToJs(value: Num): number {
  return typeof value === 'number' ? value : Number(formatNum(value))
}

export function isWhole(value: Num): boolean {
  return typeof value === 'number' ? !isInfinite(value) : value.exponent >= 0
}

export const isInfinite = (value: Num): boolean => value === Infinity || value === -Infinity

export const isNegativeZero = (value: Num): boolean => Object.is(value, -0)

/** Truncates a finite number toward zero. */
export function numToBigInt(value: Num): bigint {
  const { mantissa, exponent } = widen(value)
  if (exponent >= 0) return mantissa << BigInt(exponent)
  const magnitude = magnitudeOf(mantissa) >> BigInt(-exponent)
  return mantissa < 0n ? -magnitude : magnitude
}

/** A finite number as an integer fraction, for custom formatting. */
export function numToFraction(value: Num): { readonly numerator: bigint; readonly denominator: bigint } {
  const { mantissa, exponent } = widen(value)
  return exponent >= 0
    ? { numerator: mantissa << BigInt(exponent), denominator: 1n }
    : { numerator: mantissa, denominator: 1n << BigInt(-exponent) }
}

/** The shortest decimal digits, without an exponent, that parse to the same number. */
export function formatNum(value: Num): string {
  if (value === Infinity) return '+Inf'
  if (value === -Infinity) return '-Inf'
  if (typeof value === 'number') return isNegativeZero(value) ? '-0' : String(value)
  const { digits, point, negative } = shortestDigits(value)
  const text =
    point <= 0
      ? `0.${'0'.repeat(-point)}${digits}`
      : point >= digits.length
        ? digits + '0'.repeat(point - digits.length)
        : `${digits.slice(0, point)}.${digits.slice(point)}`
  return negative ? `-${text}` : text
}

export interface Digits {
  /** Without leading and trailing zeros. */
  readonly digits: string
  /** The number of digits before the decimal point; may be negative or exceed the digits. */
  readonly point: number
  readonly negative: boolean
}

/** Requires a finite number. */
export function shortestDigits(value: Num): Digits {
  if (value === 0) return { digits: '0', point: 1, negative: isNegativeZero(value) }
  const { mantissa, exponent, precision } = widen(value)
  const negative = mantissa < 0n
  const magnitude = magnitudeOf(mantissa)
  const padding = precision - bitLength(magnitude)
  const ulpExponent = exponent - padding
  if (exponent >= 0 && ulpExponent <= 0) return trimZeros((magnitude << BigInt(exponent)).toString(), 0, negative)
  // All decimals between the midpoints to the neighbors parse to this number: uses the shortest one.
  const halves = magnitude << BigInt(padding + 1)
  const [lower, exact, upper, scale] = asDecimals(halves - 1n, halves, halves + 1n, ulpExponent - 1)
  return trimZeros(shortestBetween(lower, exact, upper, padding > 0), scale, negative)
}

/** The three numbers as integers of one length, and their number of fraction digits. */
function asDecimals(lower: bigint, exact: bigint, upper: bigint, exponent: number): [string, string, string, number] {
  const factor = exponent >= 0 ? 1n << BigInt(exponent) : 5n ** BigInt(-exponent)
  const last = (upper * factor).toString()
  const padded = (value: bigint) => (value * factor).toString().padStart(last.length, '0')
  return [padded(lower), padded(exact), last, exponent >= 0 ? 0 : -exponent]
}

/** The shortest decimal between the bounds, padded with zeros to their length. */
function shortestBetween(lower: string, exact: string, upper: string, isEven: boolean): string {
  const lowerLength = lower.replace(/0+$/, '').length
  const upperLength = upper.replace(/0+$/, '').length
  for (let at = 0; at < exact.length; at++) {
    const digit = Number(exact[at])
    const above = Number(upper[at])
    const mayFall = lower[at] !== exact[at] || (isEven && at + 1 === lowerLength)
    const mayRise = digit !== above && (isEven || digit + 1 < above || at + 1 < upperLength)
    if (!mayFall && !mayRise) continue
    const rises = mayRise && (!mayFall || isPastHalf(exact, at))
    const head = BigInt(exact.slice(0, at + 1)) + (rises ? 1n : 0n)
    return head.toString().padStart(at + 1, '0') + '0'.repeat(exact.length - at - 1)
  }
  return exact
}

function isPastHalf(digits: string, at: number): boolean {
  const rest = digits.slice(at + 1)
  const next = Number(rest[0] ?? 0)
  if (next !== 5 || /[1-9]/.test(rest.slice(1))) return next >= 5
  return Number(digits[at]) % 2 === 1
}

function trimZeros(decimal: string, scale: number, negative: boolean): Digits {
  const fromFirst = decimal.replace(/^0+/, '')
  return { digits: fromFirst.replace(/0+$/, ''), point: fromFirst.length - scale, negative }
}

/** Zero and the infinities depend only on the sign of the other number. */
const isExtreme = (value: Num): boolean => value === 0 || isInfinite(value)

/** A placeholder for a number of which only the sign matters. */
function signedOne(value: Num): number {
  if (typeof value !== 'number') return value.mantissa < 0n ? -1 : 1
  return isExtreme(value) ? value : Math.sign(value)
}

/** Indeterminate forms, such as infinity minus infinity, have no result. */
const unlessNaN = (value: number): number | undefined => (Number.isNaN(value) ? undefined : value)

export const negateNum = (a: Num): Num => (typeof a === 'number' ? -a : { ...a, mantissa: -a.mantissa })

/** Undefined for the sum of opposite infinities. */
export function addNum(a: Num, b: Num): Num | undefined {
  if (typeof a === 'number' && typeof b === 'number') {
    const sum = a + b
    if (Number.isSafeInteger(sum)) return sum
  }
  if (isInfinite(a) || isInfinite(b)) return unlessNaN(signedOne(a) + signedOne(b))
  const x = widen(a)
  const y = widen(b)
  const exponent = Math.min(x.exponent, y.exponent)
  const sum = (x.mantissa << BigInt(x.exponent - exponent)) + (y.mantissa << BigInt(y.exponent - exponent))
  return round(sum, exponent, Math.max(x.precision, y.precision))
}

export const subtractNum = (a: Num, b: Num): Num | undefined => addNum(a, negateNum(b))

/** Undefined for zero times infinity. */
export function multiplyNum(a: Num, b: Num): Num | undefined {
  if (isExtreme(a) || isExtreme(b)) return unlessNaN(signedOne(a) * signedOne(b))
  if (typeof a === 'number' && typeof b === 'number') {
    const product = a * b
    if (Number.isSafeInteger(product)) return product
  }
  const x = widen(a)
  const y = widen(b)
  // A product may use more bits than either factor, up to the precision.
  return round(x.mantissa * y.mantissa, x.exponent + y.exponent, fullPrecision)
}

/** Undefined for zero by zero and infinity by infinity. */
export function divideNum(a: Num, b: Num): Num | undefined {
  if (isExtreme(a) || isExtreme(b)) return unlessNaN(signedOne(a) / signedOne(b))
  if (typeof a === 'number' && typeof b === 'number' && a % b === 0) return a / b
  const x = widen(a)
  const y = widen(b)
  return quotient(x.mantissa, y.mantissa, x.exponent - y.exponent, Math.max(x.precision, y.precision))
}

/** The remainder has the dividend's sign; modulo zero it is the dividend. Undefined with infinity. */
export function remainderNum(a: Num, b: Num): Num | undefined {
  if (b === 0) return a
  if (isInfinite(a) || isInfinite(b)) return undefined
  if (a === 0) return subtractNum(a, 0 * signedOne(b))
  if (typeof a === 'number' && typeof b === 'number') return a % b || 0
  const ratio = divideNum(a, b)
  const part = ratio === undefined ? undefined : multiplyNum(b, numFromBigInt(numToBigInt(ratio)))
  return part === undefined ? undefined : subtractNum(a, part)
}

export function compareNum(a: Num, b: Num): number {
  if (typeof a === 'number' && typeof b === 'number') return a === b ? 0 : a < b ? -1 : 1
  if (isInfinite(a) || isInfinite(b)) return signedOne(a) - signedOne(b)
  const x = widen(a)
  const y = widen(b)
  const exponent = Math.min(x.exponent, y.exponent)
  const difference = (x.mantissa << BigInt(x.exponent - exponent)) - (y.mantissa << BigInt(y.exponent - exponent))
  return difference < 0n ? -1 : difference > 0n ? 1 : 0
}

export const numsEqual = (a: Num, b: Num): boolean => a === b || compareNum(a, b) === 0
