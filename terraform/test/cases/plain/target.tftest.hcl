run "target" {
  plan_options { target = [terraform_data.d] }
  assert {
    condition     = length(terraform_data.d) == 2
    error_message = "wrong"
  }
}
run "refresh_only" {
  command = plan
  plan_options {
    mode = refresh-only
  }
  variables {
    n = 5
  }
  assert {
    condition     = length(terraform_data.d) == 2 && output.o == "HELLO"
    error_message = "wrong"
  }
}
run "refreshed" {
  plan_options {
    mode = refresh-only
  }
  variables {
    n = 5
    a = "other"
  }
  assert {
    condition     = length(terraform_data.d) == 2 && terraform_data.d[1].output == "HELLO-1"
    error_message = "wrong"
  }
}
run "after_all" {
  variables {
    n = 3
  }
  assert {
    condition     = length(terraform_data.d) == 3
    error_message = "wrong"
  }
}
