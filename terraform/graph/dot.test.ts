// The graph of a template equals the one that OpenTofu draws, except for the registry's name.

import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { requires } from '../../lib/testing/requirements.ts'
import { writeModule } from '../conformance/modules-in-tofu.ts'
import { openTemplate, parseTemplate } from '../engine/template/template.ts'
import { bundledProviders } from '../providers/bundled.ts'
import { defaultCoderContext } from '../providers/coder/default-context.ts'
import { findTofu } from '../testing/tofu.ts'
import { toDot } from './dot.ts'
import { buildDotGraph, resourceDependencies } from './vertices.ts'

const host = { dataDir: '/nowhere', workspaceId: 'none', agentBinDir: '', environment: {}, bootId: '' }
const providers = bundledProviders(defaultCoderContext(), host)
const tofu = findTofu()
const mirror = join(homedir(), '.cache/coder-local-ci/providers/tofu.rc')

test('a graph has each step of a module and no redundant edges', () => {
  const text = `variable "a" {}
locals {
  b = var.a
}
resource "terraform_data" "c" {
  input = "\${local.b}\${var.a}"
}
output "d" {
  value = terraform_data.c.id
}
`
  const template = parseTemplate('/', [{ file: 'main.tf', text }])
  expect(toDot(buildDotGraph(template, providers))).toBe(`digraph {
	compound = "true"
	newrank = "true"
	subgraph "root" {
		"[root] provider[\\"terraform.io/builtin/terraform\\"]" [label = "provider[\\"terraform.io/builtin/terraform\\"]", shape = "diamond"]
		"[root] terraform_data.c (expand)" [label = "terraform_data.c", shape = "box"]
		"[root] var.a" [label = "var.a", shape = "note"]
		"[root] local.b (expand)" -> "[root] var.a (expand, reference)"
		"[root] output.d (expand)" -> "[root] terraform_data.c (expand)"
		"[root] provider[\\"terraform.io/builtin/terraform\\"] (close)" -> "[root] terraform_data.c (expand)"
		"[root] root" -> "[root] output.d (expand)"
		"[root] root" -> "[root] provider[\\"terraform.io/builtin/terraform\\"] (close)"
		"[root] terraform_data.c (expand)" -> "[root] local.b (expand)"
		"[root] terraform_data.c (expand)" -> "[root] provider[\\"terraform.io/builtin/terraform\\"]"
		"[root] var.a (expand, reference)" -> "[root] var.a"
	}
}
`)
  expect([...resourceDependencies(template)]).toEqual([['terraform_data.c', []]])
})

for (const name of ['plain', 'coder']) {
  test(`OpenTofu draws the same graph for the module "${name}"`, {
    timeout: 60_000,
    ...requires('tofu', 'tofu providers'),
  }, () => {
    const dir = join(import.meta.dirname, '../test/cases', name)
    const ours = toDot(buildDotGraph(openTemplate(dir), providers)).replaceAll(
      'registry.terraform.io',
      'registry.opentofu.org',
    )
    expect(ours).toBe(graphOfTofu(tofu as string, dir))
  })
}

function graphOfTofu(program: string, dir: string): string {
  const cwd = mkdtempSync(join(tmpdir(), 'tofu-graph-'))
  const env = { ...process.env, TF_CLI_CONFIG_FILE: mirror, CHECKPOINT_DISABLE: '1', TF_IN_AUTOMATION: '1' }
  try {
    cpSync(dir, cwd, { recursive: true })
    spawnSync(program, ['init', '-input=false'], { cwd, env })
    const { stdout } = spawnSync(program, ['graph'], { cwd, env, encoding: 'utf8' })
    return `${stdout.trimEnd()}\n`
  } finally {
    rmSync(cwd, { recursive: true })
  }
}

const instances = {
  'main.tf': `module "m" {
  source = "./m"
  count  = 2
}
module "k" {
  source   = "./m"
  for_each = toset(["a"])
}
resource "terraform_data" "i" {}
output "all" { value = module.m[*].out }
output "one" { value = module.m[0].out }
output "each" { value = [for x in module.m : x.out] }
output "key" { value = module.k["a"].out }
output "values" { value = values(module.k)[*].out }
output "computed" { value = module.m[terraform_data.i.id].out }
output "object" { value = module.k[*].a.out }
`,
  'm/main.tf': `resource "terraform_data" "a" {}
resource "terraform_data" "b" {}
output "out" { value = terraform_data.a.id }
`,
}

test('a reference to one instance depends on its output, a reference to all instances on the whole module', () => {
  const dir = mkdtempSync(join(tmpdir(), 'graph-'))
  try {
    writeModule(dir, { files: instances, variables: {}, destroys: false, text: '' }, undefined)
    const dot = toDot(buildDotGraph(openTemplate(dir), providers))
    const needsOf = (output: string) =>
      [...dot.matchAll(/"\[root\] output\.(\w+) \(expand\)" -> "\[root\] (.*)"/g)]
        .filter(([, name]) => name === output)
        .map(([, , need]) => need)
    expect(needsOf('one')).toEqual(['module.m.output.out (expand)'])
    expect(needsOf('key')).toEqual(['module.k.output.out (expand)'])
    for (const name of ['all', 'each']) expect(needsOf(name)).toEqual(['module.m (close)'])
    for (const name of ['values', 'object']) expect(needsOf(name)).toEqual(['module.k (close)'])
    expect(needsOf('computed')).toEqual(['module.m (close)', 'terraform_data.i (expand)'])
    if (tofu && existsSync(mirror)) expect(dot).toBe(graphOfTofu(tofu, dir))
  } finally {
    rmSync(dir, { recursive: true })
  }
})
