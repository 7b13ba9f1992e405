// Generates the OpenAPI description of the contract from the endpoint declarations.

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
      description: 'API of a Coder Local deployment. Error responses of all endpoints have the schema Response.',
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
  /** Names by serialized schema. */
  readonly names: ReadonlyMap<string, string>
  /** Replaces named schemas inside the schema by references. @param isDefinition does not replace the schema itself */
  refer(schema: unknown, isDefinition?: boolean): unknown
}

/** Named object schemas, which are described once. */
function collectSchemas(): SharedSchemas {
  // If a schema has several names, the last one is used.
  const named = [...schemasByName, ['Response', Response] as const]
  const names = new Map(
    named.filter(([, schema]) => 'properties' in schema).map(([name, schema]) => [JSON.stringify(schema), name]),
  )
  function refer(schema: unknown, isDefinition = false): unknown {
    if (typeof schema !== 'object' || schema === null) return schema
    const name = isDefinition ? undefined : names.get(JSON.stringify(schema))
    if (name) return { $ref: `#/components/schemas/${name}` }
    if (Array.isArray(schema)) return schema.map((item) => refer(item))
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
      // A path may serve both plain requests and WebSocket upgrades.
      operations[method] = operations[method] ? mergeOperations(operations[method], operation) : operation
    }
  }
  return paths
}

function mergeOperations(first: Json, second: Json): Json {
  return { ...second, ...first, responses: { ...(second.responses as Json), ...(first.responses as Json) } }
}

function describeOperation(noun: string, endpoint: Endpoint, refer: SharedSchemas['refer']): Json {
  const { body, bodyTypes, responses, raw } = endpoint
  return {
    tags: [noun],
    summary: endpoint.summary,
    security: security[endpoint.access.kind],
    ...describePermission(endpoint.access),
    parameters: [...describeParameters('path', endpoint.params), ...describeParameters('query', endpoint.query)],
    ...(body ? { requestBody: { content: { 'application/json': { schema: refer(body) } } } } : {}),
    ...(bodyTypes ? { requestBody: { content: Object.fromEntries(bodyTypes.map((type) => [type, {}])) } } : {}),
    responses: {
      ...Object.fromEntries(
        Object.entries(responses).map(([status, schema]) => [status, describeResponse(status, schema, raw, refer)]),
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

/** The permission that is checked before the handler runs. */
const describePermission = (access: Access): Json =>
  access.kind === 'user' ? { 'x-permission': `${access.action} ${access.resource}` } : {}

const json = (schema: unknown) => ({ 'application/json': { schema } })

function describeResponse(
  status: string,
  schema: TSchema,
  raw: boolean | undefined,
  refer: SharedSchemas['refer'],
): Json {
  if (status === '101') return { description: 'WebSocket messages', content: json(refer(schema)) }
  if (status === '204') return { description: 'No content' }
  return { description: 'Success', ...(raw ? {} : { content: json(refer(schema)) }) }
}

function describeParameters(location: 'path' | 'query', schema: TSchema | undefined): Json[] {
  const { properties = {}, required = [] } = (schema ?? {}) as { properties?: Json; required?: string[] }
  return Object.entries(properties).map(([name, property]) => ({
    name,
    in: location,
    required: location === 'path' || required.includes(name),
    schema: property,
  }))
}
