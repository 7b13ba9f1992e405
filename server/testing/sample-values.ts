// Values for schemas of the contract: a valid sample, and hostile values for each field.

import type { TSchema } from 'typebox'

interface Schema {
  readonly type?: string | readonly string[]
  readonly format?: string
  readonly pattern?: string
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly anyOf?: readonly Schema[]
  readonly allOf?: readonly Schema[]
  readonly items?: Schema
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly minimum?: number
  readonly minLength?: number
}

const formats: Readonly<Record<string, string>> = {
  uuid: '6f9619ff-8b86-4011-b42d-00c04fc964ff',
  'date-time': '2030-01-01T00:00:00Z',
  email: 'sample@example.com',
}

/** A valid value without optional keys. */
export function sampleValue(typeboxSchema: TSchema): unknown {
  const schema = typeboxSchema as Schema
  if (schema.enum) return schema.enum[0]
  if (schema.const !== undefined) return schema.const
  const inner = schema.anyOf?.[0] ?? schema.allOf?.[0]
  if (inner) return sampleValue(inner as TSchema)
  switch (typeof schema.type === 'object' ? schema.type[0] : schema.type) {
    case 'string':
      return formats[schema.format ?? ''] ?? 'sample'.padEnd(schema.minLength ?? 0, 'x')
    case 'integer':
    case 'number':
      return schema.minimum ?? 1
    case 'boolean':
      return true
    case 'array':
      return []
    case 'object':
      return Object.fromEntries(
        (schema.required ?? []).map((key) => [key, sampleValue(schema.properties?.[key] as TSchema)]),
      )
    default:
      return 'sample'
  }
}

export const fieldsOf = (schema: TSchema | undefined) => Object.keys((schema as Schema | undefined)?.properties ?? {})

/** JSON texts, because some of these values cannot be represented in JavaScript. */
export const hostileJson: readonly string[] = [
  'null',
  '-1',
  '1e308',
  '9007199254740993',
  '9200000000000000000',
  '1.5',
  'true',
  '""',
  '"x"',
  '"\\u0000"',
  '"\\ud800"',
  '"\' or 1=1; drop table users; --"',
  '"../../etc/passwd"',
  JSON.stringify('x'.repeat(70_000)),
  JSON.stringify('١２\u202e%s%n{{7*7}}${7*7}'),
  '[]',
  '[null]',
  '["x"]',
  '[[[[]]]]',
  '{}',
  '{"__proto__":{"isAdmin":true}}',
  '{"constructor":{"prototype":{"isAdmin":true}}}',
]

/** Query values, percent-encoded. */
export const hostileQueries: readonly string[] = [
  '',
  'x',
  '-1',
  '0',
  '1.5',
  '99999999999999999999',
  '2147483648',
  '%00',
  '%FF%FE',
  "'%20or%201=1;--",
  '%25%27%5C_',
  'a:b:c',
  '%22%22%22',
  'name:%22%22%20owner:',
  `name:${'('.repeat(300)}a%2B%2B${')'.repeat(300)}`,
  `${'(a%2B)'.repeat(50)}%24`,
  '[object%20Object]',
  '2030-13-45T99:99:99Z',
]

/** Path parameters, percent-encoded. */
export const hostileParams: readonly string[] = [
  'x',
  '-1',
  '99999999999999999999',
  '%00',
  '..%2F..%2Fetc%2Fpasswd',
  "'%20or%201=1;--",
  '00000000-0000-0000-0000-000000000000',
  '__proto__',
  '%F0%9F%98%80',
  'x'.repeat(90),
]
