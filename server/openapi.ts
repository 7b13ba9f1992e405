// Makes the OpenAPI description of the contract from its declarations. Nothing is written twice: what is not declared is
// not described.

import type { TSchema } from 'typebox'
import { Response } from '../api/common.ts'
import type { Access, Endpoint } from '../api/endpoint.ts'
import { endpointsByNoun, schemasByName } from '../api/table.ts'
import { coderVersion } from '../lib/version.ts'

type Json = Record<string, unknown>

export function describeContract(): Json {
  const shared = collectSchemas()
  return {
    openapi: '3.1.0',
    info: {
      title: 'Coder Local',
      version: coderVersion,
      description: 'What this deployment answers. Errors of every endpoint have the form of Response.',
    },
    servers: [{ url: '/' }],
    tags: Object.keys(endpointsByNoun).map((name) => ({ name })),
    paths: describePaths(shared),
    components: {
      schemas: Object.fromEntries(
        [...shared.names].map(([text, name]) => [name, shared.refer(JSON.parse(text), true)]),
      ),
      securitySchemes: {
        key: { type: 'apiKey', in: 'header', name: 'Coder-Session-Token' },
        cookie: { type: 'apiKey', in: 'cookie', name: 'coder_session_token' },
        agent: { type: 'apiKey', in: 'header', name: 'Coder-Session-Token' },
        secret: { type: 'apiKey', in: 'header', name: 'Coder-Local-Secret' },
      },
    },
  }
}

interface SharedSchemas {
  /** Names by the text of the schema. */
  readonly names: ReadonlyMap<string, string>
  /** The schema with references in place of the named ones inside it. @param isWhole leaves its own name out */
  refer(schema: unknown, isWhole?: boolean): unknown
}

/** Objects with a name of their own are described once. */
function collectSchemas(): SharedSchemas {
  // Of several names of one schema the last one counts.
  const named = [...schemasByName, ['Response', Response] as const]
  const names = new Map(
    named.filter(([, schema]) => 'properties' in schema).map(([name, schema]) => [JSON.stringify(schema), name]),
  )
  function refer(schema: unknown, isWhole = false): unknown {
    if (typeof schema !== 'object' || schema === null) return schema
    const name = isWhole ? undefined : names.get(JSON.stringify(schema))
    if (name) return { $ref: `#/components/schemas/${name}` }
    if (Array.isArray(schema)) return schema.map((one) => refer(one))
    return Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, refer(value)]))
  }
  return { names, refer }
}

function describePaths({ refer }: SharedSchemas): Json {
  const paths: Record<string, Record<string, Json>> = {}
  for (const [noun, endpoints] of Object.entries(endpointsByNoun)) {
    for (const endpoint of endpoints) {
      const path = endpoint.path.replace(/:(\w+)/g, '{$1}')
      paths[path] ??= {}
      const operations = paths[path]
      const method = endpoint.method.toLowerCase()
      const operation = describeOperation(noun, endpoint, refer)
      // The same address may answer a request and, to whoever asks for an upgrade, a WebSocket.
      operations[method] = operations[method] ? mergeOperations(operations[method], operation) : operation
    }
  }
  return paths
}

function mergeOperations(one: Json, other: Json): Json {
  return { ...other, ...one, responses: { ...(other.responses as Json), ...(one.responses as Json) } }
}

function describeOperation(noun: string, endpoint: Endpoint, refer: SharedSchemas['refer']): Json {
  const { body, bodyTypes, responses, raw } = endpoint
  return {
    tags: [noun],
    summary: endpoint.summary,
    security: security[endpoint.access.kind],
    ...whoMay(endpoint.access),
    parameters: [...describeParameters('path', endpoint.params), ...describeParameters('query', endpoint.query)],
    ...(body ? { requestBody: { content: { 'application/json': { schema: refer(body) } } } } : {}),
    ...(bodyTypes ? { requestBody: { content: Object.fromEntries(bodyTypes.map((type) => [type, {}])) } } : {}),
    responses: {
      ...Object.fromEntries(
        Object.entries(responses).map(([status, schema]) => [status, describeAnswer(status, schema, raw, refer)]),
      ),
      default: { description: 'An error', content: json(refer(Response)) },
    },
  }
}

const security: Record<Access['kind'], Json[]> = {
  public: [],
  user: [{ key: [] }, { cookie: [] }],
  agent: [{ agent: [] }],
  'local-secret': [{ secret: [] }],
}

/** The question that the policy is asked first. */
const whoMay = (access: Access): Json =>
  access.kind === 'user' ? { 'x-permission': `${access.action} ${access.resource}` } : {}

const json = (schema: unknown) => ({ 'application/json': { schema } })

function describeAnswer(
  status: string,
  schema: TSchema,
  raw: boolean | undefined,
  refer: SharedSchemas['refer'],
): Json {
  if (status === '101') return { description: 'Messages of a WebSocket', content: json(refer(schema)) }
  if (status === '204') return { description: 'Done' }
  return { description: 'The answer', ...(raw ? {} : { content: json(refer(schema)) }) }
}

function describeParameters(place: 'path' | 'query', schema: TSchema | undefined): Json[] {
  const { properties = {}, required = [] } = (schema ?? {}) as { properties?: Json; required?: string[] }
  return Object.entries(properties).map(([name, one]) => ({
    name,
    in: place,
    required: place === 'path' || required.includes(name),
    schema: one,
  }))
}
