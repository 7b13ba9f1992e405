import { expect, test } from 'vitest'
import { type Parameter, type ParameterSources, resolveParameters } from './resolve-parameters.ts'

const parameter = (name: string, change: Partial<Parameter> = {}): Parameter => ({
  template_version_id: '',
  name,
  display_name: '',
  description: '',
  type: 'string',
  form_type: '',
  mutable: true,
  default_value: '',
  icon: '',
  options: [],
  validation_regex: '',
  validation_error: '',
  validation_min: null,
  validation_max: null,
  validation_monotonic: '',
  required: false,
  ephemeral: false,
  display_order: 0,
  ...change,
})

const named = (values: Record<string, string>) => Object.entries(values).map(([name, value]) => ({ name, value }))
const resolve = (parameters: Parameter[], sources: Partial<ParameterSources> = {}) => {
  const { values, validations } = resolveParameters({
    parameters,
    previous: null,
    requested: [],
    preset: [],
    ...sources,
  })
  return { values: Object.fromEntries(values.map(({ name, value }) => [name, value])), validations }
}

test('values take precedence in the order preset, request, last build, default', () => {
  const names = ['a', 'b', 'c', 'd'].map((name) => parameter(name, { default_value: 'default' }))
  const { values } = resolve(names, {
    previous: named({ a: 'last', b: 'last', c: 'last' }),
    requested: named({ a: 'requested', b: 'requested' }),
    preset: named({ a: 'preset' }),
  })
  expect(values).toEqual({ a: 'preset', b: 'requested', c: 'last', d: 'default' })
})

test('unknown names are dropped', () => {
  const { values, validations } = resolve([parameter('known')], { requested: named({ known: 'x', unknown: 'y' }) })
  expect(values).toEqual({ known: 'x' })
  expect(validations).toEqual([])
})

test('a required parameter without a value is reported by name', () => {
  const { validations } = resolve([parameter('region', { required: true })])
  expect(validations).toMatchObject([{ field: 'region', detail: expect.stringContaining('required') }])
})

test('an immutable parameter cannot be changed, but the same value is accepted', () => {
  const immutable = [parameter('disk', { mutable: false })]
  const previous = named({ disk: '10' })
  expect(resolve(immutable, { previous, requested: named({ disk: '20' }) }).validations).toMatchObject([
    { field: 'disk' },
  ])
  expect(resolve(immutable, { previous, requested: named({ disk: '10' }) }).validations).toEqual([])
  expect(resolve(immutable, { requested: named({ disk: '20' }) }).validations).toEqual([])
})

test('an ephemeral parameter has its default in each build', () => {
  const { values } = resolve([parameter('once', { ephemeral: true, default_value: 'no' })], {
    previous: named({ once: 'yes' }),
  })
  expect(values).toEqual({ once: 'no' })
})

test.each([
  ['number type', { type: 'number' } as const, 'twelve'],
  ['range', { type: 'number', validation_min: 1, validation_max: 4 } as const, '5'],
  ['integer type', { type: 'number', validation_max: 4 } as const, '2.5'],
  ['bool type', { type: 'bool' } as const, 'yes'],
  ['list type', { type: 'list(string)' } as const, 'a,b'],
  ['regex', { validation_regex: '^[a-z]+$' }, 'A1'],
  ['options', { options: [{ name: 'A', value: 'a', description: '', icon: '' }] }, 'b'],
])('a value that violates its %s is reported by name', (_name, rule, value) => {
  const { validations } = resolve([parameter('p', rule)], { requested: named({ p: value }) })
  expect(validations).toMatchObject([{ field: 'p' }])
})

test('a list of options is accepted', () => {
  const options = ['a', 'b'].map((value) => ({ name: value, value, description: '', icon: '' }))
  const { validations } = resolve([parameter('p', { type: 'list(string)', options })], {
    requested: named({ p: '["b","a"]' }),
  })
  expect(validations).toEqual([])
})

test('an increasing parameter cannot decrease', () => {
  const increasing = [parameter('disk', { type: 'number', validation_monotonic: 'increasing' })]
  const previous = named({ disk: '20' })
  expect(resolve(increasing, { previous, requested: named({ disk: '10' }) }).validations).toMatchObject([
    { field: 'disk' },
  ])
  expect(resolve(increasing, { previous, requested: named({ disk: '30' }) }).validations).toEqual([])
})

test('the error message of the template includes the limits', () => {
  const rule = {
    type: 'number',
    validation_min: 1,
    validation_max: 4,
    validation_error: 'between {min} and {max}, not {value}',
  } as const
  const { validations } = resolve([parameter('cpu', rule)], { requested: named({ cpu: '9' }) })
  expect(validations[0]?.detail).toBe('"cpu" between 1 and 4, not 9')
})

test('a pattern is matched in linear time, as Go matches it', () => {
  const slow = parameter('a', { validation_regex: '^(a+)+$', validation_error: 'only a' })
  expect(resolve([slow], { requested: named({ a: `${'a'.repeat(50_000)}!` }) }).validations).toMatchObject([
    { field: 'a' },
  ])
  const multiline = parameter('a', { validation_regex: '(?i)^(?P<name>x)\\z' })
  expect(resolve([multiline], { requested: named({ a: 'X' }) }).validations).toEqual([])
  expect(resolve([multiline], { requested: named({ a: 'y' }) }).validations).toMatchObject([{ field: 'a' }])
})
