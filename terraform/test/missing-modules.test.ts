// Tests of templates whose modules are missing: stubs replace them, and a note reports it.

import { expect, test } from 'vitest'
import { runTests, summarizeRuns } from './testing/run-tests.ts'

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

test('an assertion about the outputs of a missing module is skipped with a warning', async () => {
  const outcome = await runTests(
    withModule,
    `run "plan" {
  command = plan
  assert {
    condition     = length(output.scripts) == 2 && module.named.title == "x"
    error_message = "unknown"
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
  expect(summarizeRuns(outcome)).toEqual([
    ['plan', 'pass', 'Assertion not evaluated'],
    ['apply', 'pass'],
  ])
  expect(outcome.notes).toHaveLength(2)
})

test('an override replaces a missing module', async () => {
  const outcome = await runTests(
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
  expect(summarizeRuns(outcome)).toEqual([['plan', 'fail', 'Test assertion failed']])
  expect(outcome.notes).toEqual([])
})

test('outputs of a missing module are generated when objects use them', async () => {
  const outcome = await runTests(
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
    error_message = "generated"
  }
}
`,
  )
  expect(summarizeRuns(outcome)).toEqual([
    ['plan', 'pass'],
    ['apply', 'pass'],
  ])
})

test('count and for_each from a missing module are unknown and do not fail a run', async () => {
  const outcome = await runTests(
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
    error_message = "unknown"
  }
}
run "apply" {
  assert {
    condition     = alltrue([for one in terraform_data.each : one.input == "X"])
    error_message = "still unknown"
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
  expect(summarizeRuns(outcome).map(([name, status]) => [name, status])).toEqual([
    ['plan', 'pass'],
    ['apply', 'pass'],
    ['override', 'error'],
  ])
  expect(summarizeRuns(outcome).flat()).toContain('Assertion not evaluated')
})
