// Our providers have the same schemas as the real providers of the same names. Skipped where those are not built.

import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { requires } from '../../lib/testing/requirements.ts'
import type { BlockSchema, NestedBlockSchema, Provider } from '../provider.ts'
import { coderProvider } from '../providers/coder/provider.ts'
import { timeProvider } from '../providers/time/provider.ts'
import { findTofu, tofuConfiguration } from '../testing/tofu.ts'
import { typeToJson } from '../values/type.ts'
import { coderBuild } from './coder-build.ts'

interface RealAttribute {
  readonly type: unknown
  readonly required?: boolean
  readonly optional?: boolean
  readonly computed?: boolean
  readonly sensitive?: boolean
}

interface RealBlock {
  readonly attributes?: Readonly<Record<string, RealAttribute>>
  readonly block_types?: Readonly<
    Record<
      string,
      {
        readonly nesting_mode: string
        readonly block: RealBlock
        readonly min_items?: number
        readonly max_items?: number
      }
    >
  >
}

interface RealSchemas {
  readonly provider: { readonly block: RealBlock }
  readonly resource_schemas: Readonly<Record<string, { readonly version: number; readonly block: RealBlock }>>
  readonly data_source_schemas?: Readonly<Record<string, { readonly version: number; readonly block: RealBlock }>>
}

function readSchemas(tofu: string, { name, source }: Provider): RealSchemas {
  const dir = mkdtempSync(join(tmpdir(), 'schema-'))
  try {
    const required = `${name} = { source = "${source}" }`
    writeFileSync(join(dir, 'main.tf'), `terraform {\n  required_providers { ${required} }\n}\n`)
    const env = { PATH: process.env.PATH, HOME: process.env.HOME, TF_CLI_CONFIG_FILE: tofuConfiguration() }
    execFileSync(tofu, ['init'], { cwd: dir, env })
    const output = execFileSync(tofu, ['providers', 'schema', '-json'], { cwd: dir, env, maxBuffer: 1 << 26 })
    const { provider_schemas: found } = JSON.parse(output.toString()) as {
      provider_schemas: Record<string, RealSchemas>
    }
    return Object.values(found)[0] as RealSchemas
  } finally {
    rmSync(dir, { recursive: true })
  }
}

/** One line per attribute and block, for readable differences. */
function describeReal({ attributes = {}, block_types: blocks = {} }: RealBlock, prefix = ''): string[] {
  const own = Object.entries(attributes).map(([name, { type, required, optional, computed, sensitive }]) => {
    const words = [required && 'required', optional && 'optional', computed && 'computed', sensitive && 'sensitive']
    return `${prefix}${name} ${JSON.stringify(type)} ${words.filter(Boolean).join(' ')}`
  })
  const inner = Object.entries(blocks).flatMap(([name, nested]) => [
    `${prefix}${name} {} ${nested.nesting_mode} ${nested.min_items ?? 0}-${nested.max_items ?? 0}`,
    ...describeReal(nested.block, `${prefix}${name}.`),
  ])
  return [...own, ...inner].sort()
}

function describeOurs({ attributes, blocks }: BlockSchema, prefix = ''): string[] {
  const own = Object.entries(attributes).map(([name, { type, required, computed, readOnly, sensitive }]) => {
    const isOptional = !required && !readOnly
    const words = [required && 'required', isOptional && 'optional', computed && 'computed', sensitive && 'sensitive']
    return `${prefix}${name} ${JSON.stringify(typeToJson(type))} ${words.filter(Boolean).join(' ')}`
  })
  const inner = Object.entries(blocks).flatMap(([name, nested]: [string, NestedBlockSchema]) => [
    `${prefix}${name} {} ${nested.nesting} ${nested.minItems ?? 0}-${nested.maxItems ?? 0}`,
    ...describeOurs(nested.block, `${prefix}${name}.`),
  ])
  return [...own, ...inner].sort()
}

const tofu = findTofu()

function compareSchemas(program: string, ours: Provider): void {
  const real = readSchemas(program, ours)
  const dataSources = real.data_source_schemas ?? {}

  test('has the same resources and data sources', () => {
    expect(Object.keys(ours.resources).sort()).toEqual(Object.keys(real.resource_schemas).sort())
    expect(Object.keys(ours.dataSources).sort()).toEqual(Object.keys(dataSources).sort())
  })

  for (const [name, { block, version }] of Object.entries(real.resource_schemas)) {
    test(`${name} has the same attributes and blocks`, () => {
      expect(describeOurs(ours.resources[name]?.schema ?? { attributes: {}, blocks: {} })).toEqual(describeReal(block))
      expect(ours.resources[name]?.schemaVersion ?? 0).toBe(version)
    })
  }

  for (const [name, { block }] of Object.entries(dataSources)) {
    test(`data ${name} has the same attributes and blocks`, () => {
      expect(describeOurs(ours.dataSources[name]?.schema ?? { attributes: {}, blocks: {} })).toEqual(
        describeReal(block),
      )
    })
  }
}

for (const ours of [coderProvider(coderBuild), timeProvider]) {
  describe(`the schema of the ${ours.name} provider`, requires('tofu', 'tofu providers'), () => {
    if (tofu) compareSchemas(tofu, ours)
    else test('has the same resources and data sources')
  })
}
