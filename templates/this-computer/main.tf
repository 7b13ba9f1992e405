terraform {
  required_providers {
    coder = {
      source = "coder/coder"
    }
    host = {
      source = "coder-local/host"
    }
  }
}

data "coder_workspace" "me" {}

data "coder_provisioner" "me" {}

data "coder_parameter" "folder" {
  name         = "folder"
  display_name = "Folder"
  description  = "The folder in which terminals open. It must exist; the workspace itself does not change or delete its files."
  default      = "~"
  mutable      = true
  order        = 1
}

data "coder_parameter" "shell" {
  name         = "shell"
  display_name = "Shell"
  description  = "The shell of the terminals."
  default      = "login"
  form_type    = "dropdown"
  mutable      = true
  order        = 2

  option {
    name  = "Login shell"
    value = "login"
  }
  option {
    name  = "bash"
    value = "bash"
  }
  option {
    name  = "zsh"
    value = "zsh"
  }
  option {
    name  = "fish"
    value = "fish"
  }
}

locals {
  folder = pathexpand(data.coder_parameter.folder.value)
  # Without SHELL, the agent uses the login shell.
  shell = data.coder_parameter.shell.value == "login" ? {} : { SHELL = data.coder_parameter.shell.value }
}

resource "coder_agent" "main" {
  os   = data.coder_provisioner.me.os
  arch = data.coder_provisioner.me.arch
  dir  = local.folder
  env  = local.shell
}

resource "host_process" "agent" {
  count     = data.coder_workspace.me.start_count
  command   = ["coder", "agent"]
  directory = local.folder

  environment = {
    CODER_AGENT_URL   = data.coder_workspace.me.access_url
    CODER_AGENT_TOKEN = coder_agent.main.token
  }
}
