// Turns a declared endpoint into a route: validation and serialization by its schemas, the policy's first question
// before the handler, and the proof that the handler asked the second one. What it serves is the handler's.

import type { IncomingHttpHeaders } from 'node:http'
import fastJson from 'fast-json-stringify'
import type { FastifyBaseLogger, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { TSchema } from 'typebox'
import { Compile } from 'typebox/compile'
import { Convert, Default } from 'typebox/value'
import type { ValidationError } from '../../api/common.ts'
import type { AnswerOf, BodyOf, Endpoint, ParamsOf, QueryOf } from '../../api/endpoint.ts'
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

/** What a request and an upgrade have in common. */
export interface Asked<E> extends AuthzContext {
  readonly params: ParamsOf<E>
  readonly query: QueryOf<E>
  readonly log: FastifyBaseLogger
  /** Address of the peer. */
  readonly ip: string
  readonly headers: IncomingHttpHeaders
  /** Names the request in the log and the audit log; answered as `x-coder-request-id`. */
  readonly requestId: string
  /** The signed-in user; only `user` endpoints have one. */
  readonly principal: Principal
  /** The calling agent; only `agent` endpoints have one. */
  readonly agent: AgentPrincipal
  isAuthorized: boolean
}

export interface Served<E> extends Asked<E> {
  readonly body: BodyOf<E>
  readonly raw: FastifyRequest
  readonly reply: FastifyReply
}

const isAnswer = Symbol('answer')
interface Answer<T> {
  readonly [isAnswer]: true
  readonly status: number
  readonly body: T
}

/** For endpoints that declare several statuses. */
export function answer<T>(status: number, body: T): Answer<T> {
  return { [isAnswer]: true, status, body }
}

type Handler<E> = (request: Served<E>) => Promise<AnswerOf<E> | Answer<AnswerOf<E>>>

/** Registers the route of an endpoint. The handler returns the body of its first declared status, or `answer(…)`;
 *  of a `raw` endpoint it writes the reply itself. */
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
    preValidation: async (request) => admit(endpoint, request.principal),
    handler: async (raw, reply) => {
      const served = toServed<E>(raw, reply)
      const result = await handler(served)
      assertAuthorized(endpoint, served)
      // A handler may have answered in another form than JSON.
      if (endpoint.raw || reply.sent) return reply
      const [status, body] = isAnswerOf(result) ? [result.status, result.body] : [firstStatus, result]
      reply.code(status)
      if (status === 204) return reply.send()
      const stringify = stringifiers[status]
      if (!stringify) throw new Error(`${endpoint.method} ${endpoint.path} does not declare the status ${status}`)
      return reply.header('content-type', 'application/json; charset=utf-8').send(stringify()(body))
    },
  })
}

function isAnswerOf<T>(result: T | Answer<T>): result is Answer<T> {
  return typeof result === 'object' && result !== null && isAnswer in result
}

function toServed<E>(raw: FastifyRequest, reply: FastifyReply): Served<E> {
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

/** The policy's first question, before anything is read: may such a user ever do this? */
export function admit(endpoint: Endpoint, principal: Principal | null): void {
  if (endpoint.access.kind !== 'user') return
  const { action, resource } = endpoint.access
  if (principal && mayPossibly(principal, action, resource)) return
  // There is no object whose existence an answer could give away.
  if (action === 'create' || action === 'list' || !endpoint.path.includes(':')) throw forbidden()
  throw notFound()
}

/** @throws Error when a handler is about to answer a user without having asked the policy about the object. */
export function assertAuthorized(endpoint: Endpoint, request: AuthzContext): void {
  if (endpoint.access.kind === 'user' && !request.isAuthorized) {
    throw new Error(`${endpoint.method} ${endpoint.path} answered without asking the policy`)
  }
}

/** Serializers are compiled when first used: nobody waits at start-up for what may never be asked. */
function lazyStringifiers(responses: Record<number, TSchema>): Record<number, () => (body: unknown) => string> {
  return Object.fromEntries(
    Object.entries(responses).map(([status, schema]) => {
      let compiled: ((body: unknown) => string) | undefined
      return [status, () => (compiled ??= fastJson(schema as fastJson.Schema))]
    }),
  )
}

/** Compiles the schemas of params, query and body, each when first used. */
export function installValidation(app: FastifyInstance): void {
  app.setValidatorCompiler<TSchema>(({ schema, httpPart }) => {
    const parse = lazyParser(schema, httpPart as RequestPart)
    return (given: unknown) => {
      try {
        return { value: parse(given) }
      } catch (error) {
        return { error: error as Error }
      }
    }
  })
}

type RequestPart = 'params' | 'querystring' | 'body'

/** A function that makes a typed value of what came in. Params and query arrive as text and are converted, with what
 *  they leave out filled in; a body is taken as it is. @throws ApiError 400 naming each field. */
export function lazyParser(schema: TSchema, part: RequestPart): (given: unknown) => unknown {
  let validator: ReturnType<typeof Compile> | undefined
  return (given) => {
    validator ??= Compile(schema)
    if (part !== 'body') refuseNul(part, given)
    const asked = part === 'querystring' ? leaveOutEmpty(schema, given) : given
    const value = part === 'body' ? given : Convert(schema, Default(schema, asked))
    if (validator.Check(value)) return value
    throw toApiError(part, validator.Errors(value))
  }
}

/** A value of a query that is empty counts as left out, but where it may be any text. A fraction in the place of an
 *  integer would be cut by its conversion, and is refused as the text it is. */
function leaveOutEmpty(schema: TSchema, given: unknown): unknown {
  const properties = (schema as { properties?: Record<string, Kind> }).properties ?? {}
  const asked = Object.entries((given ?? {}) as Record<string, unknown>).filter(
    ([name, value]) => value !== '' || isAnyText(properties[name]),
  )
  const wrong = asked.filter(([name, value]) => properties[name]?.type === 'integer' && !/^-?\d+$/.test(String(value)))
  if (wrong.length > 0) throw invalidQuery(wrong.map(([field]) => ({ field, detail: 'must be integer' })))
  return Object.fromEntries(asked)
}

interface Kind {
  readonly type?: unknown
  readonly format?: string
  readonly enum?: readonly unknown[]
  readonly minLength?: number
}

const isAnyText = (kind: Kind | undefined) =>
  kind?.type === 'string' && !kind.format && (!kind.enum || kind.enum.includes('')) && !kind.minLength

/** Addresses can hold a NUL, which PostgreSQL cannot look for. */
function refuseNul(part: RequestPart, given: unknown): void {
  const holds = ([, value]: [string, unknown]) => String(value).includes('\0')
  const fields = Object.entries((given ?? {}) as Record<string, unknown>).filter(holds)
  if (fields.length === 0) return
  const validations = fields.map(([field]) => ({ field, detail: 'holds the character NUL' }))
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
  const validations = all.filter((one, at) => all.findIndex((other) => other.field === one.field) === at)
  if (part === 'params') return invalidParams(validations)
  return part === 'querystring' ? invalidQuery(validations) : validationFailed(validations)
}

const invalidParams = (validations: readonly ValidationError[]) =>
  new ApiError(400, `Invalid value "${validations[0]?.field}" in the address.`, { validations })

function toValidations(error: SchemaError): { field: string; detail: string }[] {
  const at = error.instancePath.replace(/^\//, '').replaceAll('/', '.')
  const missing = (error.params as { requiredProperties?: string[] } | undefined)?.requiredProperties
  if (error.keyword === 'required' && missing) {
    return missing.map((name) => ({ field: at === '' ? name : `${at}.${name}`, detail: 'is required' }))
  }
  const unknown = (error.params as { additionalProperties?: string[] } | undefined)?.additionalProperties
  if (error.keyword === 'additionalProperties' && at === '' && unknown) {
    return unknown.map((name) => ({ field: name, detail: 'is not known here' }))
  }
  return [{ field: at === '' ? 'body' : at, detail: error.message ?? 'is not valid' }]
}
