terraform {
  required_providers {
    coder = {
      source = "coder/coder"
    }
  }
}

data "coder_workspace" "me" {}

data "coder_workspace_owner" "me" {}

locals {
  # The available choices. A real template would read them from a file.
  providers = {
    north = { name = "Northern Lights", regions = ["Oslo", "Helsinki"], max_cpus = 32 }
    south = { name = "Southern Cross", regions = ["Lisbon", "Athens", "Valletta"], max_cpus = 8 }
  }
  provider = local.providers[data.coder_parameter.provider.value]
}

data "coder_parameter" "provider" {
  name         = "provider"
  display_name = "Provider"
  description  = "Determines the available regions and the maximum number of CPUs."
  default      = "north"
  form_type    = "radio"
  mutable      = true
  order        = 1

  dynamic "option" {
    for_each = local.providers
    content {
      name  = option.value.name
      value = option.key
    }
  }
}

data "coder_parameter" "region" {
  name         = "region"
  display_name = "Region"
  default      = local.provider.regions[0]
  form_type    = "dropdown"
  mutable      = true
  order        = 2

  dynamic "option" {
    for_each = local.provider.regions
    content {
      name  = option.value
      value = option.value
    }
  }
}

data "coder_parameter" "cpus" {
  name         = "cpus"
  display_name = "CPUs"
  description  = "The maximum of ${local.provider.name} is ${local.provider.max_cpus}."
  type         = "number"
  default      = 4
  form_type    = "slider"
  mutable      = true
  order        = 3

  validation {
    min   = 1
    max   = local.provider.max_cpus
    error = "The number of CPUs must be from {min} to {max}; it is {value}."
  }
}

data "coder_parameter" "disk" {
  name         = "disk"
  display_name = "Disk (GB)"
  description  = "You can increase the size later, but not decrease it."
  type         = "number"
  default      = 20
  mutable      = true
  order        = 4

  validation {
    min       = 10
    max       = 500
    monotonic = "increasing"
  }
}

data "coder_parameter" "gpu" {
  name         = "gpu"
  display_name = "GPU"
  description  = "Shows a further parameter if enabled."
  type         = "bool"
  default      = false
  form_type    = "switch"
  mutable      = true
  order        = 5
}

data "coder_parameter" "gpu_kind" {
  count        = data.coder_parameter.gpu.value == "true" ? 1 : 0
  name         = "gpu_kind"
  display_name = "GPU type"
  default      = "small"
  form_type    = "dropdown"
  mutable      = true
  order        = 6

  option {
    name  = "Small"
    value = "small"
  }
  option {
    name  = "Large"
    value = "large"
  }
}

data "coder_parameter" "editors" {
  name         = "editors"
  display_name = "Editors"
  type         = "list(string)"
  default      = jsonencode(["vim"])
  form_type    = "multi-select"
  mutable      = true
  order        = 7

  option {
    name  = "Vim"
    value = "vim"
  }
  option {
    name  = "Emacs"
    value = "emacs"
  }
  option {
    name  = "Nano"
    value = "nano"
  }
}

data "coder_parameter" "labels" {
  name         = "labels"
  display_name = "Labels"
  description  = "Press Enter after each label."
  type         = "list(string)"
  default      = jsonencode([])
  form_type    = "tag-select"
  mutable      = true
  order        = 8
}

data "coder_parameter" "note" {
  name         = "note"
  display_name = "Note"
  default      = ""
  form_type    = "textarea"
  mutable      = true
  order        = 9
  styling      = jsonencode({ placeholder = "A note by ${data.coder_workspace_owner.me.name}" })
}

data "coder_parameter" "word" {
  name         = "word"
  display_name = "Lowercase word"
  description  = "Cannot be changed after the workspace is created."
  default      = "fern"
  order        = 10

  validation {
    regex = "^[a-z]+$"
    error = "The word must have only lowercase letters."
  }
}

data "coder_parameter" "reset" {
  name         = "reset"
  display_name = "Reset"
  description  = "Applies to a single start."
  type         = "bool"
  default      = false
  form_type    = "checkbox"
  mutable      = true
  ephemeral    = true
  order        = 11
}

data "coder_workspace_preset" "small" {
  name        = "Small"
  description = "Two CPUs in the northern region."
  default     = true
  parameters = {
    provider = "north"
    region   = "Oslo"
    cpus     = "2"
    gpu      = "false"
  }
}

data "coder_workspace_preset" "large" {
  name        = "Large"
  description = "The largest machine of the northern region."
  parameters = {
    provider = "north"
    region   = "Helsinki"
    cpus     = "32"
    gpu      = "true"
    gpu_kind = "large"
  }
}

resource "terraform_data" "machine" {
  count = data.coder_workspace.me.start_count

  input = {
    region  = data.coder_parameter.region.value
    cpus    = data.coder_parameter.cpus.value
    editors = join(", ", jsondecode(data.coder_parameter.editors.value))
  }
}

resource "coder_metadata" "machine" {
  count       = data.coder_workspace.me.start_count
  resource_id = terraform_data.machine[0].id

  item {
    key   = "Region"
    value = "${data.coder_parameter.region.value} (${local.provider.name})"
  }
  item {
    key   = "CPUs"
    value = data.coder_parameter.cpus.value
  }
  item {
    key   = "GPU"
    value = try(data.coder_parameter.gpu_kind[0].value, "none")
  }
  item {
    key   = "Editors"
    value = join(", ", jsondecode(data.coder_parameter.editors.value))
  }
}
