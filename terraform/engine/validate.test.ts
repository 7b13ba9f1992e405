import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { hasErrors } from '../diagnostics/diagnostic.ts'
import { positionAt } from '../diagnostics/source.ts'
import { coderProvider } from '../providers/coder/provider.ts'
import { terraformProvider } from '../providers/terraform/provider.ts'
import { coderContext } from '../testing/build-fixture.ts'
import { parseTemplate } from './template/template.ts'
import { validateTemplate } from './validate.ts'

const providers = [coderProvider(coderContext()), terraformProvider({ commandEnvironment: {} })]

function validate(...texts: readonly (readonly [string, string])[]) {
  const sources = texts.map(([file, text]) => ({ file, text }))
  return validateTemplate(parseTemplate('/', sources), providers).map(({ severity, summary, range }) => {
    const text = sources.find(({ file }) => file === range?.file)?.text ?? ''
    return `${range?.file}:${positionAt(text, range?.start ?? 0).line} ${severity}: ${summary}`
  })
}

test('expressions with unknown variables, data and resources are valid', () => {
  const found = validate(
    [
      'main.tf',
      `
variable "size" {
  type = number
  validation {
    condition     = var.size > length(var.names)
    error_message = "Not \${var.size}."
  }
}
variable "names" { type = list(object({ name = string, port = optional(number, 80) })) }
data "coder_workspace" "me" {}
resource "terraform_data" "a" {
  count = data.coder_workspace.me.start_count * var.size
  input = { for one in var.names : one.name => one.port + count.index }
}
resource "terraform_data" "b" {
  for_each = { for one in var.names : one.name => one }
  input    = "\${each.key}:\${each.value.port}:\${terraform_data.a[0].id}"
  lifecycle {
    postcondition {
      condition     = self.output != ""
      error_message = "empty"
    }
  }
  provisioner "local-exec" { command = "echo \${self.id}" }
}
check "c" {
  assert {
    condition     = terraform_data.a[0].id != ""
    error_message = "empty"
  }
}
module "m" {
  source   = "./m"
  for_each = terraform_data.b
  name     = each.value.id
}
output "o" { value = [module.m["x"].name, [for key, one in module.m : one.name], terraform_data.a[*].id] }`,
    ],
    ['m/main.tf', 'variable "name" { type = string }\noutput "name" { value = upper(var.name) }'],
  )
  expect(found).toEqual([])
})

test('each error is reported once, in all blocks and modules', () => {
  const found = validate(
    [
      'main.tf',
      `
resource "terraform_data" "a" {
  count = "many"
  inptu = 1
}
output "o" { value = terraform_data.a[0].nmae }
variable "v" {
  validation {
    condition     = var.v.x + "a"
    error_message = "no"
  }
}
module "one" { source = "./m" }
module "two" { source = "./m" }
check "c" {
  assert {
    condition     = lowr(terraform_data.p.id) == 1
    error_message = "no"
  }
}
resource "terraform_data" "p" {
  provisioner "local-exec" { comand = "x" }
  provisioner "puppet" {}
}`,
    ],
    ['m/main.tf', 'locals { x = upper() }'],
  )
  expect(found).toEqual([
    'm/main.tf:1 error: Not enough function arguments',
    'main.tf:3 error: Incorrect value type',
    'main.tf:4 error: Unsupported argument',
    'main.tf:6 error: Unsupported attribute',
    'main.tf:9 error: Invalid operand',
    'main.tf:17 error: Call to unknown function',
    'main.tf:22 error: Unsupported argument',
    'main.tf:22 error: Missing required argument',
    'main.tf:23 warning: Provisioner not available',
  ])
})

test('count and for_each are checked as far as their values are known', () => {
  const found = validate(
    [
      'main.tf',
      `
variable "secrets" {
  type      = map(string)
  sensitive = true
}
variable "names" { type = list(string) }
variable "size" { type = number }
data "coder_workspace" "me" {}
resource "terraform_data" "negative" { count = -1 }
resource "terraform_data" "fraction" { count = 1.5 }
resource "terraform_data" "null" { count = null }
resource "terraform_data" "tuple" { for_each = ["a", "b"] }
resource "terraform_data" "list" { for_each = var.names }
resource "terraform_data" "numbers" { for_each = toset([1, 2]) }
resource "terraform_data" "text" { for_each = data.coder_workspace.me.name }
resource "terraform_data" "sensitive" { for_each = var.secrets }
module "m" {
  source = "./m"
  count  = -2
}
resource "terraform_data" "valid" { count = var.size }
resource "terraform_data" "set" { for_each = toset(var.names) }
resource "terraform_data" "map" { for_each = { for name in var.names : name => name } }
resource "terraform_data" "object" { for_each = { a = data.coder_workspace.me.name } }`,
    ],
    ['m/main.tf', ''],
  )
  expect(found).toEqual([
    'main.tf:9 error: Invalid count argument',
    'main.tf:10 error: Invalid count argument',
    'main.tf:11 error: Invalid count argument',
    'main.tf:12 error: Invalid for_each argument',
    'main.tf:13 error: Invalid for_each argument',
    'main.tf:14 error: Invalid for_each argument',
    'main.tf:15 error: Invalid for_each argument',
    'main.tf:16 error: Invalid for_each argument',
    'main.tf:19 error: Invalid count argument',
  ])
})

test('a missing provider is a warning, and the expressions of its blocks are validated', () => {
  const found = validate([
    'main.tf',
    `
terraform {
  required_providers {
    docker = { source = "kreuzwerker/docker" }
  }
}
provider "docker" { host = "unix:///x" }
resource "docker_container" "c" {
  anything = docker_image.i.name
  host {
    ip = upper(docker_image.i.id)
  }
  dynamic "volumes" {
    for_each = ["a"]
    content { path = volumes.value }
  }
}
resource "docker_image" "i" { name = lowr("x") }`,
  ])
  expect(found).toEqual(['main.tf:8 warning: Provider not bundled', 'main.tf:18 error: Call to unknown function'])
})

test('errors that only a plan rejects are warnings', () => {
  const found = validate(
    [
      'main.tf',
      `data "coder_parameter" "shape" {
  name = "shape"
  option {
    name  = "a"
    value = "1"
  }
  option {
    name  = "b"
    value = "1"
  }
}
data "coder_parameter" "once" {
  name      = "once"
  mutable   = true
  ephemeral = true
}
data "coder_parameter" "bounds" {
  name = "bounds"
  type = "number"
  validation {
    min = 1.5
  }
}
resource "terraform_data" "b" {}
moved {
  from = terraform_data.b
  to   = terraform_data.c
}
import {
  to = terraform_data.d
  id = "x"
}
module "m" {
  source = "./m"
}
`,
    ],
    ['m/main.tf', 'terraform {\n  backend "nonsense" {}\n}\n'],
  )
  expect(found).toEqual([
    'm/main.tf:2 warning: Backend configuration ignored',
    'main.tf:9 warning: Duplicate option',
    'main.tf:15 warning: Invalid parameter',
    'main.tf:21 error: Invalid validation',
    'main.tf:25 warning: Moved object still exists',
  ])
})

test('a variable without a value keeps its sensitive and ephemeral marks', () => {
  const found = validate([
    'main.tf',
    'variable "a" {\n  ephemeral = true\n}\nvariable "b" {\n  sensitive = true\n}\noutput "a" {\n  value = var.a\n}\noutput "b" {\n  value = var.b\n}\n',
  ])
  expect(found).toEqual([
    'main.tf:8 error: Output does not allow ephemeral value',
    'main.tf:10 error: Output refers to sensitive values',
  ])
})

test('the starter template "this computer" is valid', () => {
  const file = 'main.tf'
  const dir = new URL('../../templates/', import.meta.url)
  const text = readFileSync(new URL('this-computer/main.tf', dir), 'utf8')
  const found = validateTemplate(parseTemplate('/', [{ file, text }]), providers)
  expect(hasErrors(found)).toBe(false)
})
