import { describe, expect, test } from 'vitest'
import type { PreviewParameter } from '../../../api/templates/template-versions.ts'
import { chooseControl, findParameterMessage, parseList, plainText } from './parameters.ts'

const text = (value: string) => ({ value, valid: true })

const parameter = (more: Partial<PreviewParameter>): PreviewParameter => ({
  name: 'size',
  display_name: '',
  description: '',
  type: 'string',
  form_type: 'input',
  styling: {},
  mutable: true,
  default_value: text(''),
  icon: '',
  options: [],
  validations: [],
  required: false,
  order: 0,
  ephemeral: false,
  value: text(''),
  diagnostics: [],
  ...more,
})

const option = { name: 'A', description: '', value: text('a'), icon: '' }
const limits = (min: number | null, max: number | null) => [
  {
    validation_error: '',
    validation_regex: null,
    validation_min: min,
    validation_max: max,
    validation_monotonic: null,
  },
]

describe('the control', () => {
  test.each([
    [{ form_type: 'radio', options: [option] }, 'choices'],
    [{ form_type: 'dropdown', options: [option] }, 'dropdown'],
    [{ form_type: 'multi-select', type: 'list(string)', options: [option] }, 'multi-select'],
    [{ form_type: 'tag-select', type: 'list(string)' }, 'tags'],
    [{ form_type: 'switch', type: 'bool' }, 'switch'],
    [{ form_type: 'checkbox', type: 'bool' }, 'checkbox'],
    [{ form_type: 'slider', type: 'number', validations: limits(1, 8) }, 'slider'],
    // A slider needs a maximum.
    [{ form_type: 'slider', type: 'number', validations: limits(1, null) }, 'number'],
    [{ form_type: 'textarea' }, 'long-text'],
    [{ form_type: 'input', styling: { mask_input: true } }, 'secret'],
    [{ form_type: 'input', name: 'folder' }, 'folder'],
    [{ form_type: '' }, 'text'],
  ] as const)('of %o is %s', (more, control) => {
    expect(chooseControl(parameter(more as unknown as Partial<PreviewParameter>))).toBe(control)
  })
})

test('a missing value is reported after the field was touched, other problems immediately', () => {
  const missing = parameter({
    diagnostics: [{ severity: 'error', summary: 'Required', detail: 'x', extra: { code: 'required' } }],
  })
  expect(findParameterMessage(missing, false)).toBeUndefined()
  expect(findParameterMessage(missing, true)).toEqual({ severity: 'error', text: 'A value is required.' })
  const wrong = parameter({
    diagnostics: [
      { severity: 'warning', summary: 'Large', detail: 'It costs.', extra: { code: '' } },
      { severity: 'error', summary: 'Too large', detail: '', extra: { code: '' } },
    ],
  })
  expect(findParameterMessage(wrong, false)).toEqual({ severity: 'error', text: 'Too large' })
})

test('a message omits the parameter name and source position, and prefers the text of the template', () => {
  const messageFor = (detail: string, error: string) =>
    findParameterMessage(
      parameter({
        diagnostics: [{ severity: 'error', summary: 'Invalid', detail, extra: { code: '' } }],
        validations: [{ ...(limits(1, 9)[0] as PreviewParameter['validations'][number]), validation_error: error }],
      }),
      false,
    )?.text
  expect(messageFor('It must be from 1 to 9. (main.tf:7:10)', '')).toBe('It must be from 1 to 9.')
  expect(messageFor('The value is not valid: Less (please). (main.tf:7:10)', 'Less (please).')).toBe('Less (please).')
})

test('a list is parsed from JSON, and invalid input is empty', () => {
  expect(parseList('["a","b"]')).toEqual(['a', 'b'])
  expect(parseList('')).toEqual([])
  expect(parseList('a,b')).toEqual([])
})

test('Markdown markup is removed from a description', () => {
  expect(plainText('## Size\nSee **the** [list](https://example.com) of `sizes`.')).toBe('Size\nSee the list of sizes.')
})
