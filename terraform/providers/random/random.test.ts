import { compareSync } from 'bcryptjs'
import { expect, test } from 'vitest'
import { build, templateOf } from '../../testing/build-fixture.ts'
import { nullProvider } from '../null/provider.ts'
import { randomProvider } from './provider.ts'

const providers = [randomProvider, nullProvider]

/** The result of building one resource, as an output. */
async function resultOf(block: string, attribute: string): Promise<unknown> {
  const [, type, name] = /resource "(\w+)" "(\w+)"/.exec(block) ?? []
  const text = `${block}\noutput "result" {\n  value = nonsensitive(${type}.${name}.${attribute})\n}`
  const { state, diagnostics } = await build(
    templateOf(text.replace(/nonsensitive\((random_(?!pass|bytes)\S+)\)/, '$1')),
    {
      providers,
    },
  )
  expect(diagnostics).toEqual([])
  return state.outputs.result?.value
}

test.each([
  ['random_id', 'byte_length = 4\n  prefix = "p-"', 'hex', /^p-[\da-f]{8}$/],
  ['random_id', 'byte_length = 4\n  prefix = "p-"', 'id', /^[\w-]{6}$/],
  ['random_id', 'byte_length = 2', 'dec', /^\d{1,5}$/],
  ['random_bytes', 'length = 6', 'base64', /^[\w+/]{8}$/],
  ['random_integer', 'min = 5\n  max = 5', 'result', /^5$/],
  ['random_integer', 'min = -3\n  max = -3', 'id', /^-3$/],
  ['random_string', 'length = 24', 'result', /^.{24}$/],
  ['random_string', 'length = 24\n  special = false\n  upper = false\n  numeric = false', 'result', /^[a-z]{24}$/],
  ['random_string', 'length = 4\n  min_numeric = 4', 'result', /^\d{4}$/],
  [
    'random_string',
    'length = 3\n  number = true\n  upper = false\n  lower = false\n  special = false',
    'id',
    /^\d{3}$/,
  ],
  ['random_string', 'length = 3\n  min_special = 3\n  override_special = "ß€"', 'result', /^[ß€]{3}$/],
  ['random_password', 'length = 8', 'id', /^none$/],
  ['random_password', 'length = 80', 'result', /^.{80}$/],
  ['random_pet', '', 'id', /^[a-z]+-[a-z]+$/],
  ['random_pet', 'length = 3\n  prefix = "dev"\n  separator = "_"', 'id', /^dev_[a-z]+_[a-z]+_[a-z]+$/],
  ['random_uuid', '', 'result', /^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/],
  ['random_uuid4', '', 'id', /^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/],
  ['random_uuid7', '', 'result', /^[\da-f]{8}-[\da-f]{4}-7[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/],
  ['null_resource', '', 'id', /^\d{6,19}$/],
])('%s with { %s } has %s', async (type, body, attribute, form) => {
  expect(String(await resultOf(`resource "${type}" "a" {\n  ${body}\n}`, attribute))).toMatch(form)
})

test('a shuffle has every element, repeats them for a larger count, and is reproducible from a seed', async () => {
  const shuffle = (more: string) =>
    resultOf(`resource "random_shuffle" "a" {\n  input = ["a", "b", "c"]\n  ${more}\n}`, 'result')
  expect([...((await shuffle('')) as string[])].sort()).toEqual(['a', 'b', 'c'])
  const five = (await shuffle('result_count = 5\n  seed = "s"')) as string[]
  expect(five).toHaveLength(5)
  expect(five.slice(0, 3).sort()).toEqual(['a', 'b', 'c'])
  expect(await shuffle('result_count = 5\n  seed = "s"')).toEqual(five)
})

test('a value is kept by later builds and replaced when its keepers change', async () => {
  const template = (keeper: string) =>
    templateOf(`resource "random_password" "a" {
  length  = 12
  keepers = { image = "${keeper}" }
}
resource "null_resource" "b" {
  triggers = { password = random_password.a.result }
}
output "all" {
  value     = [random_password.a.result, random_password.a.bcrypt_hash]
  sensitive = true
}`)
  const { state } = await build(template('one'), { providers })
  const [password, hash] = (state.outputs.all?.value ?? []) as [string, string]
  expect(compareSync(password, hash)).toBe(true)
  expect((await build(template('one'), { providers, state })).changes).toEqual([])
  const changed = await build(template('two'), { providers, state })
  expect(changed.changes).toEqual(['replace null_resource.b', 'replace random_password.a'])
  expect(changed.state.outputs.all?.value).not.toEqual([password, hash])
})

test('values of other systems are imported', async () => {
  const template = templateOf(`import {
  to = random_id.a
  id = "p-,AQID"
}
resource "random_id" "a" {
  byte_length = 3
  prefix      = "p-"
}
import {
  to = random_string.b
  id = "known"
}
resource "random_string" "b" {
  length = 5
}
output "all" {
  value = [random_id.a.hex, random_id.a.dec, random_string.b.result]
}`)
  const { state, diagnostics, changes } = await build(template, { providers })
  expect(diagnostics).toEqual([])
  expect(changes.filter((change) => !change.startsWith('import'))).toEqual([])
  expect(state.outputs.all?.value).toEqual(['p-010203', 'p-66051', 'known'])
})

test.each([
  ['random_string', 'length = 0', 'Invalid Attribute Value'],
  ['random_string', 'length = 2\n  min_upper = 3', 'Invalid Attribute Value'],
  ['random_string', 'length = 2\n  number = true\n  numeric = false', 'Number and Numeric Mismatch'],
  [
    'random_string',
    'length = 2\n  upper = false\n  lower = false\n  numeric = false\n  special = false',
    'Missing Attribute Configuration',
  ],
  ['random_integer', 'min = 2\n  max = 1', 'Create Random Integer Error'],
  ['random_id', 'byte_length = 0', 'Invalid Attribute Value'],
  ['random_id', 'byte_lenght = 4', 'Unsupported argument'],
])('%s rejects { %s }', async (type, body, summary) => {
  const { diagnostics } = await build(templateOf(`resource "${type}" "a" {\n  ${body}\n}`), { providers })
  expect(diagnostics.map((found) => found.summary)).toContain(summary)
})

test('the null data source returns its inputs', async () => {
  const text = `data "null_data_source" "a" {\n  inputs = { a = "1" }\n}\noutput "a" {\n  value = [data.null_data_source.a.outputs.a, data.null_data_source.a.has_computed_default]\n}`
  const { state } = await build(templateOf(text), { providers })
  expect(state.outputs.a?.value).toEqual(['1', 'default'])
})
