terraform {
  required_providers {
    coder = {
      source = "coder/coder"
    }
  }
}
provider "coder" {
  alias = "other"
}
variable "start" {
  type    = bool
  default = true
}
data "coder_workspace" "me" {}
data "coder_workspace_owner" "me" {}
data "coder_parameter" "size" {
  name    = "size"
  type    = "number"
  default = 3
  option {
    name  = "three"
    value = 3
  }
  option {
    name  = "five"
    value = 5
  }
}
resource "coder_agent" "main" {
  count = data.coder_workspace.me.start_count
  os    = "linux"
  arch  = "amd64"
  env = {
    SIZE = data.coder_parameter.size.value
  }
}
resource "coder_app" "ide" {
  count    = length(coder_agent.main)
  agent_id = coder_agent.main[0].id
  slug     = "ide"
  url      = "http://localhost:${data.coder_parameter.size.value}"
  healthcheck {
    url       = "http://localhost"
    interval  = 1
    threshold = 2
  }
}
resource "coder_metadata" "info" {
  count       = length(coder_agent.main)
  resource_id = coder_agent.main[0].id
  daily_cost  = 3
  item {
    key   = "owner"
    value = data.coder_workspace_owner.me.name
  }
  item {
    key = "nothing"
  }
}
resource "coder_env" "second" {
  provider = coder.other
  agent_id = "x"
  name     = "A"
  value    = "b"
}
module "inner" {
  source   = "./inner"
  agent_id = try(coder_agent.main[0].id, "")
}
output "name" {
  value = data.coder_workspace.me.name
}
output "size" {
  value = tonumber(data.coder_parameter.size.value)
}
output "token" {
  value     = one(coder_agent.main[*].token)
  sensitive = true
}
output "env_id" {
  value = coder_env.second.id
}
