variable "region" {
  default = "x"
}

locals {
  object = { name = "n" }
  list   = ["a"]
  a      = local.b
  b      = local.a
}

output "unknown_function" {
  value = lowr("x")
}

output "unknown_reference" {
  value = var.regoin
}

output "unknown_attribute" {
  value = local.object.nmae
}

output "index" {
  value = local.list[3]
}

output "operand" {
  value = "a" + 1
}

output "null_in_text" {
  value = "x${null}"
}

output "list_in_text" {
  value = "x${local.list}"
}

output "argument" {
  value = lower(["a"])
}

output "missing_argument" {
  value = replace("a", "b")
}

output "too_many" {
  value = lower("a", "b")
}

output "failed" {
  value = regex("x", "y")
}

output "division" {
  value = 1 / 0
}

output "duplicate_key" {
  value = { for x in ["a", "a"] : x => 1 }
}

output "range_bound" {
  value = length(range(1, 1e9))
}

output "inconsistent" {
  value = true ? "a" : ["b"]
}

resource "terraform_dat" "x" {}

resource "terraform_data" "x" {
  inptu = 1
}

resource "terraform_data" "many" {
  count = -1
}

resource "terraform_data" "each" {
  for_each = ["a"]
}

resource "terraform_data" "self" {
  input = terraform_data.self.output
}

data "coder_workspace" "me" {
  name = "x"
}

resource "coder_agent" "main" {
  os = "linux"
}

resource "terraform_data" "inherited" {
  constructor = 1
}

variable "inherited" {
  type    = toString
  default = 1
}

output "still_evaluated" {
  value = 1 + 1
}

# error 13:11: Call to unknown function
# error 17:11: Reference to undeclared input variable
# error 21:23: Unsupported attribute
# error 25:21: Invalid index
# error 29:11: Invalid operand
# error 33:15: Invalid template interpolation value
# error 37:15: Invalid template interpolation value
# error 41:17: Invalid function argument
# error 45:27: Not enough function arguments
# error 49:23: Too many function arguments
# error 53:11: Error in function call
# error 57:11: Infinite number in output
# error 61:35: Duplicate object key
# error 65:18: Error in function call
# error 69:18: Inconsistent conditional result types
# error 72:10: Invalid resource type
# error 75:3: Unsupported argument
# error 79:11: Invalid count argument
# error 83:14: Invalid for_each argument
# error 87:11: Self-referential block
# error 91:10: Value for unconfigurable attribute
# error 94:31: Missing required argument
# error 99:3: Unsupported argument
# error 103:13: Invalid type specification
# error 8:3: Cycle
# output still_evaluated: 2
