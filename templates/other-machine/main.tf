terraform {
  required_providers {
    coder = {
      source = "coder/coder"
    }
  }
}

data "coder_workspace" "me" {}

data "coder_parameter" "os" {
  name         = "os"
  display_name = "Operating system"
  default      = "linux"
  form_type    = "dropdown"
  order        = 1

  option {
    name  = "Linux"
    value = "linux"
  }
  option {
    name  = "macOS"
    value = "darwin"
  }
  option {
    name  = "Windows"
    value = "windows"
  }
}

data "coder_parameter" "arch" {
  name         = "arch"
  display_name = "Architecture"
  default      = "amd64"
  form_type    = "dropdown"
  order        = 2

  dynamic "option" {
    for_each = data.coder_parameter.os.value == "linux" ? ["amd64", "arm64", "armv7"] : ["amd64", "arm64"]
    content {
      name  = option.value
      value = option.value
    }
  }
}

data "coder_parameter" "folder" {
  name         = "folder"
  display_name = "Folder"
  description  = "The folder in which terminals open on the machine. Default: the home folder."
  default      = ""
  mutable      = true
  order        = 3
}

resource "coder_agent" "main" {
  os   = data.coder_parameter.os.value
  arch = data.coder_parameter.arch.value
  dir  = data.coder_parameter.folder.value
}

locals {
  is_windows = data.coder_parameter.os.value == "windows"
  url        = data.coder_workspace.me.access_url
  token      = coder_agent.main.token
  command = (
    local.is_windows
    ? "$env:CODER_AGENT_URL='${local.url}'; $env:CODER_AGENT_TOKEN='${local.token}'; coder agent"
    : "CODER_AGENT_URL='${local.url}' CODER_AGENT_TOKEN='${local.token}' coder agent"
  )
}

# Represents the machine, which exists independently of the workspace.
resource "terraform_data" "machine" {
  count            = data.coder_workspace.me.start_count
  input            = { agent = coder_agent.main.id }
  triggers_replace = [coder_agent.main.token]
}

resource "coder_metadata" "machine" {
  count       = data.coder_workspace.me.start_count
  resource_id = terraform_data.machine[0].id

  item {
    key       = "Command for the machine"
    value     = local.command
    sensitive = true
  }
}
