import { expect, test } from 'vitest'
import { parseTemplate } from '../engine/template/template.ts'
import { build, templateOf } from '../testing/build-fixture.ts'
import { extractResources } from './extract-resources.ts'
import {
  extractExternalAuth,
  extractParameters,
  extractPresets,
  extractTags,
  extractVariables,
} from './extract-template-data.ts'

const parameter = (body: string) =>
  templateOf(
    `data "coder_parameter" "p" {\n  name = "size"\n${body}\n}\noutput "value" { value = data.coder_parameter.p.value }`,
  )

test('a parameter without a value is valid during a template import', async () => {
  const { diagnostics, planSnapshot } = await build(parameter(''), { coder: { buildId: '' } })
  expect(diagnostics).toEqual([])
  expect(extractParameters(planSnapshot).items).toMatchObject([
    { name: 'size', required: true, defaultValue: '', formType: 'input' },
  ])
})

test('duplicate parameters and several default presets are errors', async () => {
  const template = templateOf(`
data "coder_parameter" "a" {
  name    = "x"
  default = "1"
}
data "coder_parameter" "b" {
  name    = "x"
  default = "1"
}
data "coder_workspace_preset" "a" {
  name       = "A"
  default    = true
  parameters = { x = "2" }
}
data "coder_workspace_preset" "b" {
  name    = "B"
  default = true
}`)
  const { planSnapshot } = await build(template)
  expect(extractParameters(planSnapshot).diagnostics).toMatchObject([{ summary: 'Duplicate parameter' }])
  const presets = extractPresets(planSnapshot)
  expect(presets.diagnostics).toMatchObject([{ summary: 'Several default presets' }])
  expect(presets.items[0]).toMatchObject({ name: 'A', isDefault: true, parameters: [{ name: 'x', value: '2' }] })
})

test('variables have type, default and required, and no default if sensitive', () => {
  const template = parseTemplate('/', [
    {
      file: 'main.tf',
      text: 'variable "a" {\n  type = list(string)\n  default = ["x"]\n}\nvariable "b" {}\nvariable "c" {\n  default = "s"\n  sensitive = true\n}',
    },
  ])
  expect(extractVariables(template)).toEqual([
    { name: 'a', description: '', type: 'list(string)', defaultValue: '["x"]', required: false, sensitive: false },
    { name: 'b', description: '', type: 'any', defaultValue: '', required: true, sensitive: false },
    { name: 'c', description: '', type: 'any', defaultValue: '', required: false, sensitive: true },
  ])
})

const workspace = `
data "coder_workspace" "me" {}

resource "coder_agent" "main" {
  os             = "linux"
  arch           = "amd64"
  startup_script = "echo hi"
  env            = { PATH = "/a" }
  display_apps {
    vscode = false
  }
}

resource "coder_agent" "lost" {
  os   = "linux"
  arch = "amd64"
}

locals {
  token = coder_agent.main.token
}

resource "terraform_data" "computer" {
  count = data.coder_workspace.me.start_count
  input = local.token
}

resource "terraform_data" "disk" {
  input = "disk"
}

resource "coder_app" "web" {
  agent_id = coder_agent.main.id
  slug     = "web"
  url      = "http://localhost:8080"
  healthcheck {
    url       = "http://localhost:8080/health"
    interval  = 5
    threshold = 3
  }
}

resource "coder_script" "tidy" {
  agent_id     = coder_agent.main.id
  display_name = "Tidy"
  script       = "true"
  cron         = "0 0 * * * *"
}

resource "coder_env" "path" {
  agent_id       = coder_agent.main.id
  name           = "PATH"
  value          = "/b"
  merge_strategy = "append"
}

resource "coder_metadata" "disk" {
  resource_id = terraform_data.disk.id
  icon        = "/disk.svg"
  daily_cost  = 3
  item {
    key   = "size"
    value = "10 GB"
  }
}`

test.each(['planSnapshot', 'snapshot'] as const)(
  'agents get their apps, scripts, environment and metadata from a %s',
  async (which) => {
    const built = await build(templateOf(workspace))
    expect(built.diagnostics).toEqual([])
    const { items, diagnostics } = extractResources(built[which])
    expect(diagnostics).toEqual([])
    const computer = items.find(({ name }) => name === 'computer')
    expect(computer?.agents).toHaveLength(1)
    expect(computer?.agents[0]).toMatchObject({
      name: 'main',
      environment: { PATH: '/a:/b' },
      displayApps: ['ssh_helper', 'port_forwarding_helper', 'web_terminal'],
      apps: [
        {
          slug: 'web',
          displayName: 'web',
          sharingLevel: 'owner',
          openIn: 'slim-window',
          healthcheck: { intervalSeconds: 5, threshold: 3 },
        },
      ],
      scripts: [
        {
          displayName: 'Startup Script',
          script: 'echo hi',
          runOnStart: true,
          startBlocksLogin: false,
          logPath: 'coder-startup-script.log',
        },
        { displayName: 'Tidy', cron: '0 0 * * * *', runOnStart: false },
      ],
    })
    expect(items.find(({ name }) => name === 'disk')).toMatchObject({
      icon: '/disk.svg',
      dailyCost: 3,
      metadata: [{ key: 'size', value: '10 GB' }],
      agents: [],
    })
    expect(items.map(({ type }) => type).sort()).toEqual(['coder_env', 'terraform_data', 'terraform_data'])
  },
)

test('the plan of a stop has no ephemeral resources', async () => {
  const { planSnapshot } = await build(templateOf(workspace), { coder: { transition: 'stop', buildId: '' } })
  expect(
    extractResources(planSnapshot)
      .items.map(({ name }) => name)
      .sort(),
  ).toEqual(['disk', 'path'])
})

test('duplicate agent names and app slugs are errors', async () => {
  const agent = (name: string) =>
    `resource "coder_agent" "${name}" {\n  os = "linux"\n  arch = "amd64"\n}\nresource "terraform_data" "${name}" { input = coder_agent.${name}.token }\nresource "coder_app" "${name}" {\n  agent_id = coder_agent.${name}.id\n  slug = "web"\n}\n`
  const { snapshot } = await build(templateOf(agent('Main') + agent('main') + agent('under_score')))
  const summaries = extractResources(snapshot).diagnostics.map(({ summary }) => summary)
  expect(summaries).toContain('Duplicate agent')
  expect(summaries).toContain('Duplicate app slug')
  expect(summaries).toContain('Invalid agent name')
})

test('tags and external authentication are extracted', async () => {
  const template = templateOf(`
data "coder_workspace_tags" "t" { tags = { zone = "eu" } }
data "coder_external_auth" "github" { id = "github" }
output "token" {
  value     = data.coder_external_auth.github.access_token
  sensitive = true
}`)
  const { planSnapshot, diagnostics } = await build(template)
  expect(diagnostics).toEqual([])
  expect(extractTags(planSnapshot)).toEqual({ zone: 'eu' })
  expect(extractExternalAuth(planSnapshot)).toEqual([{ id: 'github', optional: false }])
})
