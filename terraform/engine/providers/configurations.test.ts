// Provider configurations, with a provider that records which configuration is called.

import { expect, test } from 'vitest'
import type { Provider, ResourceType } from '../../provider.ts'
import { computed, noBlocks, optional, required, text } from '../../provider-schema.ts'
import { build } from '../../testing/build-fixture.ts'
import { textField, withFields } from '../../values/fields.ts'
import { isFullyKnown, string } from '../../values/value.ts'
import { readState, writeState } from '../state/state.ts'
import { parseTemplate } from '../template/template.ts'

const schemaVersion = 2

/** Records the calls of each configuration, by region. */
function recordingProvider(calls: string[], region = 'none'): Provider {
  const record = (call: string) => calls.push(`${region} ${call}`)
  const thing: ResourceType = {
    schema: { attributes: { id: computed(text), name: required(text) }, blocks: noBlocks },
    schemaVersion,
    async read(current) {
      record(`read ${textField(current, 'name')}`)
      return { value: current }
    },
    async create(planned) {
      record(`create ${textField(planned, 'name')}`)
      return { value: withFields(planned, { id: string(`${region}/${textField(planned, 'name')}`) }) }
    },
    async update(_prior, planned) {
      record(`update ${textField(planned, 'name')}`)
      return { value: planned }
    },
    async delete(prior) {
      record(`delete ${textField(prior, 'name')}`)
      return { value: null }
    },
  }
  return {
    name: 'cloud',
    source: 'example/cloud',
    configuration: { attributes: { region: optional(text) }, blocks: noBlocks },
    configure(config) {
      if (!isFullyKnown(config)) return { provider: recordingProvider(calls, 'unknown') }
      const name = textField(config, 'region') ?? 'default'
      if (name !== 'nowhere') return { provider: recordingProvider(calls, name) }
      const detail = 'There is no such region.'
      const problem = { severity: 'error' as const, summary: 'Invalid region', detail, path: ['region'] }
      return { provider: recordingProvider(calls), diagnostics: [problem] }
    },
    resources: { cloud_thing: thing },
    dataSources: {},
  }
}

const required_providers = `
terraform {
  required_providers {
    cloud = { source = "example/cloud" }
  }
}`

async function run(
  main: string,
  more: Readonly<Record<string, string>> = {},
  options: Parameters<typeof build>[1] = {},
) {
  const calls: string[] = []
  const sources = Object.entries({ 'main.tf': required_providers + main, ...more })
  const template = parseTemplate(
    '/',
    sources.map(([file, text]) => ({ file, text })),
  )
  return { ...(await build(template, { ...options, providers: [recordingProvider(calls)] })), calls }
}

const aliases = `
provider "cloud" { region = "home" }
provider "cloud" {
  alias  = "away"
  region = "far"
}
resource "cloud_thing" "a" { name = "a" }
resource "cloud_thing" "b" {
  provider = cloud.away
  name     = "b"
}
`

test('each resource is created, read and deleted with the configuration that it names', async () => {
  const created = await run(aliases)
  expect(created.diagnostics).toEqual([])
  expect(created.calls.sort()).toEqual(['far create b', 'home create a'])
  expect(created.state.resources.map(({ provider }) => provider)).toEqual([
    'provider["registry.terraform.io/example/cloud"]',
    'provider["registry.terraform.io/example/cloud"].away',
  ])
  const destroyed = await run(aliases, {}, { state: created.state, mode: 'destroy' })
  expect(destroyed.diagnostics).toEqual([])
  expect(destroyed.calls.sort()).toEqual(['far delete b', 'far read b', 'home delete a', 'home read a'])
})

test('modules inherit the default configuration, and get aliases through providers', async () => {
  const module = (alias: string) => `${required_providers.replace('"example/cloud"', `"example/cloud"${alias}`)}
variable "name" {}
`
  const { diagnostics, calls } = await run(
    `${aliases}
module "plain" {
  source = "./plain"
  name   = "c"
}
module "mapped" {
  source    = "./plain"
  name      = "d"
  providers = { cloud = cloud.away }
}
module "requiring" {
  source    = "./requiring"
  name      = "e"
  providers = { cloud.inner = cloud.away }
}
`,
    {
      'plain/main.tf': `${module('')}resource "cloud_thing" "x" { name = var.name }\n`,
      'requiring/main.tf': `${module(', configuration_aliases = [cloud.inner]')}resource "cloud_thing" "x" {
  provider = cloud.inner
  name     = var.name
}
`,
    },
  )
  expect(diagnostics).toEqual([])
  expect(calls.sort()).toEqual(['far create b', 'far create d', 'far create e', 'home create a', 'home create c'])
})

test('a provider with for_each has one configuration per element, and instances select one', async () => {
  const text = `
locals { regions = { n = "north", s = "south" } }
provider "cloud" {
  alias    = "by"
  for_each = local.regions
  region   = each.value
}
resource "cloud_thing" "a" {
  for_each = local.regions
  provider = cloud.by[each.key]
  name     = each.key
}
`
  const created = await run(text)
  expect(created.diagnostics).toEqual([])
  expect(created.calls.sort()).toEqual(['north create n', 'south create s'])
  // The written state preserves the provider of each instance.
  const read = readState(writeState(created.state))
  const state = 'state' in read ? read.state : null
  const destroyed = await run(text, {}, { state, mode: 'destroy' })
  expect(destroyed.calls.sort()).toEqual(['north delete n', 'north read n', 'south delete s', 'south read s'])
})

test('a configuration with values known only after apply is configured again then', async () => {
  const { diagnostics, calls } = await run(`
resource "terraform_data" "region" { input = "late" }
provider "cloud" { region = terraform_data.region.output }
resource "cloud_thing" "a" { name = "a" }
`)
  expect(diagnostics).toEqual([])
  expect(calls).toEqual(['late create a'])
})

test('a provider configuration error is reported at the argument', async () => {
  const { diagnostics } = await run(
    '\nprovider "cloud" { region = "nowhere" }\nresource "cloud_thing" "a" { name = "a" }\n',
  )
  expect(diagnostics).toMatchObject([{ summary: 'Invalid region', range: { file: 'main.tf' } }])
})

test('an object with a newer schema version than the provider supports is not changed', async () => {
  const { state } = await run('\nresource "cloud_thing" "a" { name = "a" }\n')
  const newer = writeState(state).replace('"schema_version": 2', '"schema_version": 3')
  const read = readState(newer)
  if (!('state' in read)) throw new Error(read.problem)
  const next = await run('\nresource "cloud_thing" "a" { name = "b" }\n', {}, { state: read.state })
  expect(next.diagnostics.map(({ summary }) => summary)).toEqual([
    'Resource instance managed by newer provider version',
  ])
  expect(next.calls).toEqual([])
  expect(next.state.resources).toEqual(read.state.resources)
})
