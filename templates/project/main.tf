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

data "coder_parameter" "repository" {
  name         = "repository"
  display_name = "Repository"
  description  = "The Git repository to clone at the first start. Leave it empty for an empty folder."
  default      = ""
  order        = 1
  styling      = jsonencode({ placeholder = "https://example.com/me/project.git" })

  validation {
    regex = "^$|^(https?://|ssh://|git://|file://|/|[A-Za-z0-9._-]+@)\\S+$"
    error = "The repository must be an address that Git can clone: https://…, ssh://… or user@host:path."
  }
}

data "coder_parameter" "branch" {
  count        = local.has_repository ? 1 : 0
  name         = "branch"
  display_name = "Branch"
  description  = "Default: the default branch of the repository."
  default      = ""
  order        = 2

  validation {
    regex = "^$|^[A-Za-z0-9][A-Za-z0-9._/+-]*$"
    error = "The value must be the name of a branch."
  }
}

data "coder_parameter" "depth" {
  count        = local.has_repository ? 1 : 0
  name         = "depth"
  display_name = "Depth"
  default      = "full"
  form_type    = "radio"
  order        = 3

  option {
    name  = "Whole history"
    value = "full"
  }
  option {
    name  = "Last commit only"
    value = "last"
  }
}

locals {
  has_repository = data.coder_parameter.repository.value != ""
  branch         = try(data.coder_parameter.branch[0].value, "")
  is_shallow     = try(data.coder_parameter.depth[0].value, "full") == "last"
}

resource "host_folder" "files" {
  name = "files"
}

resource "coder_agent" "main" {
  os   = data.coder_provisioner.me.os
  arch = data.coder_provisioner.me.arch
  dir  = host_folder.files.path

  # Environment variables instead of interpolation, so that the shell never parses the values.
  env = {
    PROJECT_REPOSITORY = data.coder_parameter.repository.value
    PROJECT_BRANCH     = local.branch
    PROJECT_DEPTH      = local.is_shallow ? "1" : ""
  }

  metadata {
    key          = "size"
    display_name = "Folder size"
    script       = "du -sh . 2>/dev/null | cut -f1"
    interval     = 60
    timeout      = 10
  }
}

resource "coder_script" "clone" {
  count              = local.has_repository ? 1 : 0
  agent_id           = coder_agent.main.id
  display_name       = "Clone"
  icon               = "/icon/git.svg"
  run_on_start       = true
  start_blocks_login = true
  timeout            = 600
  script             = file("${path.module}/clone.sh")
}

resource "host_process" "agent" {
  count     = data.coder_workspace.me.start_count
  command   = ["coder", "agent"]
  directory = host_folder.files.path

  environment = {
    CODER_AGENT_URL   = data.coder_workspace.me.access_url
    CODER_AGENT_TOKEN = coder_agent.main.token
  }
}
