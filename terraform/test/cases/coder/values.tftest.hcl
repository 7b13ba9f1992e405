run "no_such_field" {
  command = plan
  override_resource {
    target = coder_env.second
    values = { nothing = "x" }
  }
}
run "skipped" {}
