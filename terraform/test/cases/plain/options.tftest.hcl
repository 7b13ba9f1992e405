run "make" {}
run "no_change" {
  command = plan
  plan_options { refresh = false }
  assert {
    condition     = terraform_data.d[0].output == "HELLO-0"
    error_message = "wrong"
  }
}
run "replace" {
  command = plan
  plan_options { replace = [terraform_data.d[0]] }
  assert {
    condition     = terraform_data.d[1].output == "HELLO-1"
    error_message = "kept"
  }
}
run "replaced_is_unknown" {
  command = plan
  plan_options { replace = [terraform_data.d[0]] }
  assert {
    condition     = terraform_data.d[0].id != ""
    error_message = "unknown"
  }
}
