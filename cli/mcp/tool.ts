// How a tool for an AI is declared, and how its arguments are judged.

import type { Client } from '../../api/client.ts'
import type { Connection } from '../connection/connect.ts'
import { isObject } from './json-rpc.ts'

/** A field of a tool's arguments, as JSON Schema writes it. */
export interface Field {
  readonly type: 'string' | 'integer' | 'boolean' | 'object'
  readonly description: string
  readonly enum?: readonly string[]
  /** Of an object: every value is a text. */
  readonly additionalProperties?: { readonly type: 'string' }
}

type ValueOf<F extends Field> = F extends { readonly enum: readonly (infer Choice)[] }
  ? Choice
  : F['type'] extends 'string'
    ? string
    : F['type'] extends 'integer'
      ? number
      : F['type'] extends 'boolean'
        ? boolean
        : Readonly<Record<string, string>>

type Fields = Readonly<Record<string, Field>>
export type Arguments<Required extends Fields, Optional extends Fields> = {
  readonly [K in keyof Required]: ValueOf<Required[K]>
} & { readonly [K in keyof Optional]?: ValueOf<Optional[K]> }

/** What tools work with. */
export interface ToolContext {
  /** As the person; throws a CommandError when nobody is signed in. */
  userConnection(): Connection
  /** As the workspace that the server runs in, with the app whose status is told. */
  readonly workspace: { readonly client: Client; readonly appSlug: string } | undefined
}

export interface Tool {
  readonly name: string
  readonly description: string
  readonly required: Fields
  readonly optional: Fields
  /** @returns what the AI reads, as JSON or as it is when it is a text. */
  call(input: never, hands: ToolContext, signal: AbortSignal): Promise<unknown>
}

/** Keeps the types of the arguments. */
export function tool<const Required extends Fields, const Optional extends Fields>(declaration: {
  readonly name: string
  readonly description: string
  readonly required: Required
  readonly optional: Optional
  call(input: Arguments<Required, Optional>, hands: ToolContext, signal: AbortSignal): Promise<unknown>
}): Tool {
  return declaration
}

export const stringField = (description: string) => ({ type: 'string', description }) as const
export const integerField = (description: string) => ({ type: 'integer', description }) as const
export const booleanField = (description: string) => ({ type: 'boolean', description }) as const
export const stringMapField = (description: string) =>
  ({ type: 'object', description, additionalProperties: { type: 'string' } }) as const
export const enumField = <const Values extends readonly string[]>(values: Values, description: string) =>
  ({ type: 'string', description, enum: values }) as const

/** As `tools/list` shows it. */
export const describeTool = ({ name, description, required, optional }: Tool) => ({
  name,
  description,
  inputSchema: { type: 'object', properties: { ...required, ...optional }, required: Object.keys(required) },
})

/** What is wrong with the arguments, in words; undefined when nothing is. Fields that are not known are passed over. */
export function validateArguments(
  { required, optional }: Tool,
  input: Readonly<Record<string, unknown>>,
): string | undefined {
  for (const name of Object.keys(required)) if (input[name] === undefined) return `${name} is missing.`
  for (const [name, field] of Object.entries({ ...required, ...optional })) {
    const value = input[name]
    if (value === undefined) continue
    if (!isOfType(value, field)) return `${name} is not ${typeNames[field.type]}.`
    if (field.enum && !field.enum.includes(String(value))) return `${name} is none of ${field.enum.join(', ')}.`
  }
  return undefined
}

const typeNames = {
  string: 'a text',
  integer: 'a whole number',
  boolean: 'true or false',
  object: 'an object whose values are texts',
}

function isOfType(value: unknown, { type }: Field): boolean {
  if (type === 'integer') return Number.isSafeInteger(value)
  if (type === 'object') return isObject(value) && Object.values(value).every((entry) => typeof entry === 'string')
  return type === 'string' ? typeof value === 'string' : typeof value === 'boolean'
}
