run "no_such_type" {
  command = plan
  override_data {
    target = data.coder_workspace.me
    values = { start_count = "many" }
  }
}
run "skipped" {}
