variable "a" {
  type    = string
  default = "hello"
  validation {
    condition     = length(var.a) > 2
    error_message = "too short"
  }
}
variable "n" {
  type    = number
  default = 2
}
variable "secret" {
  type      = string
  sensitive = true
  default   = "s3cret"
}
locals {
  x = upper(var.a)
}
resource "terraform_data" "d" {
  count = var.n
  input = "${local.x}-${count.index}"
  lifecycle {
    precondition {
      condition     = var.a != "pre"
      error_message = "precondition: ${var.a}"
    }
    postcondition {
      condition     = var.a != "post"
      error_message = "postcondition"
    }
  }
}
resource "terraform_data" "e" {
  input = terraform_data.d[*].id
}
module "inner" {
  source = "./inner"
  word   = var.a
}
output "o" {
  value = local.x
}
output "checked" {
  value = var.a
  precondition {
    condition     = var.a != "out"
    error_message = "bad output"
  }
}
output "made" {
  value = {
    id   = one(terraform_data.e[*].id)
    ids  = [terraform_data.e.id, var.a]
    word = var.a
  }
}
output "inner" {
  value = module.inner.twice
}
output "secret" {
  value     = var.secret
  sensitive = true
}
check "c" {
  assert {
    condition     = local.x != "BAD"
    error_message = "is bad"
  }
}
