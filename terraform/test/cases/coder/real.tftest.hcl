run "plan" {
  command = plan
  assert {
    condition     = output.name == "default" && output.size == 3 && data.coder_workspace_owner.me.name == "default"
    error_message = "wrong"
  }
  assert {
    condition     = one(coder_app.ide[0].healthcheck[*].interval) == 1 && coder_app.ide[0].share == "owner" && coder_app.ide[0].subdomain == null
    error_message = "share ${coder_app.ide[0].share}"
  }
  assert {
    condition     = data.coder_parameter.size.option[1].value == "5" && data.coder_parameter.size.form_type == "radio" && data.coder_parameter.size.optional
    error_message = "param"
  }
}
run "apply" {
  assert {
    condition     = can(regex("^[0-9a-f-]{36}$", coder_agent.main[0].id)) && coder_metadata.info[0].item[1].is_null && length(coder_metadata.info[0].item) == 2
    error_message = "wrong"
  }
  assert {
    condition     = module.inner.script == "echo default" && coder_metadata.info[0].daily_cost == 3
    error_message = "wrong"
  }
}
