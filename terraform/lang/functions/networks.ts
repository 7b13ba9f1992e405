// Functions on IP addresses and prefixes such as `10.0.0.0/8` or `fd00::/48`.

import { isWhole, numToBigInt, numToJs } from '../../values/number.ts'
import { boolType, listType, numberType, stringType } from '../../values/type.ts'
import { bool, list, string, type Value } from '../../values/value.ts'
import { type Failure, type FunctionTable, fail, parameter } from '../function.ts'
import { textOf } from './arguments.ts'

interface Address {
  readonly value: bigint
  /** Address length: 32 or 128 bits. */
  readonly bits: number
}

interface Prefix {
  readonly address: Address
  readonly length: number
}

function parseAddress(text: string): Address | undefined {
  if (!text.includes(':')) return parseVersion4(text)
  const [head, tail, ...more] = text.split('::')
  if (more.length > 0) return undefined
  const before = parseGroups(head ?? '')
  const after = tail === undefined ? [] : parseGroups(tail)
  if (!before || !after) return undefined
  const missing = 8 - before.length - after.length
  if (tail === undefined ? missing !== 0 : missing < 1) return undefined
  const groups = [...before, ...Array<number>(missing).fill(0), ...after]
  return { value: groups.reduce((value, group) => (value << 16n) | BigInt(group), 0n), bits: 128 }
}

function parseVersion4(text: string): Address | undefined {
  const parts = text.split('.')
  if (parts.length !== 4 || !parts.every((part) => /^\d+$/.test(part) && Number(part) < 256)) return undefined
  return { value: parts.reduce((value, part) => (value << 8n) | BigInt(part), 0n), bits: 32 }
}

function parseGroups(text: string): number[] | undefined {
  if (text === '') return []
  const groups: number[] = []
  const parts = text.split(':')
  for (const [index, part] of parts.entries()) {
    const embedded = index === parts.length - 1 && part.includes('.') ? parseVersion4(part) : undefined
    if (embedded) groups.push(Number(embedded.value >> 16n), Number(embedded.value & 0xffffn))
    else if (/^[\da-fA-F]{1,4}$/.test(part)) groups.push(Number.parseInt(part, 16))
    else return undefined
  }
  return groups
}

function writeAddress({ value, bits }: Address): string {
  if (isMapped({ value, bits })) return writeAddress({ value: value & 0xffffffffn, bits: 32 })
  if (bits === 32) return [24n, 16n, 8n, 0n].map((shift) => String((value >> shift) & 255n)).join('.')
  const groups = Array.from({ length: 8 }, (_, index) => Number((value >> BigInt(112 - index * 16)) & 0xffffn))
  const zeros = longestZeros(groups)
  const hex = (part: readonly number[]) => part.map((group) => group.toString(16)).join(':')
  return zeros.length < 2
    ? hex(groups)
    : `${hex(groups.slice(0, zeros.start))}::${hex(groups.slice(zeros.start + zeros.length))}`
}

function longestZeros(groups: readonly number[]): { start: number; length: number } {
  let best = { start: 0, length: 0 }
  for (let start = 0; start < groups.length; start++) {
    let length = 0
    while (groups[start + length] === 0) length++
    if (length > best.length) best = { start, length }
  }
  return best
}

const maskOf = (length: number, bits: number) => ((1n << BigInt(length)) - 1n) << BigInt(bits - length)

/** Clears the host bits. */
function parsePrefix(text: string): Prefix | undefined {
  const [addressText = '', lengthText = '', ...more] = text.split('/')
  const address = parseAddress(addressText)
  const length = Number(lengthText)
  if (!address || more.length > 0 || !/^\d{1,3}$/.test(lengthText) || length > address.bits) return undefined
  return { address: { ...address, value: address.value & maskOf(length, address.bits) }, length }
}

/** An IPv4-mapped IPv6 address, such as `::ffff:10.0.0.0`. */
const isMapped = ({ value, bits }: Address) => bits === 128 && value >> 32n === 0xffffn

/** Converts an IPv4-mapped IPv6 network to IPv4. */
function unmap({ address, length }: Prefix): Prefix {
  if (!isMapped(address) || length < 96) return { address, length }
  return { address: { value: address.value & 0xffffffffn, bits: 32 }, length: length - 96 }
}

function writePrefix(prefix: Prefix): string {
  const { address, length } = unmap(prefix)
  return `${writeAddress(address)}/${length}`
}

/** Sets the number's bits in the address, as Terraform does: uses the magnitude of a negative result. */
function insertNumber(address: Address, position: bigint, shift: number): Address | Failure {
  const signed = address.value | (position << BigInt(shift))
  const value = signed < 0n ? -signed : signed
  return value >> BigInt(address.bits) === 0n ? { ...address, value } : fail('the number is too large for an address.')
}

const invalidPrefix = (text: string): Failure =>
  fail(`${JSON.stringify(text)} is not a CIDR prefix such as "10.0.0.0/8" or "fd00::/48".`)

const wholeNumber = (value: Value | undefined): bigint | undefined =>
  value?.kind === 'number' && isWhole(value.value) ? numToBigInt(value.value) : undefined

function host(text: string, position: bigint | undefined): Value | Failure {
  const prefix = parsePrefix(text)
  if (!prefix) return invalidPrefix(text)
  if (position === undefined) return fail('the number of the host must be whole.')
  const { address } = prefix
  const count = 1n << BigInt(address.bits - prefix.length)
  // Terraform uses the lowest 64 bits only.
  if (BigInt.asIntN(64, position) >= count || position < -count) {
    return fail(`a prefix of ${prefix.length} bits has no host number ${position}: it has ${count} addresses.`)
  }
  const host = insertNumber(address, position < 0n ? count + position : position, isMapped(address) ? 96 : 0)
  return 'failure' in host ? host : string(writeAddress(host))
}

function subnet(text: string, newBits: number, position: bigint | undefined): Value | Failure {
  const prefix = parsePrefix(text)
  if (!prefix) return invalidPrefix(text)
  if (!Number.isInteger(newBits)) return fail('the number of bits must be whole.')
  if (position === undefined) return fail('the number of the network must be whole.')
  const extended = extend(prefix, newBits)
  if ('failure' in extended) return extended
  // A shorter prefix selects an enclosing network. Terraform uses the number's magnitude and its lowest 64 bits.
  const count = 1n << BigInt(newBits < 0 ? 64 : Math.min(64, newBits))
  if (BigInt.asUintN(64, position < 0n ? -position : position) >= count) {
    return fail(`${newBits} more bits make ${count} networks; ${position} is out of range.`)
  }
  const address = insertNumber(prefix.address, position, prefix.address.bits - extended.length)
  return 'failure' in address ? address : string(writePrefix({ length: extended.length, address }))
}

function extend(prefix: Prefix, newBits: number, argument?: number): Prefix | Failure {
  const length = prefix.length + newBits
  if (length >= 0 && length <= prefix.address.bits) return { ...prefix, length }
  const room = prefix.address.bits - prefix.length
  return fail(`the prefix can be extended by 0 to ${room} bits, not by ${newBits}.`, argument)
}

function subnets(text: string, sizes: readonly number[]): Value | Failure {
  const prefix = parsePrefix(text)
  if (!prefix) return { ...invalidPrefix(text), argument: 0 }
  if (isMapped(prefix.address) && sizes.length > 0) return fail('an IPv4 prefix in the form of IPv6 has no room.', 1)
  const end = prefix.address.value + (1n << BigInt(prefix.address.bits - prefix.length))
  let next = prefix.address.value
  const found: Value[] = []
  for (const [index, newBits] of sizes.entries()) {
    if (!Number.isInteger(newBits) || newBits < 1) return fail('at least one more bit is required.', index + 1)
    if (newBits > 32) return fail('a prefix can be extended by 32 bits at most.', index + 1)
    const extended = extend(prefix, newBits, index + 1)
    if ('failure' in extended) return extended
    const size = 1n << BigInt(prefix.address.bits - extended.length)
    // A network address is a multiple of the network size.
    const start = ((next + size - 1n) / size) * size
    if (start + size > end) return fail(`there is not enough room for a network of ${extended.length} bits.`, index + 1)
    found.push(string(writePrefix({ length: extended.length, address: { ...prefix.address, value: start } })))
    next = start + size
  }
  return list(stringType, found)
}

function netmask(text: string): Value | Failure {
  const prefix = parsePrefix(text)
  if (!prefix) return invalidPrefix(text)
  const { bits } = prefix.address
  if (bits !== 32 && !isMapped(prefix.address)) return fail('IPv6 prefixes have no netmask in this form.')
  return string(writeAddress({ value: maskOf(prefix.length, bits), bits }))
}

function containsPrefix(outerText: string, innerText: string): Value | Failure {
  const outerPrefix = parsePrefix(outerText)
  if (!outerPrefix) return invalidPrefix(outerText)
  const address = parseAddress(innerText)
  const innerPrefix = address ? { address, length: address.bits } : parsePrefix(innerText)
  if (!innerPrefix) return fail(`${JSON.stringify(innerText)} is neither an address nor a prefix.`)
  const [outer, inner] = [unmap(outerPrefix), unmap(innerPrefix)]
  const { bits, value } = outer.address
  if (inner.address.bits !== bits) return fail('one is an IPv4 address and the other is IPv6.')
  const isInside = inner.length >= outer.length && (inner.address.value & maskOf(outer.length, bits)) === value
  return bool(isInside)
}

const prefixParameter = parameter('prefix', stringType)
const jsNumber = (value: Value | undefined) => (value?.kind === 'number' ? numToJs(value.value) : Number.NaN)

export const networkFunctions: FunctionTable = {
  cidrcontains: {
    parameters: [parameter('containing_prefix', stringType), parameter('contained_ip_or_prefix', stringType)],
    returns: boolType,
    mayReturnNull: true,
    call: ([outer, inner]) => containsPrefix(textOf(outer), textOf(inner)),
  },
  cidrhost: {
    parameters: [prefixParameter, parameter('hostnum', numberType)],
    returns: stringType,
    call: ([prefix, position]) => host(textOf(prefix), wholeNumber(position)),
  },
  cidrnetmask: {
    parameters: [prefixParameter],
    returns: stringType,
    call: ([prefix]) => netmask(textOf(prefix)),
  },
  cidrsubnet: {
    parameters: [prefixParameter, parameter('newbits', numberType), parameter('netnum', numberType)],
    returns: stringType,
    call: ([prefix, newBits, position]) => subnet(textOf(prefix), jsNumber(newBits), wholeNumber(position)),
  },
  cidrsubnets: {
    parameters: [prefixParameter],
    variadic: parameter('newbits', numberType),
    returns: listType(stringType),
    call: ([prefix, ...sizes]) => subnets(textOf(prefix), sizes.map(jsNumber)),
  },
}
