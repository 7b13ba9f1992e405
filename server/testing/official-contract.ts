// Compares values with Coder's types, as official-contract.json and official-facts.ts know them. Made by
// scripts/official-contract.mjs; whose answers are compared is watch-answers.ts's business.

import { readFileSync } from 'node:fs'
import { correctedKeys, correctedTypes, isNeverEmpty, isOwn, mayBeMissing, mayBeNull } from './contract-corrections.ts'

/** A basic type's name, `#name` of a type, or one of these forms. */
export type Shape =
  | string
  | null
  | { readonly enum: readonly unknown[] }
  | { readonly list: Shape }
  | { readonly map: Shape }
  | { readonly keys: Readonly<Record<string, Shape>> }

export interface OfficialRoute {
  readonly query?: readonly string[]
  readonly body?: Shape
  /** By status; null has no described body. */
  readonly answers: Readonly<Record<string, Shape>>
}

interface OfficialContract {
  readonly routes: Readonly<Record<string, OfficialRoute>>
  readonly types: Readonly<Record<string, Shape>>
}

export const official: OfficialContract = JSON.parse(
  readFileSync(new URL('./official-contract.json', import.meta.url), 'utf8'),
)

const uuidForm = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
const timeForm = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?(Z|[+-]\d{2}:\d{2})$/

const basicTypes: Readonly<Record<string, (value: unknown) => boolean>> = {
  any: () => true,
  string: (value) => typeof value === 'string',
  uuid: (value) => typeof value === 'string' && uuidForm.test(value),
  'date-time': (value) => typeof value === 'string' && timeForm.test(value),
  integer: (value) => Number.isInteger(value),
  number: (value) => typeof value === 'number',
  boolean: (value) => typeof value === 'boolean',
}

/** @param at where the value stands, for people
 *  @returns what differs, a line each */
export function compare(shape: Shape, value: unknown, at: string): string[] {
  if (shape === null) return []
  if (typeof shape === 'string') {
    if (shape.startsWith('#')) return compareType(shape.slice(1), value, at)
    return basicTypes[shape]?.(value) ? [] : [`${at}: ${show(value)} is no ${shape}`]
  }
  if ('enum' in shape)
    return shape.enum.includes(value) ? [] : [`${at}: ${show(value)} is none of ${shape.enum.join(', ')}`]
  if ('list' in shape) {
    if (!Array.isArray(value)) return [`${at}: ${show(value)} is no list`]
    return value.flatMap((one) => compare(shape.list, one, `${at}[]`))
  }
  if (!isObject(value)) return [`${at}: ${show(value)} is no object`]
  if ('map' in shape) return Object.values(value).flatMap((one) => compare(shape.map, one, `${at}.*`))
  return compareKeys('', shape.keys, value, at)
}

function compareType(name: string, value: unknown, at: string): string[] {
  const shape = (correctedTypes[name] as Shape | undefined) ?? official.types[name]
  if (shape === undefined) throw new Error(`the official contract has no type ${name}`)
  if (shape === null || typeof shape === 'string' || !('keys' in shape)) return compare(shape, value, at)
  return isObject(value) ? compareKeys(name, shape.keys, value, at) : [`${at}: ${show(value)} is no ${name}`]
}

function compareKeys(
  type: string,
  keys: Readonly<Record<string, Shape>>,
  value: Readonly<Record<string, unknown>>,
  at: string,
): string[] {
  const known = Object.entries(keys).flatMap(([key, shape]) => {
    if (!(key in value)) return mayBeMissing(type, key) ? [] : [`${at}.${key} is missing (${type})`]
    if (value[key] === null && mayBeNull(type, key)) return []
    if (value[key] === '' && isNeverEmpty(type, key)) return [`${at}.${key} is empty and not left out (${type})`]
    return compare((correctedKeys[`${type}.${key}`] as Shape | undefined) ?? shape, value[key], `${at}.${key}`)
  })
  const unknown = Object.keys(value).filter((key) => !Object.hasOwn(keys, key) && !isOwn(type, key))
  return [...known, ...unknown.map((key) => `${at}.${key} is no key of ${type}`)]
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const show = (value: unknown) => JSON.stringify(value)?.slice(0, 80) ?? 'undefined'

const partsOf = (address: string) => address.replace(/\/$/, '').split(/[ /]/)
const addresses = Object.keys(official.routes).map((address) => ({ address, parts: partsOf(address) }))

/** The route that serves a path, by its address in the contract; of several the one with the fewest parameters.
 *  @param path without its query */
export function findOfficialRoute(method: string, path: string): string | null {
  const asked = partsOf(`${method} ${path}`)
  const matching = addresses.filter(
    ({ parts }) =>
      parts.length === asked.length && parts.every((part, at) => part.startsWith('{') || part === asked[at]),
  )
  matching.sort((a, b) => countParameters(a.parts) - countParameters(b.parts))
  return matching[0]?.address ?? null
}

const countParameters = (parts: readonly string[]) => parts.filter((part) => part.startsWith('{')).length
