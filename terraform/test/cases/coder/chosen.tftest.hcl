mock_provider "coder" {
  alias = "fake"
  mock_data "coder_workspace" {
    defaults = { name = "fake", start_count = 0 }
  }
}
provider "coder" {
  alias = "plain"
}
run "given" {
  command = plan
  providers = {
    coder       = coder.fake
    coder.other = coder.plain
  }
  override_data {
    target = data.coder_parameter.size
    values = { value = "2" }
  }
  assert {
    condition     = output.name == "fake" && length(coder_agent.main) == 0 && module.inner.script == "echo fake"
    error_message = "wrong ${output.name}"
  }
}
run "not_given" {
  command = plan
  assert {
    condition     = output.name == "default"
    error_message = "wrong ${output.name}"
  }
}
