// Reduces Coder's published OpenAPI description to facts for the contract tests: routes, statuses, and the keys, types
// and enumerations of each type. Omits all prose. Usage with a newer description:
//   node scripts/official-contract.mjs ../shared/reference/coder-openapi.json

import { readFileSync, writeFileSync } from 'node:fs'
import { inProject } from './project.mjs'

/**
 * @typedef {{ $ref?: string, type?: string, format?: string, enum?: unknown[], items?: Schema, allOf?: Schema[],
 *   properties?: Record<string, Schema>, additionalProperties?: Schema | boolean, required?: string[] }} Schema
 * @typedef {{ in: string, name: string, required?: boolean, schema?: Schema, type?: string, enum?: unknown[] }} Parameter
 * @typedef {{ parameters?: Parameter[], responses: Record<string, { schema?: Schema }> }} Operation
 * @typedef {{ basePath: string, paths: Record<string, Record<string, Operation>>, definitions: Record<string, Schema> }} Description
 */

/** Paths that are listed under the base path of the description but served outside it. */
const outside = ['/.well-known/', '/scim/', '/oauth2/']

/** @type {Description} */
const description = JSON.parse(readFileSync(process.argv[2] ?? '../shared/reference/coder-openapi.json', 'utf8'))

/** @type {Map<string, unknown>} */
const types = new Map()

/**
 * The compact form of a schema: a basic type's name, `#name` of a listed type, or an object that describes its form.
 * @param {Schema | undefined} schema
 * @returns {unknown}
 */
function shorten(schema) {
  if (!schema) return 'any'
  if (schema.$ref) return refer(schema.$ref.replace('#/definitions/', ''))
  // The referenced type lists every value; an enumeration next to the reference is an outdated subset.
  if (schema.allOf?.[0]) return shorten(schema.allOf[0])
  if (schema.enum) return { enum: schema.enum }
  if (schema.type === 'array') return { list: shorten(schema.items) }
  if (schema.type === 'string')
    return schema.format === 'uuid' || schema.format === 'date-time' ? schema.format : 'string'
  if (schema.type === 'object' || schema.properties) return shortenObject(schema)
  return schema.type ?? 'any'
}

/** @param {Schema} schema */
function shortenObject({ properties, additionalProperties }) {
  if (!properties) return { map: typeof additionalProperties === 'object' ? shorten(additionalProperties) : 'any' }
  return { keys: Object.fromEntries(Object.entries(properties).map(([key, value]) => [key, shorten(value)])) }
}

/** @param {string} name */
function refer(name) {
  if (!types.has(name)) {
    types.set(name, null)
    types.set(name, shorten(description.definitions[name]))
  }
  return `#${name}`
}

/** @param {Operation} operation */
function shortenOperation({ parameters = [], responses }) {
  const body = parameters.find((parameter) => parameter.in === 'body')
  const query = parameters.filter((parameter) => parameter.in === 'query').map(({ name }) => name)
  return {
    ...(query.length > 0 ? { query } : {}),
    ...(body ? { body: shorten(body.schema) } : {}),
    responses: Object.fromEntries(
      Object.entries(responses).map(([status, { schema }]) => [status, schema ? shorten(schema) : null]),
    ),
  }
}

const routes = Object.entries(description.paths).flatMap(([path, operations]) =>
  Object.entries(operations).map(([method, operation]) => {
    const address = outside.some((start) => path.startsWith(start)) ? path : description.basePath + path
    return [`${method.toUpperCase()} ${address}`, shortenOperation(operation)]
  }),
)

/** One entry per line, so that diffs between versions are readable. @param {[string, unknown][]} entries */
const lines = (entries) =>
  entries.map(([name, value]) => `    ${JSON.stringify(name)}: ${JSON.stringify(value)}`).join(',\n')

const sorted = [...types].sort(([a], [b]) => (a < b ? -1 : 1))
const text = `{\n  "routes": {\n${lines(/** @type {[string, unknown][]} */ (routes))}\n  },\n  "types": {\n${lines(sorted)}\n  }\n}\n`
writeFileSync(inProject('server/testing/official-contract.json'), text)
console.log(`${routes.length} routes, ${types.size} types`)
