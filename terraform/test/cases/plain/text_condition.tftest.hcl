run "text" {
  command = plan
  assert {
    condition     = local.x == "" ? "false" : "true"
    error_message = "x"
  }
  assert {
    condition     = "${local.x} maybe"
    error_message = "x"
  }
}
