import { expect, test } from 'vitest'
import { validateTemplate } from '../../engine/validate.ts'
import { build, coderContext, templateOf } from '../../testing/build-fixture.ts'
import { coderProvider } from './provider.ts'

const parameter = (body: string) =>
  templateOf(
    `data "coder_parameter" "p" {\n  name = "size"\n${body}\n}\noutput "value" { value = data.coder_parameter.p.value }`,
  )
const readValue = async (body: string, chosen?: string) => {
  const { state, diagnostics } = await build(parameter(body), {
    coder: { parameters: chosen === undefined ? {} : { size: chosen } },
  })
  return diagnostics.length > 0 ? diagnostics.map(({ detail }) => detail).join('\n') : state.outputs.value?.value
}

test('a parameter has the chosen value or its default', async () => {
  expect(await readValue('default = "m"')).toBe('m')
  expect(await readValue('default = "m"', 'l')).toBe('l')
})

test('a missing or invalid value is reported with the name of the parameter', async () => {
  expect(await readValue('')).toContain('"size" has no default')
  expect(await readValue('type = "number"', 'x')).toContain('"size" must be a number')
  expect(await readValue('type = "bool"', 'yes')).toContain('"size" must be true or false')
  for (const chosen of ['True', '0', 'f']) expect(await readValue('type = "bool"', chosen)).toBe(chosen)
  expect(await readValue('type = "number"', '5.5')).toBe('5.5')
  for (const rule of ['min = 1', 'max = 9', 'monotonic = "increasing"'])
    expect(await readValue(`type = "number"\nvalidation {\n  ${rule}\n}`, '5.5')).toContain('whole number')
  expect(await readValue('type = "list(string)"', 'a')).toContain('list of strings in JSON')
  expect(await readValue('type = "number"\nvalidation {\n  min = 1\n  max = 4\n}', '9')).toContain('from 1 to 4')
  expect(await readValue('validation {\n  regex = "^[a-z]+$"\n  error = "lower case only"\n}', 'A')).toContain(
    'lower case only',
  )
  expect(await readValue('option {\n  name = "S"\n  value = "s"\n}', 'm')).toContain('one of its options (s)')
})

test('the value of a multi-select is a list of option values', async () => {
  const several = `type = "list(string)"
form_type = "multi-select"
default = jsonencode(["a"])
dynamic "option" {
  for_each = toset(["a", "b"])
  content {
    name  = option.value
    value = option.value
  }
}`
  expect(await readValue(several)).toBe('["a"]')
  expect(await readValue(several, '["a","b"]')).toBe('["a","b"]')
  expect(await readValue(several, '["c"]')).toContain('one of its options (a, b)')
})

test('any form type is valid with unknown options', () => {
  const text = `variable "names" {
  type = set(string)
}
data "coder_parameter" "p" {
  name      = "p"
  type      = "list(string)"
  form_type = "multi-select"
  dynamic "option" {
    for_each = var.names
    content {
      name  = option.value
      value = option.value
    }
  }
}`
  expect(validateTemplate(templateOf(text), [coderProvider(coderContext())])).toEqual([])
})

test('a script that never runs is rejected at creation', async () => {
  const script = (more: string) =>
    templateOf(`resource "coder_script" "s" {
  agent_id     = "a"
  display_name = "s"
  script       = "true"
${more}
}`)
  expect((await build(script(''))).diagnostics.map(({ summary }) => summary)).toEqual(['Script never runs'])
  expect((await build(script('run_on_stop = true'))).diagnostics).toEqual([])
})

test('an invalid declaration is reported', async () => {
  expect(await readValue('type = "numbr"')).toContain('must be one of: string')
  expect(await readValue('default = "x"\nform_type = "slider"')).toContain('Use one of: input, textarea')
  expect(await readValue('ephemeral = true\ndefault = "x"')).toContain('must also be mutable')
  expect(await readValue('default = "x"\nvalidation {\n  min = 1\n}')).toContain(
    '"min" is only valid for number parameters',
  )
})

test('the options of a list parameter are elements for a multi-select, and lists otherwise', async () => {
  const option = (value: string) => `option {\n  name = "a"\n  value = ${value}\n}`
  const many = `type = "list(string)"\nform_type = "multi-select"\n${option('"a"')}`
  expect(await readValue(many, '["a"]')).toBe('["a"]')
  expect(await readValue(many, '["b"]')).toContain('one of its options (a)')
  expect(await readValue(`type = "list(string)"\n${option('"a"')}`)).toContain('list of strings in JSON')
  expect(await readValue(`type = "list(string)"\n${option('jsonencode(["a"])')}`, '["a"]')).toBe('["a"]')
})
