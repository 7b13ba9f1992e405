run "plan_check" {
  command = plan
  variables { a = "bad" }
  expect_failures = [check.c]
}
run "apply_check" {
  variables { a = "bad" }
  expect_failures = [check.c]
}
run "unexpected" {
  variables { a = "bad" }
}
