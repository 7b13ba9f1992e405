import { expect, test } from 'vitest'
import { parseTemplate } from '../engine/template/template.ts'
import { checkCoderBlocks } from './check-coder-blocks.ts'

const check = (text: string, modules: readonly { file: string; text: string }[] = []) =>
  checkCoderBlocks(parseTemplate('/', [{ file: 'main.tf', text }, ...modules])).map(
    ({ severity, summary, detail }) => `${severity}: ${summary}: ${detail}`,
  )

const agent = (name: string) => `resource "coder_agent" "${name}" {\n  os   = "linux"\n  arch = "amd64"\n}\n`

test('an agent that no resource refers to is a warning', () => {
  const found = check(
    `
${agent('main')}${agent('external')}${agent('indirect')}${agent('lost')}
resource "terraform_data" "vm" {
  count = 0
  input = coder_agent.main.token
}
resource "coder_external_agent" "e" { agent_id = coder_agent.external.id }
locals { script = coder_agent.indirect.init_script }
module "vm" {
  source = "./vm"
  script = local.script
}
resource "coder_app" "a" {
  agent_id = coder_agent.lost.id
  slug     = "a"
}`,
    [{ file: 'vm/main.tf', text: 'variable "script" {}\nresource "terraform_data" "vm" { input = var.script }' }],
  )
  expect(found).toEqual([
    expect.stringContaining('warning: Agent without a resource: No resource refers to the agent "lost"'),
  ])
})

test('a preset with a value of an unknown parameter is a warning', () => {
  const preset = 'data "coder_workspace_preset" "p" {\n  name = "P"\n  parameters = { sise = "m" }\n}\n'
  const parameter = (name: string) => `data "coder_parameter" "p" {\n  name = ${name}\n  default = "s"\n}\n`
  expect(check(preset + parameter('"size"'))).toEqual([
    'warning: Preset of an unknown parameter: The template has no parameter "sise", so the preset\'s value has no effect. Did you mean "size"?',
  ])
  expect(check(preset + parameter('"sise"'))).toEqual([])
  expect(check(preset + parameter('data.coder_workspace.me.name'))).toEqual([])
})

test('apps with the same slug are an error, unless a condition may exclude one', () => {
  const app = (name: string, more = '') =>
    `resource "coder_app" "${name}" {\n  agent_id = coder_agent.main.id\n  slug = "web"\n${more}}\n`
  const base = `${agent('main')}resource "terraform_data" "vm" { input = coder_agent.main.id }\n`
  expect(check(base + app('a') + app('b'))).toEqual([
    'error: Duplicate app slug: There is more than one app slug "web". Each needs a unique name.',
  ])
  expect(check(base + app('a', '  count = var.a ? 1 : 0\n') + app('b', '  count = var.a ? 0 : 1\n'))).toEqual([])
})
