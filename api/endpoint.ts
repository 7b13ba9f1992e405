// How an endpoint is declared: once, as a value, from which the server routes, validates and serializes, the
// clients build their calls, the tests walk the route table and the reference is generated. Does no I/O.

import type { Static, TSchema } from 'typebox'
import type { Action, Resource } from './rbac.ts'

/** Who may call an endpoint. `user` endpoints name what they touch; the server checks the role first and the object
 *  itself when the handler has loaded it, and refuses to answer where no such check was made. */
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
  /** Success answers by status. A status without a body maps to `Type.Null()`. */
  readonly responses: Responses
  /** A WebSocket upgrade: goes through the upgrade router, `responses` describes the frames (key 101). */
  readonly upgrade?: boolean
  /** The answer is not JSON (a file, a server-sent-events stream): written by the handler itself. */
  readonly raw?: boolean
  /** Counted more strictly than others: where passwords can be guessed, and where files take space. */
  readonly limit?: 'logins' | 'files'
}

/** Keeps the literal types of a declaration. */
// @__NO_SIDE_EFFECTS__
export function endpoint<
  Params extends TSchema,
  Query extends TSchema,
  Body extends TSchema,
  Responses extends Record<number, TSchema>,
>(declaration: Endpoint<Params, Query, Body, Responses>): Endpoint<Params, Query, Body, Responses> {
  return declaration
}

// Bundles leave out what they do not use of the contract; that these calls do nothing else, the build has to be told.
/* @__NO_SIDE_EFFECTS__ */ export const open = (reason: string): Access => ({ kind: 'public', reason })
/* @__NO_SIDE_EFFECTS__ */ export const user = (action: Action, resource: Resource): Access => ({
  kind: 'user',
  action,
  resource,
})
export const agent: Access = { kind: 'agent' }
/** For processes of the person who runs the deployment: they prove it with the secret in `<data>/run.json`. */
export const localSecret: Access = { kind: 'local-secret' }

export type ParamsOf<E> = E extends Endpoint<infer P, TSchema, TSchema, Record<number, TSchema>> ? Static<P> : never
export type QueryOf<E> = E extends Endpoint<TSchema, infer Q, TSchema, Record<number, TSchema>> ? Static<Q> : never
export type BodyOf<E> = E extends Endpoint<TSchema, TSchema, infer B, Record<number, TSchema>> ? Static<B> : never
export type ResponseOf<E> =
  E extends Endpoint<TSchema, TSchema, TSchema, infer R>
    ? { [K in keyof R]: R[K] extends TSchema ? Static<R[K]> : never }[keyof R]
    : never
