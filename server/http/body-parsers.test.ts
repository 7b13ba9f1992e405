import { describe, expect, test } from 'vitest'
import { parseBody } from './body-parsers.ts'

const refusalOf = (text: string) => {
  try {
    parseBody(text)
  } catch (error) {
    const { status, message, detail, validations } = error as Record<string, unknown>
    return { status, message, detail, validations }
  }
  return null
}

test('valid JSON is parsed, with escapes and brackets in strings', () => {
  const value = { 'a"[': ['\\', '\u00e9\ud83d\ude00', { constructor: 1 }], b: '['.repeat(1000) }
  expect(parseBody(JSON.stringify(value))).toEqual(value)
  expect(parseBody('')).toBeUndefined()
})

describe('the parser refuses', () => {
  test('invalid JSON', () => {
    expect(refusalOf('{"a": ')).toMatchObject({ status: 400, message: 'Request body must be valid JSON.' })
  })

  test.each(['['.repeat(100_000), '{"a":'.repeat(100_000), `${'['.repeat(100_000)}${']'.repeat(100_000)}`])(
    'a body with too many levels of nesting',
    (text) => {
      expect(refusalOf(text)).toMatchObject({ status: 400, detail: expect.stringContaining('200 levels') })
    },
  )

  test.each([
    ['{"a":{"b":["x","\\u0000"]}}', 'a.b.1'],
    ['{"a":"\\ud800"}', 'a'],
    ['{"a":"\\udc00\\ud800"}', 'a'],
    ['{"\\u0000":1}', ''],
    ['{"a":{"__proto__":{"isAdmin":true}}}', 'a.__proto__'],
    ['{"a":{"\\u005f_proto__":1}}', 'a.__proto__'],
    ['"\\u0000"', 'body'],
  ])('%s and names the field', (text, field) => {
    expect(refusalOf(text)).toMatchObject({ status: 400, validations: [{ field }] })
  })
})
