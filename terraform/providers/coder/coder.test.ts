import { expect, test } from 'vitest'
import { parseTemplate } from '../../engine/template/template.ts'
import { validateTemplate } from '../../engine/validate.ts'
import { extractResources } from '../../extraction/extract-resources.ts'
import {
  extractExternalAuth,
  extractParameters,
  extractPresets,
  extractTags,
  extractVariables,
} from '../../extraction/extract-template-data.ts'
import { build, coderContext, templateOf } from '../../testing/scene.ts'
import { coderProvider } from './provider.ts'

const parameter = (body: string) =>
  templateOf(
    `data "coder_parameter" "p" {\n  name = "size"\n${body}\n}\noutput "value" { value = data.coder_parameter.p.value }`,
  )
const readValue = async (body: string, given?: string) => {
  const { state, diagnostics } = await build(parameter(body), {
    coder: { parameters: given === undefined ? {} : { size: given } },
  })
  return diagnostics.length > 0 ? diagnostics.map(({ detail }) => detail).join('\n') : state.outputs.value?.value
}

test('a parameter is what was given, or its default', async () => {
  expect(await readValue('default = "m"')).toBe('m')
  expect(await readValue('default = "m"', 'l')).toBe('l')
})

test('a value that is missing, of the wrong type or against the rules is told with the name of the parameter', async () => {
  expect(await readValue('')).toContain('"size" has no default')
  expect(await readValue('type = "number"', 'x')).toContain('"size" must be a number')
  expect(await readValue('type = "bool"', 'yes')).toContain('"size" must be true or false')
  for (const given of ['True', '0', 'f']) expect(await readValue('type = "bool"', given)).toBe(given)
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

test('several options chosen together make a list, each of them a plain text', async () => {
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

test('options that nobody knows yet go with any form', () => {
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

test('a script that nothing ever runs is refused when it is to be made', async () => {
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

test('a declaration that makes no sense is told', async () => {
  expect(await readValue('type = "numbr"')).toContain('must be one of: string')
  expect(await readValue('default = "x"\nform_type = "slider"')).toContain('Use one of: input, textarea')
  expect(await readValue('ephemeral = true\ndefault = "x"')).toContain('must also be mutable')
  expect(await readValue('default = "x"\nvalidation {\n  min = 1\n}')).toContain(
    '"min" is only valid for number parameters',
  )
})

test('options of a list are its elements where several may be chosen, and whole lists where one may', async () => {
  const option = (value: string) => `option {\n  name = "a"\n  value = ${value}\n}`
  const many = `type = "list(string)"\nform_type = "multi-select"\n${option('"a"')}`
  expect(await readValue(many, '["a"]')).toBe('["a"]')
  expect(await readValue(many, '["b"]')).toContain('one of its options (a)')
  expect(await readValue(`type = "list(string)"\n${option('"a"')}`)).toContain('list of strings in JSON')
  expect(await readValue(`type = "list(string)"\n${option('jsonencode(["a"])')}`, '["a"]')).toBe('["a"]')
})

test('at import a parameter without a value is no error', async () => {
  const { diagnostics, planSnapshot } = await build(parameter(''), { coder: { buildId: '' } })
  expect(diagnostics).toEqual([])
  expect(extractParameters(planSnapshot).items).toMatchObject([
    { name: 'size', required: true, defaultValue: '', formType: 'input' },
  ])
})

test('two parameters of one name, two defaults among presets are told', async () => {
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

test('variables are told with type, default and whether they are needed, secrets without value', () => {
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
  'agents, apps, scripts, environment and metadata are bound in a %s',
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

test('what a stop plan leaves out is ephemeral', async () => {
  const { planSnapshot } = await build(templateOf(workspace), { coder: { transition: 'stop', buildId: '' } })
  expect(
    extractResources(planSnapshot)
      .items.map(({ name }) => name)
      .sort(),
  ).toEqual(['disk', 'path'])
})

test('names that can not be told apart are refused', async () => {
  const agent = (name: string) =>
    `resource "coder_agent" "${name}" {\n  os = "linux"\n  arch = "amd64"\n}\nresource "terraform_data" "${name}" { input = coder_agent.${name}.token }\nresource "coder_app" "${name}" {\n  agent_id = coder_agent.${name}.id\n  slug = "web"\n}\n`
  const { snapshot } = await build(templateOf(agent('Main') + agent('main') + agent('under_score')))
  const told = extractResources(snapshot).diagnostics.map(({ summary }) => summary)
  expect(told).toContain('Duplicate agent')
  expect(told).toContain('Duplicate app slug')
  expect(told).toContain('Invalid agent name')
})

test('tags and external accounts are read out', async () => {
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
