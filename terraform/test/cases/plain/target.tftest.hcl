run "target" {
  plan_options { target = [terraform_data.d] }
  assert {
    condition     = length(terraform_data.d) == 2
    error_message = "wrong"
  }
}
