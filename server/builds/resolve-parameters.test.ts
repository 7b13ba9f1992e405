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

test('a preset wins over the request, the request over the last build, that over the default', () => {
  const names = ['a', 'b', 'c', 'd'].map((name) => parameter(name, { default_value: 'default' }))
  const { values } = resolve(names, {
    previous: named({ a: 'last', b: 'last', c: 'last' }),
    requested: named({ a: 'asked', b: 'asked' }),
    preset: named({ a: 'preset' }),
  })
  expect(values).toEqual({ a: 'preset', b: 'asked', c: 'last', d: 'default' })
})

test('names that the version does not know are dropped', () => {
  const { values, validations } = resolve([parameter('known')], { requested: named({ known: 'x', unknown: 'y' }) })
  expect(values).toEqual({ known: 'x' })
  expect(validations).toEqual([])
})

test('a required parameter without a value is named', () => {
  const { validations } = resolve([parameter('region', { required: true })])
  expect(validations).toMatchObject([{ field: 'region', detail: expect.stringContaining('required') }])
})

test('an immutable parameter keeps its first value, and giving the same again is no change', () => {
  const immutable = [parameter('disk', { mutable: false })]
  const previous = named({ disk: '10' })
  expect(resolve(immutable, { previous, requested: named({ disk: '20' }) }).validations).toMatchObject([
    { field: 'disk' },
  ])
  expect(resolve(immutable, { previous, requested: named({ disk: '10' }) }).validations).toEqual([])
  expect(resolve(immutable, { requested: named({ disk: '20' }) }).validations).toEqual([])
})

test('an ephemeral parameter starts from its default with every build', () => {
  const { values } = resolve([parameter('once', { ephemeral: true, default_value: 'no' })], {
    previous: named({ once: 'yes' }),
  })
  expect(values).toEqual({ once: 'no' })
})

test.each([
  ['number', { type: 'number' } as const, 'twelve'],
  ['range', { type: 'number', validation_min: 1, validation_max: 4 } as const, '5'],
  ['whole numbers', { type: 'number', validation_max: 4 } as const, '2.5'],
  ['bool', { type: 'bool' } as const, 'yes'],
  ['list', { type: 'list(string)' } as const, 'a,b'],
  ['regex', { validation_regex: '^[a-z]+$' }, 'A1'],
  ['options', { options: [{ name: 'A', value: 'a', description: '', icon: '' }] }, 'b'],
])('a value outside of its %s is refused by name', (_rule, rule, value) => {
  const { validations } = resolve([parameter('p', rule)], { requested: named({ p: value }) })
  expect(validations).toMatchObject([{ field: 'p' }])
})

test('a list made of the options is one of them', () => {
  const options = ['a', 'b'].map((value) => ({ name: value, value, description: '', icon: '' }))
  const { validations } = resolve([parameter('p', { type: 'list(string)', options })], {
    requested: named({ p: '["b","a"]' }),
  })
  expect(validations).toEqual([])
})

test('a growing parameter does not shrink', () => {
  const growing = [parameter('disk', { type: 'number', validation_monotonic: 'increasing' })]
  const previous = named({ disk: '20' })
  expect(resolve(growing, { previous, requested: named({ disk: '10' }) }).validations).toMatchObject([
    { field: 'disk' },
  ])
  expect(resolve(growing, { previous, requested: named({ disk: '30' }) }).validations).toEqual([])
})

test('the author’s own words are shown with the limits put in', () => {
  const rule = {
    type: 'number',
    validation_min: 1,
    validation_max: 4,
    validation_error: 'between {min} and {max}, not {value}',
  } as const
  const { validations } = resolve([parameter('cpu', rule)], { requested: named({ cpu: '9' }) })
  expect(validations[0]?.detail).toBe('"cpu" between 1 and 4, not 9')
})
