override_data {
  target = module.inner.data.coder_workspace.here
  values = { name = "inside" }
}
override_resource {
  target = module.inner.coder_script.hello
  values = { id = "script-id" }
}
run "inner" {
  command = plan
  assert {
    condition     = module.inner.script == "echo inside" && output.name == "default"
    error_message = "wrong ${module.inner.script}"
  }
}
