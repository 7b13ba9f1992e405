import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { build, templateOf } from '../../testing/build-fixture.ts'

let dir = ''
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'remote-state-'))
})
afterEach(() => rmSync(dir, { recursive: true }))

const state = (greeting: string) =>
  JSON.stringify({
    version: 4,
    outputs: { greeting: { value: greeting, type: 'string' }, ports: { value: [80, 443], type: ['set', 'number'] } },
    resources: [],
  })

const reading = (body: string) =>
  templateOf(
    `data "terraform_remote_state" "other" {\n${body}\n}\noutput "o" {\n  value = data.terraform_remote_state.other.outputs\n}\n`,
    dir,
  )

test('the outputs of a state file are read, and override the defaults', async () => {
  writeFileSync(join(dir, 'other.tfstate'), state('hello'))
  const body = `backend = "local"
  config = { path = "other.tfstate" }
  defaults = { greeting = "none", more = true }`
  const built = await build(reading(body))
  expect(built.diagnostics).toEqual([])
  expect(built.state.outputs.o?.value).toEqual({ greeting: 'hello', more: true, ports: [80, 443] })
})

test('another workspace has its own state', async () => {
  mkdirSync(join(dir, 'terraform.tfstate.d/blue'), { recursive: true })
  writeFileSync(join(dir, 'terraform.tfstate.d/blue/terraform.tfstate'), state('blue'))
  const built = await build(reading('backend = "local"\n  workspace = "blue"'))
  expect(built.state.outputs.o?.value).toEqual({ greeting: 'blue', ports: [80, 443] })
})

test.each([
  ['a missing state', 'backend = "local"', 'Unable to find remote state'],
  ['an unsupported backend', 'backend = "s3"\n  config = { bucket = "b" }', 'Invalid backend configuration'],
  ['an invalid configuration', 'backend = "local"\n  config = "x"', 'Invalid backend configuration'],
  ['a list as defaults', 'backend = "local"\n  defaults = [1]', 'Invalid default values'],
])('%s is reported', async (_, body, summary) => {
  const { diagnostics } = await build(reading(body))
  expect(diagnostics.map((found) => found.summary)).toEqual([summary])
})
