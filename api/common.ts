// The small shapes every noun of the contract is built from: ids, times, names, pages, the plain message answer.
// Knows nothing of any noun.

import { type Static, type TSchema, type TUnsafe, Type } from 'typebox'

/** What a Go client writes for a time that was never set; such clients expect it back instead of `null`. */
export const zeroTime = '0001-01-01T00:00:00Z'

/** What a Go client writes for an id it leaves out: to be read as absent wherever a request's id is optional. */
export const zeroUuid = '00000000-0000-0000-0000-000000000000'

export const Uuid = Type.String({ format: 'uuid' })

/** RFC 3339, in UTC. */
export const Timestamp = Type.String({ format: 'date-time' })

/** One of the given strings, which stand in its `enum`. */
export type OneOf<Values extends readonly string[]> = TUnsafe<Values[number]> & { readonly enum: Values }

/** Carries its JSON type, which the serializer needs for its fast path. */
// @__NO_SIDE_EFFECTS__
export function oneOf<const Values extends readonly string[]>(values: Values): OneOf<Values> {
  return Type.Unsafe<Values[number]>({ type: 'string', enum: values }) as OneOf<Values>
}

/** The schema, or `null`. Written as `type: [T, 'null']` and not as `anyOf`: type coercion tries the branches of an
 *  `anyOf` in turn and would turn a `null` into an empty string, and the serializer would have to validate to choose. */
// @__NO_SIDE_EFFECTS__
export function nullable<S extends TSchema>(schema: S): TUnsafe<Static<S> | null> {
  const { type, enum: values } = schema as {
    type?: unknown
    enum?: readonly unknown[]
  }
  if (typeof type !== 'string') throw new Error('nullable() needs a schema with one JSON type')
  return Type.Unsafe<Static<S> | null>({
    ...schema,
    type: [type, 'null'],
    ...(values ? { enum: [...values, null] } : {}),
  })
}

/** A field of a request that may be left out. Go clients send `null` for what they do not set, so `null` is taken too. */
export function maybe<S extends TSchema>(schema: S) {
  return Type.Optional(nullable(schema))
}

/** A query flag that counts by being there: `?follow` and `?follow=true` are the same. */
export const Flag = Type.String()

/** The largest count that clients written in Go have room for. */
export const maxCount = 2_147_483_647

/** Milliseconds: as many as Go's nanoseconds have room for, which are 292 years. */
export const Milliseconds = Type.Integer({ minimum: 0, maximum: 9_223_372_036_854 })

/** Pages of a list. Without `limit`, or with 0, the list comes whole. */
export const paginationQuery = {
  limit: Type.Optional(Type.Integer({ minimum: 0, maximum: maxCount })),
  offset: Type.Optional(Type.Integer({ minimum: 0, maximum: maxCount })),
  after_id: Type.Optional(Uuid),
}

const simpleName = '[a-zA-Z0-9]+(?:-[a-zA-Z0-9]+)*'

/** Name of a user, workspace or template. `new` and `create` are taken by the addresses of the dashboard's forms. */
export const Name = Type.String({
  minLength: 1,
  maxLength: 32,
  pattern: `^(?!(?:new|create)$)${simpleName}$`,
})

/** The same, or empty: whoever is asked has one, or makes one up. */
export const NameOrNone = Type.String({ maxLength: 32, pattern: `^(?:(?!(?:new|create)$)${simpleName})?$` })

/** Name of a template version; empty asks the server to make one up. */
export const VersionName = Type.String({
  maxLength: 64,
  pattern: '^(?:[a-zA-Z0-9]+(?:[_.-][a-zA-Z0-9]+)*)?$',
})

/** What people read instead of the name: no space at either end. */
export const DisplayName = Type.String({
  maxLength: 64,
  pattern: '^(?:\\S(?:.*\\S)?)?$',
})

export const Description = Type.String({ maxLength: 127 })
export const Icon = Type.String({ maxLength: 255 })
export const RealName = Type.String({
  maxLength: 128,
  pattern: '^(?:\\S(?:.*\\S)?)?$',
})

export const ValidationError = Type.Object({
  field: Type.String(),
  detail: Type.String(),
})
export type ValidationError = Static<typeof ValidationError>

/** The plain answer: every error has this shape, and so have successes with nothing else to tell. */
export const Response = Type.Object({
  message: Type.String(),
  detail: Type.Optional(Type.String()),
  validations: Type.Optional(Type.Array(ValidationError)),
})
export type Response = Static<typeof Response>
export const ErrorResponse = Response
export type ErrorResponse = Response

/** One event of a watch, as a WebSocket frame; as server-sent events `type` is the event's name and `data` its data. */
export const ServerSentEvent = Type.Object({
  type: oneOf(['data', 'ping', 'error']),
  data: Type.Optional(Type.Unknown()),
})
export type ServerSentEvent = Static<typeof ServerSentEvent>

/** A name and its text: parameter and variable values travel like this. */
export const NamedValue = Type.Object({
  name: Type.String({ minLength: 1 }),
  value: Type.String(),
})
export type NamedValue = Static<typeof NamedValue>
