// A workspace's state can migrate to the real OpenTofu and back: neither engine plans changes to the other's objects, and
// both can continue.

import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { requires } from '../../lib/testing/requirements.ts'
import { applyPlan } from '../engine/apply/apply.ts'
import { planTemplate } from '../engine/plan/plan.ts'
import { readState, type State, writeState } from '../engine/state/state.ts'
import { openTemplate } from '../engine/template/template.ts'
import { coderProvider } from '../providers/coder/provider.ts'
import { terraformProvider } from '../providers/terraform/provider.ts'
import { findTofu, tofuConfiguration } from '../testing/tofu.ts'
import { coderBuild, coderEnvironment } from './coder-build.ts'

const tofu = findTofu()

const workspace = (size: string) => `
terraform {
  required_providers {
    coder = { source = "coder/coder" }
  }
}
data "coder_workspace" "me" {}
variable "secret" {
  default   = "s3cret"
  sensitive = true
}
resource "coder_agent" "main" {
  os   = "linux"
  arch = "amd64"
  metadata {
    key      = "cpu"
    script   = "x"
    interval = 1
  }
}
resource "coder_app" "app" {
  for_each = toset(["a b", "c"])
  agent_id = coder_agent.main.id
  slug     = replace(each.key, " ", "-")
}
resource "terraform_data" "disk" {
  count            = 2
  input            = { size = "${size}", big = 12345678901234567890123, tenth = 0.1, name = data.coder_workspace.me.name }
  triggers_replace = [count.index]
}
resource "terraform_data" "secret" {
  input = { secret = var.secret, open = [1, null, true] }
  lifecycle {
    create_before_destroy = true
    postcondition {
      condition     = self.id != ""
      error_message = "It has no id."
    }
  }
}
module "inner" {
  for_each = { x = coder_agent.main.id }
  source   = "./inner"
  value    = each.value
}
output "disks" { value = terraform_data.disk[*].output }
output "inner" { value = { for key, one in module.inner : key => one.id } }
`
const inner = `
variable "value" {}
resource "terraform_data" "kept" { input = var.value }
output "id" { value = terraform_data.kept.output }
`

class Workspace {
  readonly dir = mkdtempSync(join(tmpdir(), 'state-migration-'))

  write(size: string): void {
    writeFileSync(join(this.dir, 'main.tf'), workspace(size))
    execFileSync('mkdir', ['-p', join(this.dir, 'inner')])
    writeFileSync(join(this.dir, 'inner/main.tf'), inner)
  }

  #path = join(this.dir, 'terraform.tfstate')

  state(): State | null {
    if (!existsSync(this.#path)) return null
    const read = readState(readFileSync(this.#path, 'utf8'))
    if (!('state' in read)) throw new Error(read.problem)
    return read.state
  }

  /** Returns the planned actions, without unchanged objects. */
  async buildInEngine(mode: 'apply' | 'destroy' = 'apply'): Promise<string[]> {
    const signal = new AbortController().signal
    const { plan, diagnostics } = await planTemplate({
      template: openTemplate(this.dir),
      variables: {},
      providers: [coderProvider(coderBuild), terraformProvider()],
      state: this.state(),
      mode,
      signal,
      onEvent: () => undefined,
    })
    expect(diagnostics).toEqual([])
    const applied = await applyPlan(plan, { signal, onEvent: () => undefined })
    expect(applied.diagnostics).toEqual([])
    writeFileSync(this.#path, writeState(applied.state))
    return plan.changes.filter(({ action }) => action !== 'no-op').map(({ action, address }) => `${action} ${address}`)
  }

  tofu(...args: string[]): string {
    const env = { PATH: process.env.PATH, HOME: process.env.HOME, TF_CLI_CONFIG_FILE: tofuConfiguration() }
    const options = { cwd: this.dir, env: { ...env, CHECKPOINT_DISABLE: '1', ...coderEnvironment } }
    return execFileSync(tofu as string, [...args, '-no-color'], options).toString()
  }

  close(): void {
    rmSync(this.dir, { recursive: true })
  }
}

describe('a state migrates', { timeout: 120_000, ...requires('tofu', 'tofu providers') }, () => {
  test('to OpenTofu and back, and each engine updates its objects', async () => {
    const workspace = new Workspace()
    try {
      workspace.write('small')
      expect(await workspace.buildInEngine()).toHaveLength(7)
      workspace.tofu('init')
      expect(workspace.tofu('plan')).toContain('No changes.')
      workspace.write('large')
      workspace.tofu('apply', '-auto-approve')
      expect(await workspace.buildInEngine()).toEqual([])
      workspace.write('small')
      expect((await workspace.buildInEngine()).sort()).toEqual([
        'update terraform_data.disk[0]',
        'update terraform_data.disk[1]',
      ])
      expect(workspace.tofu('plan')).toContain('No changes.')
      workspace.tofu('destroy', '-auto-approve')
      expect(workspace.state()?.resources).toEqual([])
    } finally {
      workspace.close()
    }
  })

  test('from OpenTofu, and this engine destroys its objects', async () => {
    const workspace = new Workspace()
    try {
      workspace.write('small')
      workspace.tofu('init')
      workspace.tofu('apply', '-auto-approve')
      const before = workspace.state()
      expect(await workspace.buildInEngine()).toEqual([])
      expect(workspace.state()?.lineage).toBe(before?.lineage)
      expect(await workspace.buildInEngine('destroy')).toHaveLength(7)
      expect(workspace.tofu('plan')).toContain('7 to add')
    } finally {
      workspace.close()
    }
  })
})
