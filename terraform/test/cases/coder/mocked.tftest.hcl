mock_provider "coder" {
  mock_data "coder_workspace" {
    defaults = {
      name        = "otter"
      start_count = 1
    }
  }
  mock_data "coder_parameter" {
    defaults = { value = "4" }
  }
  mock_resource "coder_agent" {
    defaults = {
      id    = "agent-id"
      token = "agent-token"
    }
  }
}
mock_provider "coder" {
  alias = "other"
  mock_resource "coder_env" {
    defaults = {
      id = "other-id"
    }
  }
}
run "plan_knows_mocked_values" {
  command = plan
  assert {
    condition     = output.name == "otter" && coder_agent.main[0].id == "agent-id" && coder_app.ide[0].agent_id == "agent-id"
    error_message = "wrong"
  }
  assert {
    condition     = output.env_id == "other-id"
    error_message = "alias"
  }
  assert {
    condition     = nonsensitive(output.token) == "agent-token"
    error_message = "token"
  }
  assert {
    condition     = module.inner.script == "echo otter"
    error_message = "inner"
  }
  assert {
    condition     = output.size == 4 && length(coder_agent.main[0].init_script) >= 4
    error_message = "generated"
  }
}
