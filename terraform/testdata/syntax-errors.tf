locals {
  a = 1.2.3
  b = 2 ? 3
  c = local.*.
  e = 5
  e = 6
  f = "\q"
  g = 1 +
}

locals { h = 1 }

variable x {
  type    = strng
  default = 1
}

resource "one_label" {}

bogus "x" {}

stray = 1

output "after" {
  value = local.e
}

# error 2:7: Invalid number literal
# error 3:12: Missing false expression in conditional
# error 4:13: Invalid attribute name
# error 6:3: Attribute redefined
# error 7:8: Invalid escape sequence
# error 14:13: Invalid type specification
# error 18:22: Missing name for resource
# error 20:1: Unsupported block type
# error 22:1: Unsupported argument
# output after: 5
