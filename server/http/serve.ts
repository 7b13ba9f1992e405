// Turns a declared endpoint into a route: validates and serializes by its schemas, checks the role before the handler
// runs, and verifies that the handler authorized the object. The handlers load and change data.

import type { IncomingHttpHeaders } from 'node:http'
import fastJson from 'fast-json-stringify'
import type { FastifyBaseLogger, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { TSchema } from 'typebox'
import { Compile } from 'typebox/compile'
import { Convert, Default } from 'typebox/value'
import type { ValidationError } from '../../api/common.ts'
import type { BodyOf, Endpoint, ParamsOf, QueryOf, ResponseOf } from '../../api/endpoint.ts'
import { ApiError, forbidden, invalidQuery, notFound, validationFailed } from '../../api/errors.ts'
import type { AgentPrincipal } from '../policy/agent-principal.ts'
import { type AuthzContext, mayPossibly, type Principal } from '../policy/policy.ts'

declare module 'fastify' {
  interface FastifyRequest {
    principal: Principal | null
    agent: AgentPrincipal | null
  }
  interface FastifyContextConfig {
    endpoint?: Endpoint
  }
}

/** Fields that requests and upgrades share. */
export interface RequestContext<E> extends AuthzContext {
  readonly params: ParamsOf<E>
  readonly query: QueryOf<E>
  readonly log: FastifyBaseLogger
  /** Address of the peer. */
  readonly ip: string
  readonly headers: IncomingHttpHeaders
  /** Identifies the request in the log and the audit log; returned as `x-coder-request-id`. */
  readonly requestId: string
  /** The signed-in user; only `user` endpoints have one. */
  readonly principal: Principal
  /** The calling agent; only `agent` endpoints have one. */
  readonly agent: AgentPrincipal
  isAuthorized: boolean
}

export interface HandlerRequest<E> extends RequestContext<E> {
  readonly body: BodyOf<E>
  readonly raw: FastifyRequest
  readonly reply: FastifyReply
}

const statusResponse = Symbol('status response')
interface StatusResponse<T> {
  readonly [statusResponse]: true
  readonly status: number
  readonly body: T
}

/** A body with one of several declared statuses. */
export function withStatus<T>(status: number, body: T): StatusResponse<T> {
  return { [statusResponse]: true, status, body }
}

/** Returned by a handler that wrote the reply itself, for example a file, a stream or prepared JSON. */
export const replySent: unique symbol = Symbol('reply sent')

type HandlerResult<E> = ResponseOf<E> | StatusResponse<ResponseOf<E>> | typeof replySent
type Handler<E> = (request: HandlerRequest<E>) => Promise<HandlerResult<E>>

/** Registers the route of an endpoint. The handler returns the body of the first declared status, `withStatus(…)`, or
 *  `replySent`. */
export function serve<E extends Endpoint>(app: FastifyInstance, endpoint: E, handler: Handler<E>): void {
  const firstStatus = Number(Object.keys(endpoint.responses).find((status) => status !== '101'))
  const stringifiers = endpoint.raw ? {} : lazyStringifiers(endpoint.responses)
  app.route({
    method: endpoint.method,
    url: endpoint.path,
    config: { endpoint },
    schema: {
      ...(endpoint.params ? { params: endpoint.params } : {}),
      ...(endpoint.query ? { querystring: endpoint.query } : {}),
      ...(endpoint.body ? { body: endpoint.body } : {}),
    },
    preValidation: async (request) => assertPossiblyPermitted(endpoint, request.principal),
    handler: async (raw, reply) => {
      const request = toHandlerRequest<E>(raw, reply)
      const result = await handler(request)
      assertAuthorized(endpoint, request)
      if (result === replySent) return reply
      const [status, body] = isStatusResponse(result) ? [result.status, result.body] : [firstStatus, result]
      reply.code(status)
      if (status === 204) return reply.send()
      const stringify = stringifiers[status]
      if (!stringify) throw new Error(`${endpoint.method} ${endpoint.path} does not declare the status ${status}`)
      return reply.header('content-type', 'application/json; charset=utf-8').send(stringify()(body))
    },
  })
}

function isStatusResponse<T>(result: T | StatusResponse<T>): result is StatusResponse<T> {
  return typeof result === 'object' && result !== null && statusResponse in result
}

function toHandlerRequest<E>(raw: FastifyRequest, reply: FastifyReply): HandlerRequest<E> {
  return {
    params: raw.params as ParamsOf<E>,
    query: raw.query as QueryOf<E>,
    body: raw.body as BodyOf<E>,
    raw,
    reply,
    log: raw.log,
    ip: raw.ip,
    headers: raw.headers,
    requestId: raw.id,
    principal: raw.principal as Principal,
    agent: raw.agent as AgentPrincipal,
    isAuthorized: false,
  }
}

/** Rejects users whose roles can never permit the action, before anything is read from the database. */
export function assertPossiblyPermitted(endpoint: Endpoint, principal: Principal | null): void {
  if (endpoint.access.kind !== 'user') return
  const { action, resource } = endpoint.access
  if (principal && mayPossibly(principal, action, resource)) return
  // No object is named, so 403 reveals nothing about its existence.
  if (action === 'create' || action === 'list' || !endpoint.path.includes(':')) throw forbidden()
  throw notFound()
}

/** @throws Error when a handler returns a result to a user without having authorized the object */
export function assertAuthorized(endpoint: Endpoint, request: AuthzContext): void {
  if (endpoint.access.kind === 'user' && !request.isAuthorized) {
    throw new Error(`${endpoint.method} ${endpoint.path} returned a result without authorization`)
  }
}

/** Serializers are compiled on first use, which keeps start-up short. */
function lazyStringifiers(responses: Record<number, TSchema>): Record<number, () => (body: unknown) => string> {
  return Object.fromEntries(
    Object.entries(responses).map(([status, schema]) => {
      let compiled: ((body: unknown) => string) | undefined
      return [status, () => (compiled ??= fastJson(schema as fastJson.Schema))]
    }),
  )
}

/** Compiles the schemas of params, query and body, each on first use. */
export function installValidation(app: FastifyInstance): void {
  app.setValidatorCompiler<TSchema>(({ schema, httpPart }) => {
    const parse = lazyParser(schema, httpPart as RequestPart)
    return (input: unknown) => {
      try {
        return { value: parse(input) }
      } catch (error) {
        return { error: error as Error }
      }
    }
  })
}

type RequestPart = 'params' | 'querystring' | 'body'

/** Creates a parser for one part of a request. Params and query arrive as text: they are converted and get their
 *  defaults; a body is only validated. The parser throws ApiError 400 with a validation per invalid field. */
export function lazyParser(schema: TSchema, part: RequestPart): (input: unknown) => unknown {
  let validator: ReturnType<typeof Compile> | undefined
  return (input) => {
    validator ??= Compile(schema)
    if (part !== 'body') rejectNul(part, input)
    const present = part === 'querystring' ? dropEmptyValues(schema, input) : input
    const value = part === 'body' ? input : Convert(schema, Default(schema, present))
    if (validator.Check(value)) return value
    throw toApiError(part, validator.Errors(value))
  }
}

/** Treats empty query values as absent, except for free text. Rejects fractions for integers, which the conversion would
 *  truncate. */
function dropEmptyValues(schema: TSchema, input: unknown): unknown {
  const properties = (schema as { properties?: Record<string, PropertySchema> }).properties ?? {}
  const present = Object.entries((input ?? {}) as Record<string, unknown>).filter(
    ([name, value]) => value !== '' || acceptsAnyText(properties[name]),
  )
  const invalid = present.filter(
    ([name, value]) => properties[name]?.type === 'integer' && !/^-?\d+$/.test(String(value)),
  )
  if (invalid.length > 0) throw invalidQuery(invalid.map(([field]) => ({ field, detail: 'must be integer' })))
  return Object.fromEntries(present)
}

interface PropertySchema {
  readonly type?: unknown
  readonly format?: string
  readonly enum?: readonly unknown[]
  readonly minLength?: number
}

const acceptsAnyText = (property: PropertySchema | undefined) =>
  property?.type === 'string' &&
  !property.format &&
  (!property.enum || property.enum.includes('')) &&
  !property.minLength

/** URLs can contain NUL, which PostgreSQL rejects in text values. */
function rejectNul(part: RequestPart, input: unknown): void {
  const containsNul = ([, value]: [string, unknown]) => String(value).includes('\0')
  const fields = Object.entries((input ?? {}) as Record<string, unknown>).filter(containsNul)
  if (fields.length === 0) return
  const validations = fields.map(([field]) => ({ field, detail: 'contains the NUL character' }))
  throw part === 'params' ? invalidParams(validations) : invalidQuery(validations)
}

interface SchemaError {
  readonly keyword: string
  readonly instancePath: string
  readonly message?: string
  readonly params?: unknown
}

function toApiError(part: RequestPart, errors: readonly SchemaError[]): ApiError {
  const all = errors.flatMap(toValidations)
  const validations = all.filter(({ field }, index) => all.findIndex((other) => other.field === field) === index)
  if (part === 'params') return invalidParams(validations)
  return part === 'querystring' ? invalidQuery(validations) : validationFailed(validations)
}

const invalidParams = (validations: readonly ValidationError[]) =>
  new ApiError(400, `Invalid value "${validations[0]?.field}" in the URL.`, { validations })

function toValidations(error: SchemaError): { field: string; detail: string }[] {
  const at = error.instancePath.replace(/^\//, '').replaceAll('/', '.')
  const missing = (error.params as { requiredProperties?: string[] } | undefined)?.requiredProperties
  if (error.keyword === 'required' && missing) {
    return missing.map((name) => ({ field: at === '' ? name : `${at}.${name}`, detail: 'is required' }))
  }
  const unknown = (error.params as { additionalProperties?: string[] } | undefined)?.additionalProperties
  if (error.keyword === 'additionalProperties' && at === '' && unknown) {
    return unknown.map((name) => ({ field: name, detail: 'is not a known field' }))
  }
  return [{ field: at === '' ? 'body' : at, detail: error.message ?? 'is not valid' }]
}
