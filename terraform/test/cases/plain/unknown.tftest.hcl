run "unknown" {
  command = plan
  assert {
    condition     = terraform_data.d[0].id == "x"
    error_message = "unknown"
  }
}
run "skipped" { command = plan }
