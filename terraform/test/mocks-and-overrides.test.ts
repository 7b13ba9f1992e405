import { expect, test } from 'vitest'
import { harborCluster, harborGate } from './testing/fixtures.ts'
import { runTests, summarizeRuns } from './testing/run-tests.ts'

test('mock values apply to attributes and blocks, and the template overrides them', async () => {
  const outcome = await runTests(
    harborCluster,
    `mock_provider "harbor" {
  mock_resource "harbor_quay" {
    defaults = {
      length  = 99
      id      = "quay"
      mooring = { number = 7 }
    }
  }
  override_resource {
    target = harbor_ship.fleet
    values = { position = { berth = "north" } }
  }
  mock_data "harbor_tide" {
    defaults = { report = "{\\"level\\":3}" }
  }
}
run "plan" {
  command = plan
  assert {
    condition     = harbor_quay.home.id == "quay" && harbor_quay.home.length == "2" && harbor_ship.fleet["b"].quay == 7
    error_message = "quay"
  }
  assert {
    condition     = coder_metadata.quay.item[0].value == "north,north" && output.tide == 3
    error_message = "ships"
  }
}
`,
  )
  expect(summarizeRuns(outcome)).toEqual([['plan', 'pass']])
})

test('values of mocks and overrides can call functions', async () => {
  const outcome = await runTests(
    harborCluster,
    `mock_provider "harbor" {
  mock_resource "harbor_ship" {
    defaults = { position = { berth = upper("north") } }
  }
}
override_data {
  target = data.harbor_tide.now
  values = { report = jsonencode({ level = max(3, 7) }) }
}
run "apply" {
  override_resource {
    target = harbor_quay.home
    values = { id = join("-", ["quay", "7"]) }
  }
  assert {
    condition     = output.tide == 7 && coder_metadata.quay.resource_id == "quay-7" && local.moored["a"] == "NORTH"
    error_message = "tide \${output.tide}"
  }
}
`,
  )
  expect(summarizeRuns(outcome)).toEqual([['apply', 'pass']])
})

test('values of overrides cannot contain references', async () => {
  const outcome = await runTests(
    harborCluster,
    `override_data {
  target = data.harbor_tide.now
  values = { report = upper(var.report) }
}
run "none" {}
`,
  )
  expect(outcome.status).toBe('error')
  expect(outcome.file.diagnostics.map(({ summary }) => summary)).toEqual(['Variables not allowed'])
})

test('an unknown field in an override is ignored with a warning', async () => {
  const outcome = await runTests(
    { 'main.tf': 'data "coder_workspace" "me" {}\noutput "name" {\n  value = data.coder_workspace.me.name\n}\n' },
    `run "old" {
  command = plan
  override_data {
    target = data.coder_workspace.me
    values = {
      name  = "otter"
      owner = "an older attribute"
    }
  }
  assert {
    condition     = output.name == "otter"
    error_message = "name"
  }
}
`,
  )
  expect(summarizeRuns(outcome)).toEqual([['old', 'pass', 'Unknown field "owner" in override']])
})

test('conditions about mocked and overridden values are checked', async () => {
  const outcome = await runTests(
    harborGate,
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
  expect(summarizeRuns(outcome)).toEqual([
    ['storm', 'pass'],
    ['calm', 'pass'],
  ])
})
