run "planned" {
  command = plan
  assert {
    condition     = output.o == "HELLO" && local.x == "HELLO" && var.a == "hello"
    error_message = "wrong"
  }
  assert {
    condition     = length(terraform_data.d) == 2 && terraform_data.d[1].input == "HELLO-1"
    error_message = "wrong resources"
  }
  assert {
    condition     = module.inner.twice == "hellohello"
    error_message = "wrong module"
  }
}
run "applied" {
  assert {
    condition     = terraform_data.d[0].output == "HELLO-0" && can(regex("^[0-9a-f-]{36}$", terraform_data.e.id))
    error_message = "wrong"
  }
}
run "uses_run" {
  command = plan
  variables { a = run.applied.o }
  assert {
    condition     = output.o == "HELLO"
    error_message = "wrong"
  }
}
