run "null_condition" {
  command = plan
  assert {
    condition     = local.x == "" ? null : null
    error_message = "x"
  }
}
run "skipped" {}
