data "coder_workspace" "me" {}

locals {
  names = toset(["b", "a"])
}

resource "terraform_data" "one" {
  input = { greeting = "hello ${data.coder_workspace.me.name}" }
}

resource "terraform_data" "counted" {
  count = data.coder_workspace.me.start_count + 1
  input = count.index
}

resource "terraform_data" "keyed" {
  for_each = local.names
  input    = "${each.key}:${each.value}"
}

resource "terraform_data" "after" {
  depends_on = [terraform_data.keyed]
  input      = [for key, item in terraform_data.keyed : item.output]
}

resource "terraform_data" "none" {
  count = data.coder_workspace.me.transition == "stop" ? 1 : 0
}

resource "coder_agent" "main" {
  os   = "linux"
  arch = "amd64"

  dynamic "metadata" {
    for_each = { cpu = "CPU", mem = "Memory" }
    content {
      key          = metadata.key
      display_name = metadata.value
      script       = "coder stat ${metadata.key}"
      interval     = 10
    }
  }
}

output "one" {
  value = terraform_data.one.output.greeting
}

output "counted" {
  value = terraform_data.counted[*].output
}

output "keyed" {
  value = { for key, item in terraform_data.keyed : key => item.input }
}

output "after" {
  value = terraform_data.after.output
}

output "none" {
  value = [length(terraform_data.none), try(terraform_data.none[0].id, "absent"), one(terraform_data.none[*].id)]
}

output "metadata" {
  value = coder_agent.main.metadata[*].display_name
}

# output after: ["a:a","b:b"]
# output counted: [0,1]
# output keyed: {"a":"a:a","b":"b:b"}
# output metadata: ["CPU","Memory"]
# output none: [0,"absent",null]
# output one: "hello dev"
