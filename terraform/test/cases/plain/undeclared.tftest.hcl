run "undeclared" {
  command = plan
  assert {
    condition     = terraform_data.nope.id == "x"
    error_message = "unknown"
  }
}
run "skipped" { command = plan }
