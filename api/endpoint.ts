// Declares an endpoint once, as a value: the server derives routing, validation and serialization from it, clients
// their calls, the tests the route table, and the reference is generated from it. Performs no I/O.

import type { Static, TSchema } from 'typebox'
import type { Action, Resource } from './rbac.ts'

/** Access rule of an endpoint. `user` endpoints name the resource: the server checks the role before the handler and the
 *  object in the handler, and fails requests that are answered without the second check. */
export type Access =
  | { readonly kind: 'public'; readonly reason: string }
  | { readonly kind: 'user'; readonly resource: Resource; readonly action: Action }
  | { readonly kind: 'agent' }
  | { readonly kind: 'local-secret' }

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

export interface Endpoint<
  Params extends TSchema = TSchema,
  Query extends TSchema = TSchema,
  Body extends TSchema = TSchema,
  Responses extends Record<number, TSchema> = Record<number, TSchema>,
> {
  readonly method: Method
  /** Fastify form: `/api/v2/users/:user`. */
  readonly path: string
  readonly summary: string
  readonly access: Access
  readonly params?: Params
  readonly query?: Query
  readonly body?: Body
  /** Accepted content types of a body that is not JSON; such a body reaches the handler as a Buffer. */
  readonly bodyTypes?: readonly string[]
  /** Success responses by status. A status without a body maps to `Type.Null()`. */
  readonly responses: Responses
  /** A WebSocket upgrade, handled by the upgrade router; `responses` describes the frames (key 101). */
  readonly upgrade?: boolean
  /** The response is not JSON (a file, server-sent events): written by the handler itself. */
  readonly raw?: boolean
  /** A stricter rate limit, for endpoints where passwords can be guessed or files consume space. */
  readonly limit?: 'logins' | 'files'
}

/** Preserves the literal types of a declaration. */
// @__NO_SIDE_EFFECTS__
export function endpoint<
  Params extends TSchema,
  Query extends TSchema,
  Body extends TSchema,
  Responses extends Record<number, TSchema>,
>(declaration: Endpoint<Params, Query, Body, Responses>): Endpoint<Params, Query, Body, Responses> {
  return declaration
}

// Bundles drop unused parts of the contract; the annotations declare these calls free of side effects.
/* @__NO_SIDE_EFFECTS__ */ export const open = (reason: string): Access => ({ kind: 'public', reason })
/* @__NO_SIDE_EFFECTS__ */ export const user = (action: Action, resource: Resource): Access => ({
  kind: 'user',
  action,
  resource,
})
export const agent: Access = { kind: 'agent' }
/** For processes of the deployment's operator, authenticated by the secret in `<data>/run.json`. */
export const localSecret: Access = { kind: 'local-secret' }

export type ParamsOf<E> = E extends Endpoint<infer P, TSchema, TSchema, Record<number, TSchema>> ? Static<P> : never
export type QueryOf<E> = E extends Endpoint<TSchema, infer Q, TSchema, Record<number, TSchema>> ? Static<Q> : never
export type BodyOf<E> = E extends Endpoint<TSchema, TSchema, infer B, Record<number, TSchema>> ? Static<B> : never
export type ResponseOf<E> =
  E extends Endpoint<TSchema, TSchema, TSchema, infer R>
    ? { [K in keyof R]: R[K] extends TSchema ? Static<R[K]> : never }[keyof R]
    : never
