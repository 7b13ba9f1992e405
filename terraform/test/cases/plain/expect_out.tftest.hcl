run "plan_out" {
  command = plan
  variables { a = "out" }
  expect_failures = [output.checked]
}
run "pre" {
  command = plan
  variables { a = "pre" }
  expect_failures = [terraform_data.d]
}
run "pre_one" {
  command = plan
  variables {
    a = "pre"
    n = 1
  }
  expect_failures = [terraform_data.d[0]]
}
run "post" {
  command = plan
  variables { a = "post" }
  expect_failures = [resource.terraform_data.d]
}
run "unexpected_pre" {
  command = plan
  variables { a = "pre" }
}
run "skipped" {}
