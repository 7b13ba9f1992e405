// Tests of modules whose providers or modules are not here: nothing fails for that, and a note says so.

import { expect, test } from 'vitest'
import type { Source } from '../diagnostics/source.ts'
import { parseTemplate } from '../engine/template/template.ts'
import { bundledProviders } from '../providers/bundled.ts'
import { defaultCoderContext } from '../providers/coder/default-context.ts'
import { decodeTestFile } from './decode-test-file.ts'
import { type FileOutcome, runTestFile } from './run-test-file.ts'

const host = { dataDir: '/nowhere', workspaceId: 'none', agentBinDir: '', environment: {}, bootId: '' }

async function run(sources: Readonly<Record<string, string>>, tests: string): Promise<FileOutcome> {
  const files = Object.entries(sources).map(([file, text]): Source => ({ file, text }))
  return await runTestFile(decodeTestFile({ file: 'main.tftest.hcl', text: tests }, '/'), {
    template: parseTemplate('/', files, { allowsMissingModules: true }),
    providers: bundledProviders(defaultCoderContext(), host),
    globals: new Map(),
    openModule: () => {
      throw new Error('no other module')
    },
    isStopped: () => false,
    signal: new AbortController().signal,
    onEvent: () => undefined,
  })
}

const told = ({ runs }: FileOutcome) =>
  runs.map(({ run: { name }, status, diagnostics }) => [name, status, ...diagnostics.map(({ summary }) => summary)])

const cluster = {
  'main.tf': `terraform {
  required_providers {
    harbour = { source = "example/harbour" }
  }
}
data "coder_workspace" "me" {}
data "coder_parameter" "berths" {
  name    = "berths"
  type    = "number"
  default = 2
}
resource "coder_agent" "main" {
  os   = "linux"
  arch = "amd64"
}
data "harbour_tide" "now" {
  port = "north"
}
locals {
  tide   = try(jsondecode(data.harbour_tide.now.report), { level = 0 })
  moored = { for name, ship in harbour_ship.fleet : name => ship.position.berth }
}
resource "harbour_quay" "home" {
  length = data.coder_parameter.berths.value
  mooring {
    lines = ["bow", "stern"]
    rope {
      thick = true
    }
  }
  lifecycle {
    ignore_changes = all
  }
}
resource "harbour_ship" "fleet" {
  for_each = data.coder_workspace.me.start_count == 1 ? toset(["a", "b"]) : toset([])
  quay     = harbour_quay.home.mooring.0.number
  token    = coder_agent.main.token
}
resource "coder_metadata" "quay" {
  resource_id = harbour_quay.home.id
  item {
    key   = "berths"
    value = join(",", values(local.moored))
  }
}
output "tide" {
  value = local.tide.level
}
`,
}

test('resources of a provider that is not here are mocked by what is asked of them', async () => {
  const outcome = await run(
    cluster,
    `run "plan" {
  command = plan
  assert {
    condition     = harbour_quay.home.length == 2 && harbour_quay.home.mooring[0].lines == tolist(["bow", "stern"])
    error_message = "as written, whatever its type"
  }
  assert {
    condition     = harbour_quay.home.mooring[0].rope[0].colour == null && harbour_quay.home.id != ""
    error_message = "unset inside of a block, computed outside"
  }
  assert {
    condition     = output.tide == 0 && length(harbour_ship.fleet) == 2
    error_message = "what is made up is no JSON"
  }
}
run "apply" {
  assert {
    condition     = coder_metadata.quay.resource_id == harbour_quay.home.id && length(local.moored["a"]) > 0
    error_message = "known after an apply"
  }
}
run "stop" {
  override_data {
    target = data.coder_workspace.me
    values = { start_count = 0 }
  }
  override_data {
    target = data.coder_parameter.berths
    values = { value = "9" }
  }
  assert {
    condition     = harbour_quay.home.length == 2 && length(harbour_ship.fleet) == 0
    error_message = "what stays is kept as it is"
  }
}
run "wrong" {
  command = plan
  assert {
    condition     = harbour_quay.home.mooring[0].lines[0] == "stern"
    error_message = "a mistake is one all the same"
  }
}
`,
  )
  expect(told(outcome)).toEqual([
    ['plan', 'pass'],
    ['apply', 'pass'],
    ['stop', 'pass'],
    ['wrong', 'fail', 'Test assertion failed'],
  ])
  expect(outcome.notes).toEqual([expect.stringContaining('"example/harbour" is not bundled')])
  expect(outcome.cleanup).toEqual([])
})

test('blocks that are left away and asked for are made up, and provisioners of what is made up do not run', async () => {
  const outcome = await run(
    {
      'main.tf': `variable "has_deck" {
  default = false
}
resource "harbour_ship" "a" {
  dynamic "deck" {
    for_each = var.has_deck ? [1] : []
    content {
      planks = 3
    }
  }
  provisioner "local-exec" {
    command = "false"
  }
}
output "planks" {
  value = harbour_ship.a.deck[0].planks
}
`,
    },
    `run "without" {
  assert {
    condition     = length(output.planks) > 0
    error_message = "made up"
  }
}
run "with" {
  command = plan
  variables {
    has_deck = true
  }
  assert {
    condition     = output.planks == 3
    error_message = "as written"
  }
}
`,
  )
  expect(told(outcome)).toEqual([
    ['without', 'pass'],
    ['with', 'pass'],
  ])
})

test('values of mocks go into blocks and beside them, below what the template sets', async () => {
  const outcome = await run(
    cluster,
    `mock_provider "harbour" {
  mock_resource "harbour_quay" {
    defaults = {
      length  = 99
      id      = "quay"
      mooring = { number = 7 }
    }
  }
  override_resource {
    target = harbour_ship.fleet
    values = { position = { berth = "north" } }
  }
  mock_data "harbour_tide" {
    defaults = { report = "{\\"level\\":3}" }
  }
}
run "plan" {
  command = plan
  assert {
    condition     = harbour_quay.home.id == "quay" && harbour_quay.home.length == "2" && harbour_ship.fleet["b"].quay == 7
    error_message = "quay"
  }
  assert {
    condition     = coder_metadata.quay.item[0].value == "north,north" && output.tide == 3
    error_message = "ships"
  }
}
`,
  )
  expect(told(outcome)).toEqual([['plan', 'pass']])
})

const withModule = {
  'main.tf': `variable "agent_id" {
  default = "x"
}
module "sync" {
  count    = 1
  source   = "registry.example.com/tools/sync/coder"
  agent_id = var.agent_id
}
module "named" {
  source = "registry.example.com/tools/names/coder"
}
resource "coder_script" "after" {
  agent_id     = var.agent_id
  display_name = module.named.title
  script       = join(" ", module.sync[0].scripts)
  run_on_start = true
}
output "scripts" {
  value = module.sync[0].scripts
}
`,
}

test('what a module that is not here would give can not be judged, and fails nothing', async () => {
  const outcome = await run(
    withModule,
    `run "plan" {
  command = plan
  assert {
    condition     = length(output.scripts) == 2 && module.named.title == "x"
    error_message = "nobody knows"
  }
}
run "apply" {
  assert {
    condition     = coder_script.after.agent_id == "x" && length(module.sync) == 1
    error_message = "known"
  }
}
`,
  )
  expect(told(outcome)).toEqual([
    ['plan', 'pass', 'Assertion not judged'],
    ['apply', 'pass'],
  ])
  expect(outcome.notes).toHaveLength(2)
})

test('an override takes the place of a module that is not here', async () => {
  const outcome = await run(
    withModule,
    `override_module {
  target  = module.sync
  outputs = { scripts = ["one", "two"] }
}
override_module {
  target  = module.named
  outputs = { title = "Names" }
}
run "plan" {
  command = plan
  assert {
    condition     = coder_script.after.script == "one two" && coder_script.after.display_name == "Names"
    error_message = "overridden"
  }
  assert {
    condition     = length(output.scripts) == 3
    error_message = "two"
  }
}
`,
  )
  expect(told(outcome)).toEqual([['plan', 'fail', 'Test assertion failed']])
  expect(outcome.notes).toEqual([])
})

test('values of mocks and overrides may call functions', async () => {
  const outcome = await run(
    cluster,
    `mock_provider "harbour" {
  mock_resource "harbour_ship" {
    defaults = { position = { berth = upper("north") } }
  }
}
override_data {
  target = data.harbour_tide.now
  values = { report = jsonencode({ level = max(3, 7) }) }
}
run "apply" {
  override_resource {
    target = harbour_quay.home
    values = { id = join("-", ["quay", "7"]) }
  }
  assert {
    condition     = output.tide == 7 && coder_metadata.quay.resource_id == "quay-7" && local.moored["a"] == "NORTH"
    error_message = "tide \${output.tide}"
  }
}
`,
  )
  expect(told(outcome)).toEqual([['apply', 'pass']])
})

test('values of overrides do not refer to anything', async () => {
  const outcome = await run(
    cluster,
    `override_data {
  target = data.harbour_tide.now
  values = { report = upper(var.report) }
}
run "none" {}
`,
  )
  expect(outcome.status).toBe('error')
  expect(outcome.file.diagnostics.map(({ summary }) => summary)).toEqual(['Variables not allowed'])
})

test('changes of arguments may be ignored that nobody knows here', async () => {
  const outcome = await run(
    {
      'main.tf': `resource "harbour_ship" "fleet" {
  name = "first"
  hold {
    size = 1
  }
  lifecycle {
    ignore_changes = [name, flags, hold[0].cargo, crew["captain"]]
  }
}
`,
    },
    `run "make" {}
run "again" {
  assert {
    condition     = harbour_ship.fleet.name == "first" && harbour_ship.fleet.hold[0].size == 1
    error_message = "as it was"
  }
}
`,
  )
  expect(told(outcome)).toEqual([
    ['make', 'pass'],
    ['again', 'pass'],
  ])
})

test('what is gone through may be of a provider that is not here', async () => {
  const outcome = await run(
    {
      'main.tf': `resource "harbour_quay" "home" {}
resource "harbour_ship" "fleet" {
  dynamic "rope" {
    for_each = nonsensitive(harbour_quay.home.ropes)
    content {
      name = rope.value
    }
  }
}
resource "coder_agent" "main" {
  os   = "linux"
  arch = "amd64"
  dynamic "metadata" {
    for_each = harbour_quay.home.meters
    content {
      key      = metadata.key
      script   = metadata.value
      interval = 5
    }
  }
}
locals {
  names = [for name in harbour_quay.home.names : upper(name)]
  all   = harbour_quay.home.list[*].name
  text  = "%{for name in harbour_quay.home.names}\${name}%{endfor}"
}
output "names" {
  value = join(",", concat(local.names, local.all, [local.text]))
}
`,
    },
    `run "plan" {
  command = plan
}
run "apply" {}
`,
  )
  expect(told(outcome)).toEqual([
    ['plan', 'pass'],
    ['apply', 'pass'],
  ])
})

test('a field that a type does not have is told and ignored', async () => {
  const outcome = await run(
    { 'main.tf': 'data "coder_workspace" "me" {}\noutput "name" {\n  value = data.coder_workspace.me.name\n}\n' },
    `run "old" {
  command = plan
  override_data {
    target = data.coder_workspace.me
    values = {
      name  = "otter"
      owner = "who was named here once"
    }
  }
  assert {
    condition     = output.name == "otter"
    error_message = "name"
  }
}
`,
  )
  expect(told(outcome)).toEqual([['old', 'pass', 'Unknown field "owner" in override']])
})

test('a test file with a mistake is told where it is, and runs nothing', async () => {
  const outcome = await run(
    { 'main.tf': 'output "a" {\n  value = 1\n}\n' },
    `run "a" {
  command = validate
  asert {
    condition = true
  }
}
run "b" {
  expect_failures = [local.x]
  assert {
    condition     = true
    error_message = "x"
  }
}
`,
  )
  expect(told(outcome)).toEqual([
    ['a', 'skip'],
    ['b', 'skip'],
  ])
  expect(outcome.status).toBe('error')
  expect(outcome.file.diagnostics.map(({ summary }) => summary)).toEqual([
    'Unsupported block type',
    'Invalid "command" keyword',
    'Invalid assert expression',
    'Invalid `expect_failures` reference',
  ])
})

const rest = {
  'main.tf': `terraform {
  required_providers {
    harbour = { source = "example/harbour", configuration_aliases = [harbour.north] }
    weather = { source = "example/weather" }
  }
}
data "weather_report" "now" {
  lifecycle {
    postcondition {
      condition     = self.wind < 12
      error_message = "a storm: \${self.wind}"
    }
  }
}
check "calm" {
  data "weather_report" "later" {}
  assert {
    condition     = data.weather_report.later.wind == 0
    error_message = "wind"
  }
}
ephemeral "harbour_pass" "pilot" {}
resource "harbour_gate" "main" {
  provider = harbour.north
  width    = provider::harbour::feet("12m")
  code_wo  = ephemeral.harbour_pass.pilot.code
}
import {
  to = harbour_gate.main
  id = "main"
}
output "depth" {
  value = provider::tides::depth(harbour_gate.main.id, null)
}
`,
}

test('nothing is held against what only a provider knows that is not here', async () => {
  const outcome = await run(
    rest,
    `run "all" {
  assert {
    condition     = harbour_gate.main.code_wo == null && harbour_gate.main.id != ""
    error_message = "what is handed over is not kept"
  }
}
`,
  )
  expect(told(outcome)).toEqual([['all', 'pass']])
  expect(outcome.notes.map((note) => /"(.*?)"/.exec(note)?.[1]).sort()).toEqual([
    'example/harbour',
    'example/weather',
    'hashicorp/tides',
  ])
})

test('conditions on what a test has said itself are judged', async () => {
  const outcome = await run(
    rest,
    `mock_provider "weather" {
  mock_data "weather_report" {
    defaults = { wind = 20 }
  }
}
run "storm" {
  command         = plan
  expect_failures = [data.weather_report.now, check.calm]
}
run "calm" {
  command = plan
  override_data {
    target = data.weather_report.now
    values = { wind = 3 }
  }
  override_data {
    target = data.weather_report.later
    values = { wind = 0 }
  }
}
`,
  )
  expect(told(outcome)).toEqual([
    ['storm', 'pass'],
    ['calm', 'pass'],
  ])
})

test('what a module gives that is not here is made up where objects are made of it', async () => {
  const outcome = await run(
    {
      'main.tf': `module "region" {
  source = "registry.example/acme/region/map"
}
data "map_chart" "bay" {
  layer {
    region = module.region.value
  }
  scale = module.region.scale
}
data "coder_parameter" "region" {
  name    = "region"
  default = module.region.value
  option {
    name  = "the only one"
    value = module.region.value
  }
}
resource "map_pin" "here" {
  chart = data.map_chart.bay.number
  spot {
    region = module.region.value
  }
}
output "region" {
  value = data.coder_parameter.region.value
}
`,
    },
    `run "plan" {
  command = plan
}
run "apply" {
  assert {
    condition     = output.region != "" && map_pin.here.spot[0].region != ""
    error_message = "made up"
  }
}
`,
  )
  expect(told(outcome)).toEqual([
    ['plan', 'pass'],
    ['apply', 'pass'],
  ])
})

test('how many there are by a module that is not here is not known, and fails nothing', async () => {
  const outcome = await run(
    {
      'main.tf': `module "names" {
  source = "registry.example.com/tools/names/coder"
}
resource "terraform_data" "counted" {
  count = module.names.isOn ? 1 : 0
  input = count.index
}
resource "terraform_data" "each" {
  for_each = toset(module.names.list)
  input    = upper(each.key)
}
resource "terraform_data" "again" {
  for_each = { for key, one in terraform_data.each : key => one.id if can(module.names.map[key]) }
  input    = each.value
}
resource "terraform_data" "switched" {
  lifecycle {
    enabled = try(module.names.isOn, false)
  }
}
output "all" {
  value = [terraform_data.counted[0].id, terraform_data.each["x"].output, length(terraform_data.again)]
}
`,
    },
    `run "plan" {
  command = plan
  assert {
    condition     = terraform_data.counted[0].input == 0
    error_message = "nobody knows"
  }
}
run "apply" {
  assert {
    condition     = alltrue([for one in terraform_data.each : one.input == "X"])
    error_message = "nor then"
  }
}
run "override" {
  override_module {
    target  = module.names
    outputs = { isOn = false, list = ["a", "b"], map = {} }
  }
  assert {
    condition     = length(terraform_data.counted) == 0 && terraform_data.each["b"].input == "B"
    error_message = "known"
  }
}
`,
  )
  expect(told(outcome).map(([name, status]) => [name, status])).toEqual([
    ['plan', 'pass'],
    ['apply', 'pass'],
    ['override', 'error'],
  ])
  expect(told(outcome).flat()).toContain('Assertion not judged')
})

test('a value of a provider that is not here may be of any type', async () => {
  const outcome = await run(
    {
      'main.tf': `data "harbour_tide" "now" {}
resource "harbour_ship" "a" {}
locals {
  labels = { bow = "north" }
  chosen = data.harbour_tide.now.isHigh ? local.labels : data.harbour_tide.now.labels
  other  = true ? harbour_ship.a.cargo : ["none"]
  masts  = [for mast in harbour_ship.a.masts : mast.height + 1]
  crew   = merge(harbour_ship.a.crew, { cook = "Ann" })
  sails  = keys(harbour_ship.a.sails)[0].area
}
resource "terraform_data" "crew" {
  for_each = harbour_ship.a.crew
}
resource "terraform_data" "masts" {
  count = data.harbour_tide.now.level * 2
}
output "report" {
  value = try(jsondecode(data.harbour_tide.now.report), "no JSON")
}
`,
    },
    `run "plan" {
  command = plan
}
run "apply" {
  assert {
    condition     = output.report == "no JSON"
    error_message = "a text is made up where one is needed"
  }
}
`,
  )
  expect(told(outcome)).toEqual([
    ['plan', 'pass'],
    ['apply', 'pass'],
  ])
})
