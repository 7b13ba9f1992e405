import { expect, test } from 'vitest'
import { parseTemplate, type Template } from '../engine/template/template.ts'
import type { CoderContext } from '../providers/coder/context.ts'
import { coderContext, templateOf } from '../testing/build-fixture.ts'
import { evaluateForm } from './parameter-form.ts'

const formOf = (template: Template, parameters: Record<string, string> = {}, coder: Partial<CoderContext> = {}) =>
  evaluateForm({
    template,
    variables: {},
    coder: coderContext({ buildId: '', parameters, ...coder }),
    mayReadOutsideModule: false,
  })

const region = templateOf(`
variable "clouds" {
  type    = map(list(string))
  default = { aws = ["eu-central-1", "us-east-1"], hetzner = ["fsn1"] }
}
data "coder_workspace_owner" "me" {}
data "coder_parameter" "cloud" {
  name      = "cloud"
  default   = "aws"
  form_type = "dropdown"
  order     = 1
  dynamic "option" {
    for_each = keys(var.clouds)
    content {
      name  = upper(option.value)
      value = option.value
    }
  }
}
locals {
  regions = var.clouds[data.coder_parameter.cloud.value]
}
data "coder_parameter" "region" {
  count   = length(local.regions) > 1 ? 1 : 0
  name    = "region"
  default = local.regions[0]
  order   = 2
  mutable = true
  styling = jsonencode({ placeholder = "where", disabled = contains(data.coder_workspace_owner.me.groups, "interns") })
  dynamic "option" {
    for_each = local.regions
    content {
      name  = option.value
      value = option.value
    }
  }
}
data "coder_parameter" "cpus" {
  name    = "cpus"
  type    = "number"
  order   = 3
  validation {
    min = 1
    max = contains(data.coder_workspace_owner.me.groups, "interns") ? 2 : 64
  }
}
data "coder_workspace_tags" "here" {
  tags = { cloud = data.coder_parameter.cloud.value }
}
resource "terraform_data" "machine" {
  input = data.coder_parameter.cpus.value
}
data "http" "prices" {
  url = "https://prices.example.test/\${data.coder_parameter.cloud.value}"
}
`)

test('parameters depend on the values of other parameters', async () => {
  const first = await formOf(region)
  expect(first.diagnostics).toEqual([])
  expect(first.parameters.map(({ name, value }) => [name, value])).toEqual([
    ['cloud', 'aws'],
    ['region', 'eu-central-1'],
    ['cpus', null],
  ])
  expect(first.parameters[1]?.options.map(({ value }) => value)).toEqual(['eu-central-1', 'us-east-1'])
  expect(first.tags).toEqual({ cloud: 'aws' })
  const other = await formOf(region, { cloud: 'hetzner', cpus: '4' })
  expect(other.parameters.map(({ name, value }) => [name, value])).toEqual([
    ['cloud', 'hetzner'],
    ['cpus', '4'],
  ])
  expect(other.tags).toEqual({ cloud: 'hetzner' })
})

test('parameters depend on the owner', async () => {
  const { owner } = coderContext()
  const { parameters } = await formOf(region, { cpus: '8' }, { owner: { ...owner, groups: ['interns'] } })
  const [, where, cpus] = parameters
  expect(where?.styling).toBe('{"disabled":true,"placeholder":"where"}')
  expect(cpus?.validation.max).toBe(2)
  expect(cpus?.diagnostics.map(({ detail }) => detail)).toEqual([
    'The value of the parameter "cpus" is 8, but must be from 1 to 2.',
  ])
})

test('an invalid value is kept and has a diagnostic', async () => {
  const { parameters } = await formOf(region, { region: 'mars', cpus: 'many' })
  expect(parameters.slice(1).map(({ value, diagnostics }) => [value, diagnostics[0]?.detail])).toEqual([
    ['mars', 'The value of the parameter "region" must be one of its options (eu-central-1, us-east-1); it is "mars".'],
    ['many', 'The value of the parameter "cpus" must be a number; it is "many".'],
  ])
})

test('a parameter without default and value is missing, without a diagnostic', async () => {
  const { parameters } = await formOf(region)
  expect(parameters[2]).toMatchObject({
    required: true,
    isMissing: true,
    defaultValue: null,
    value: null,
    diagnostics: [],
  })
})

test('an invalid parameter is shown as an error and does not hide the others', async () => {
  const { parameters, diagnostics } = await formOf(
    templateOf(`
data "coder_parameter" "a" {
  name      = "a"
  default   = "x"
  form_type = "slider"
}
data "coder_parameter" "b" {
  name    = "b"
  default = "of \${data.coder_parameter.a.value}"
}
data "coder_parameter" "c" {
  name    = "c"
  default = "c"
}`),
  )
  expect(diagnostics).toEqual([])
  expect(parameters.map(({ name, formType }) => [name, formType])).toEqual([
    ['a', 'error'],
    ['b', 'input'],
    ['c', 'input'],
  ])
  expect(parameters[0]?.diagnostics[0]?.detail).toContain('Use one of: input, textarea')
})

test('an invalid template has no parameters and a diagnostic', async () => {
  const { parameters, diagnostics } = await formOf(templateOf('data "coder_parameter" "a" {'))
  expect(parameters).toEqual([])
  expect(diagnostics[0]?.severity).toBe('error')
})

test('duplicate parameters are reported and shown once', async () => {
  const { parameters, diagnostics } = await formOf(
    templateOf(`
data "coder_parameter" "a" {
  count   = 2
  name    = "a"
  default = "x"
}`),
  )
  expect(parameters.map(({ name }) => name)).toEqual(['a'])
  expect(diagnostics.map(({ summary }) => summary)).toEqual(['Duplicate parameter'])
})

test('each module instance has its own parameters', async () => {
  const template = parseTemplate('/', [
    {
      file: 'main.tf',
      text: `
data "coder_parameter" "editors" {
  name    = "editors"
  type    = "list(string)"
  default = jsonencode(["vim"])
}
module "editor" {
  for_each = toset(jsondecode(data.coder_parameter.editors.value))
  source   = "./editor"
  name     = each.key
}`,
    },
    {
      file: 'editor/main.tf',
      text: `
variable "name" {}
data "coder_parameter" "version" {
  name    = "\${var.name}-version"
  default = "latest"
}`,
    },
  ])
  const names = async (inputs?: Record<string, string>) =>
    (await formOf(template, inputs)).parameters.map(({ name }) => name)
  expect(await names()).toEqual(['editors', 'vim-version'])
  expect(await names({ editors: '["emacs","vim"]' })).toEqual(['editors', 'emacs-version', 'vim-version'])
  expect(await names({ editors: '[]' })).toEqual(['editors'])
})

test('values of other providers are unknown, and a count from them is an error', async () => {
  const { parameters, diagnostics } = await formOf(
    templateOf(`
data "http" "sizes" {
  url = "https://sizes.example.test"
}
data "coder_parameter" "a" {
  name    = "a"
  default = data.http.sizes.response_body
}
data "coder_parameter" "b" {
  count   = length(data.http.sizes.response_body)
  name    = "b"
  default = "b"
}`),
  )
  expect(parameters.map(({ name, value }) => [name, value])).toEqual([['a', null]])
  expect(diagnostics).toHaveLength(1)
})

test('an unbounded computation is stopped', async () => {
  const { diagnostics } = await formOf(
    templateOf(`
locals {
  many = [for a in range(1000) : [for b in range(1000) : [for c in range(1000) : c]]]
}
data "coder_parameter" "a" {
  name    = "a"
  default = length(local.many)
}`),
  )
  expect(diagnostics[0]?.severity).toBe('error')
})

test('options from another provider are unknown, without a diagnostic', async () => {
  const { parameters, diagnostics } = await formOf(
    templateOf(`
data "http" "sizes" {
  url = "https://sizes.example.test"
}
data "coder_parameter" "a" {
  name      = "a"
  default   = "s"
  form_type = "dropdown"
  dynamic "option" {
    for_each = jsondecode(data.http.sizes.response_body)
    content {
      name  = option.value
      value = option.value
    }
  }
}`),
  )
  expect(diagnostics).toEqual([])
  expect(parameters).toMatchObject([{ name: 'a', formType: 'dropdown', value: 's', diagnostics: [] }])
})
