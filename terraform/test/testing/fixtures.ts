// Templates that several tests of missing providers share.

/** A template of a provider that is not bundled. */
export const harborCluster = {
  'main.tf': `terraform {
  required_providers {
    harbor = { source = "example/harbor" }
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
data "harbor_tide" "now" {
  port = "north"
}
locals {
  tide   = try(jsondecode(data.harbor_tide.now.report), { level = 0 })
  moored = { for name, ship in harbor_ship.fleet : name => ship.position.berth }
}
resource "harbor_quay" "home" {
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
resource "harbor_ship" "fleet" {
  for_each = data.coder_workspace.me.start_count == 1 ? toset(["a", "b"]) : toset([])
  quay     = harbor_quay.home.mooring.0.number
  token    = coder_agent.main.token
}
resource "coder_metadata" "quay" {
  resource_id = harbor_quay.home.id
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

/** A template with functions, ephemeral resources, imports and conditions of providers that are not bundled. */
export const harborGate = {
  'main.tf': `terraform {
  required_providers {
    harbor = { source = "example/harbor", configuration_aliases = [harbor.north] }
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
ephemeral "harbor_pass" "pilot" {}
resource "harbor_gate" "main" {
  provider = harbor.north
  width    = provider::harbor::feet("12m")
  code_wo  = ephemeral.harbor_pass.pilot.code
}
import {
  to = harbor_gate.main
  id = "main"
}
output "depth" {
  value = provider::tides::depth(harbor_gate.main.id, null)
}
`,
}
