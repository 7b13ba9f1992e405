terraform {
  required_providers {
    coder = {
      source = "coder/coder"
    }
  }
}
variable "agent_id" {
  type = string
}
data "coder_workspace" "here" {}
resource "coder_script" "hello" {
  agent_id     = var.agent_id
  display_name = "hello"
  script       = "echo ${data.coder_workspace.here.name}"
  run_on_start = true
}
output "script" {
  value = coder_script.hello.script
}
