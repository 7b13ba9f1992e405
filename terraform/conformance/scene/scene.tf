# The module around the expressions of the cases.

resource "terraform_data" "unknown" {}

locals {
  text      = "hello"
  list      = ["a", "b", "c"]
  typed     = tolist(["a", "b", "c"])
  set       = toset(["b", "a"])
  map       = tomap({ a = "x", b = "y" })
  object    = { name = "n", size = 3, tags = ["t"] }
  objects   = [{ id = 1, in = { x = "a" } }, { id = 2, in = { x = "b" } }]
  nothing   = null
  secret    = sensitive("s")
  secrets   = { open = "o", closed = sensitive("c") }
  unknown   = terraform_data.unknown.id
  unsettled = jsondecode(terraform_data.unknown.id)
  list_with_unknown = ["a", terraform_data.unknown.id]
}
