// Declares MCP tools and validates their arguments.

import type { Client } from '../../api/client.ts'
import type { Connection } from '../connection/connect.ts'
import { isObject } from './json-rpc.ts'

/** An argument of a tool, in JSON Schema. */
export interface Field {
  readonly type: 'string' | 'integer' | 'boolean' | 'object'
  readonly description: string
  readonly enum?: readonly string[]
  /** For an object: its values are strings. */
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

/** The sessions that tools use. */
export interface ToolContext {
  /** The signed-in user's connection. @throws CommandError when no user is signed in */
  userConnection(): Connection
  /** The agent session of the workspace that the server runs in, and the app whose status it reports. */
  readonly workspace: { readonly client: Client; readonly appSlug: string } | undefined
}

export interface Tool {
  readonly name: string
  readonly description: string
  readonly required: Fields
  readonly optional: Fields
  /** @returns the result: a string, or a value that is sent as JSON */
  call(input: never, context: ToolContext, signal: AbortSignal): Promise<unknown>
}

/** Infers the types of the arguments. */
export function tool<const Required extends Fields, const Optional extends Fields>(declaration: {
  readonly name: string
  readonly description: string
  readonly required: Required
  readonly optional: Optional
  call(input: Arguments<Required, Optional>, context: ToolContext, signal: AbortSignal): Promise<unknown>
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

/** The tool in the format of `tools/list`. */
export const describeTool = ({ name, description, required, optional }: Tool) => ({
  name,
  description,
  inputSchema: { type: 'object', properties: { ...required, ...optional }, required: Object.keys(required) },
})

/** @returns why the arguments are invalid; undefined for valid ones. Unknown fields are ignored. */
export function validateArguments(
  { required, optional }: Tool,
  input: Readonly<Record<string, unknown>>,
): string | undefined {
  for (const name of Object.keys(required)) if (input[name] === undefined) return `${name} is missing.`
  for (const [name, field] of Object.entries({ ...required, ...optional })) {
    const value = input[name]
    if (value === undefined) continue
    if (!isOfType(value, field)) return `${name} must be ${typeNames[field.type]}.`
    if (field.enum && !field.enum.includes(String(value))) return `${name} must be one of ${field.enum.join(', ')}.`
  }
  return undefined
}

const typeNames = {
  string: 'a string',
  integer: 'an integer',
  boolean: 'true or false',
  object: 'an object whose values are strings',
}

function isOfType(value: unknown, { type }: Field): boolean {
  if (type === 'integer') return Number.isSafeInteger(value)
  if (type === 'object') return isObject(value) && Object.values(value).every((entry) => typeof entry === 'string')
  return type === 'string' ? typeof value === 'string' : typeof value === 'boolean'
}
