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
  # What there is to choose from; a real template would read it from a file beside this one.
  providers = {
    north = { name = "Northern Lights", regions = ["Oslo", "Helsinki"], max_cpus = 32 }
    south = { name = "Southern Cross", regions = ["Lisbon", "Athens", "Valletta"], max_cpus = 8 }
  }
  provider = local.providers[data.coder_parameter.provider.value]
}

data "coder_parameter" "provider" {
  name         = "provider"
  display_name = "Provider"
  description  = "Decides which regions there are, and how large a machine may be."
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
  description  = "At most ${local.provider.max_cpus} at ${local.provider.name}."
  type         = "number"
  default      = 4
  form_type    = "slider"
  mutable      = true
  order        = 3

  validation {
    min   = 1
    max   = local.provider.max_cpus
    error = "Between {min} and {max}, not {value}."
  }
}

data "coder_parameter" "disk" {
  name         = "disk"
  display_name = "Disk (GB)"
  description  = "May grow later, but never shrink."
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
  description  = "With one, the next question appears."
  type         = "bool"
  default      = false
  form_type    = "switch"
  mutable      = true
  order        = 5
}

data "coder_parameter" "gpu_kind" {
  count        = data.coder_parameter.gpu.value == "true" ? 1 : 0
  name         = "gpu_kind"
  display_name = "Which GPU"
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
  description  = "Anything; press Enter after each."
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
  styling      = jsonencode({ placeholder = "Dear ${data.coder_workspace_owner.me.name}, …" })
}

data "coder_parameter" "word" {
  name         = "word"
  display_name = "A lower-case word"
  description  = "Set once, when the workspace is made."
  default      = "fern"
  order        = 10

  validation {
    regex = "^[a-z]+$"
    error = "Lower-case letters only."
  }
}

data "coder_parameter" "reset" {
  name         = "reset"
  display_name = "Start afresh"
  description  = "Asked at every start, and forgotten after it."
  type         = "bool"
  default      = false
  form_type    = "checkbox"
  mutable      = true
  ephemeral    = true
  order        = 11
}

data "coder_workspace_preset" "small" {
  name        = "Small"
  description = "Two CPUs in the north."
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
  description = "All that the north has."
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
