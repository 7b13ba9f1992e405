variables {
  n = 1
  only_here = { k = "v" }
}
run "sees_test_variables" {
  command = plan
  assert {
    condition     = var.only_here.k == "v" && var.n == 1 && length(terraform_data.d) == 1
    error_message = "wrong"
  }
}
run "overrides_file" {
  command = plan
  variables {
    n = 0
  }
  assert {
    condition     = length(terraform_data.d) == 0
    error_message = "wrong"
  }
}
run "bad_type" {
  command = plan
  variables {
    n = "many"
  }
}
run "skipped" {}
