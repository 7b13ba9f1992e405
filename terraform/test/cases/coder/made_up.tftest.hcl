mock_provider "coder" {}
mock_provider "coder" {
  alias = "other"
}
override_data {
  target = data.coder_parameter.size
  values = { value = "7" }
}
run "zero" {
  command = plan
  assert {
    condition     = length(coder_agent.main) == 0 && output.size == 7
    error_message = "count"
  }
  assert {
    condition     = data.coder_workspace.me.is_prebuild == false && data.coder_workspace.me.access_port == 0 && length(data.coder_workspace_owner.me.groups) == 0
    error_message = "kinds"
  }
  assert {
    condition     = coder_env.second.merge_strategy == null || length(coder_env.second.merge_strategy) > 0
    error_message = "strategy"
  }
}
run "one" {
  override_data {
    target = data.coder_workspace.me
    values = { start_count = 1 }
  }
  override_resource {
    target = coder_agent.main
    values = { id = "over" }
  }
  assert {
    condition     = coder_app.ide[0].agent_id == "over" && coder_agent.main[0].env.SIZE == "7"
    error_message = "override"
  }
}
run "defaults_are_the_providers" {
  command = plan
  override_data {
    target = data.coder_workspace.me
    values = { start_count = 1 }
  }
  assert {
    condition     = coder_app.ide[0].share == null && coder_env.second.merge_strategy == null && data.coder_parameter.size.form_type == null
    error_message = "share ${jsonencode(coder_app.ide[0].share)}"
  }
}
