// Shapes that every group of endpoints uses: IDs, times, names, pagination, the plain message response.

import { type Static, type TSchema, type TUnsafe, Type } from 'typebox'

/** Sent by Go clients for an unset time; they expect it in responses instead of `null`. */
export const zeroTime = '0001-01-01T00:00:00Z'

/** Sent by Go clients for an omitted ID; treated as absent wherever an ID is optional in a request. */
export const zeroUuid = '00000000-0000-0000-0000-000000000000'

export const Uuid = Type.String({ format: 'uuid' })

/** RFC 3339, in UTC. */
export const Timestamp = Type.String({ format: 'date-time' })

/** One of the given strings, listed in its `enum`. */
export type OneOf<Values extends readonly string[]> = TUnsafe<Values[number]> & { readonly enum: Values }

/** Includes the JSON type, which the serializer needs for its fast path. */
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

/** An optional field of a request. Go clients send `null` for unset fields, so `null` is accepted too. */
export function maybe<S extends TSchema>(schema: S) {
  return Type.Optional(nullable(schema))
}

/** A query flag that is set by being present: `?follow` and `?follow=true` are equivalent. */
export const Flag = Type.String()

/** The largest count that Go clients can represent. */
export const maxCount = 2_147_483_647

/** Milliseconds: at most what Go's nanoseconds can represent, 292 years. */
export const Milliseconds = Type.Integer({ minimum: 0, maximum: 9_223_372_036_854 })

/** Pagination of a list. A `limit` of 0 or none returns the whole list. */
export const paginationQuery = {
  limit: Type.Optional(Type.Integer({ minimum: 0, maximum: maxCount })),
  offset: Type.Optional(Type.Integer({ minimum: 0, maximum: maxCount })),
  after_id: Type.Optional(Uuid),
}

const simpleName = '[a-zA-Z0-9]+(?:-[a-zA-Z0-9]+)*'

/** Name of a user, workspace or template. `new` and `create` are reserved for the dashboard's form URLs. */
export const Name = Type.String({
  minLength: 1,
  maxLength: 32,
  pattern: `^(?!(?:new|create)$)${simpleName}$`,
})

/** A name; an empty one leaves the name unchanged or generates one. */
export const OptionalName = Type.String({ maxLength: 32, pattern: `^(?:(?!(?:new|create)$)${simpleName})?$` })

/** Name of a template version; empty to let the server generate one. */
export const VersionName = Type.String({
  maxLength: 64,
  pattern: '^(?:[a-zA-Z0-9]+(?:[_.-][a-zA-Z0-9]+)*)?$',
})

/** Shown to users instead of the name: no leading or trailing space. */
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

/** The plain response: the shape of every error, and of successes without other content. */
export const Response = Type.Object({
  message: Type.String(),
  detail: Type.Optional(Type.String()),
  validations: Type.Optional(Type.Array(ValidationError)),
})
export type Response = Static<typeof Response>
export const ErrorResponse = Response
export type ErrorResponse = Response

/** One event of a watch, as a WebSocket frame; in server-sent events `type` is the event name and `data` its data. */
export const ServerSentEvent = Type.Object({
  type: oneOf(['data', 'ping', 'error']),
  data: Type.Optional(Type.Unknown()),
})
export type ServerSentEvent = Static<typeof ServerSentEvent>

/** A name and its value as text, used for parameters and variables. */
export const NamedValue = Type.Object({
  name: Type.String({ minLength: 1 }),
  value: Type.String(),
})
export type NamedValue = Static<typeof NamedValue>
