locals {
  a = "unterminated
  b = 1 +
  c = [1, 2
  d = { x 1 }
  e = 5
  e = 6
  f = "\q"
  g = "${1 + }"
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

# error 2:20: Invalid multi-line string
# error 3:10: Invalid expression
# error 5:3: Missing item separator
# error 7:3: Attribute redefined
# error 8:8: Invalid escape sequence
# error 9:14: Invalid expression
# error 15:13: Invalid type specification
# error 19:1: Invalid block labels
# error 21:1: Unsupported block type
# error 23:1: Unsupported argument
# output after: 5
