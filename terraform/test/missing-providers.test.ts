// Tests of templates whose providers are not bundled: stubs replace them, and a note reports it.

import { expect, test } from 'vitest'
import { harborCluster, harborGate } from './testing/fixtures.ts'
import { runTests, summarizeRuns } from './testing/run-tests.ts'

test('resources of a missing provider are mocked with the attributes that the template reads', async () => {
  const outcome = await runTests(
    harborCluster,
    `run "plan" {
  command = plan
  assert {
    condition     = harbor_quay.home.length == 2 && harbor_quay.home.mooring[0].lines == tolist(["bow", "stern"])
    error_message = "the configured value, of any type"
  }
  assert {
    condition     = harbor_quay.home.mooring[0].rope[0].color == null && harbor_quay.home.id != ""
    error_message = "null inside a block, computed outside"
  }
  assert {
    condition     = output.tide == 0 && length(harbor_ship.fleet) == 2
    error_message = "generated values are not JSON"
  }
}
run "apply" {
  assert {
    condition     = coder_metadata.quay.resource_id == harbor_quay.home.id && length(local.moored["a"]) > 0
    error_message = "known after apply"
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
    condition     = harbor_quay.home.length == 2 && length(harbor_ship.fleet) == 0
    error_message = "unchanged objects keep their values"
  }
}
run "wrong" {
  command = plan
  assert {
    condition     = harbor_quay.home.mooring[0].lines[0] == "stern"
    error_message = "a wrong assertion fails"
  }
}
`,
  )
  expect(summarizeRuns(outcome)).toEqual([
    ['plan', 'pass'],
    ['apply', 'pass'],
    ['stop', 'pass'],
    ['wrong', 'fail', 'Test assertion failed'],
  ])
  expect(outcome.notes).toEqual([expect.stringContaining('"example/harbor" is not bundled')])
  expect(outcome.cleanup).toEqual([])
})

test('omitted blocks that the template reads are generated, and provisioners of mocks do not run', async () => {
  const outcome = await runTests(
    {
      'main.tf': `variable "has_deck" {
  default = false
}
resource "harbor_ship" "a" {
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
  value = harbor_ship.a.deck[0].planks
}
`,
    },
    `run "without" {
  assert {
    condition     = length(output.planks) > 0
    error_message = "generated"
  }
}
run "with" {
  command = plan
  variables {
    has_deck = true
  }
  assert {
    condition     = output.planks == 3
    error_message = "configured"
  }
}
`,
  )
  expect(summarizeRuns(outcome)).toEqual([
    ['without', 'pass'],
    ['with', 'pass'],
  ])
})

test('ignore_changes accepts unknown arguments of a missing provider', async () => {
  const outcome = await runTests(
    {
      'main.tf': `resource "harbor_ship" "fleet" {
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
    `run "create" {}
run "again" {
  assert {
    condition     = harbor_ship.fleet.name == "first" && harbor_ship.fleet.hold[0].size == 1
    error_message = "unchanged"
  }
}
`,
  )
  expect(summarizeRuns(outcome)).toEqual([
    ['create', 'pass'],
    ['again', 'pass'],
  ])
})

test('loops, splats and dynamic blocks accept values of a missing provider', async () => {
  const outcome = await runTests(
    {
      'main.tf': `resource "harbor_quay" "home" {}
resource "harbor_ship" "fleet" {
  dynamic "rope" {
    for_each = nonsensitive(harbor_quay.home.ropes)
    content {
      name = rope.value
    }
  }
}
resource "coder_agent" "main" {
  os   = "linux"
  arch = "amd64"
  dynamic "metadata" {
    for_each = harbor_quay.home.meters
    content {
      key      = metadata.key
      script   = metadata.value
      interval = 5
    }
  }
}
locals {
  names = [for name in harbor_quay.home.names : upper(name)]
  all   = harbor_quay.home.list[*].name
  text  = "%{for name in harbor_quay.home.names}\${name}%{endfor}"
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
  expect(summarizeRuns(outcome)).toEqual([
    ['plan', 'pass'],
    ['apply', 'pass'],
  ])
})

test('functions, ephemeral resources, imports and conditions of a missing provider do not fail a run', async () => {
  const outcome = await runTests(
    harborGate,
    `run "all" {
  assert {
    condition     = harbor_gate.main.code_wo == null && harbor_gate.main.id != ""
    error_message = "write-only arguments are not stored"
  }
}
`,
  )
  expect(summarizeRuns(outcome)).toEqual([['all', 'pass']])
  expect(outcome.notes.map((note) => /"(.*?)"/.exec(note)?.[1]).sort()).toEqual([
    'example/harbor',
    'example/weather',
    'hashicorp/tides',
  ])
})

test('a value of a missing provider can have any type', async () => {
  const outcome = await runTests(
    {
      'main.tf': `data "harbor_tide" "now" {}
resource "harbor_ship" "a" {}
locals {
  labels = { bow = "north" }
  chosen = data.harbor_tide.now.isHigh ? local.labels : data.harbor_tide.now.labels
  other  = true ? harbor_ship.a.cargo : ["none"]
  masts  = [for mast in harbor_ship.a.masts : mast.height + 1]
  crew   = merge(harbor_ship.a.crew, { cook = "Ann" })
  sails  = keys(harbor_ship.a.sails)[0].area
}
resource "terraform_data" "crew" {
  for_each = harbor_ship.a.crew
}
resource "terraform_data" "masts" {
  count = data.harbor_tide.now.level * 2
}
output "report" {
  value = try(jsondecode(data.harbor_tide.now.report), "no JSON")
}
`,
    },
    `run "plan" {
  command = plan
}
run "apply" {
  assert {
    condition     = output.report == "no JSON"
    error_message = "generated values are strings"
  }
}
`,
  )
  expect(summarizeRuns(outcome)).toEqual([
    ['plan', 'pass'],
    ['apply', 'pass'],
  ])
})
