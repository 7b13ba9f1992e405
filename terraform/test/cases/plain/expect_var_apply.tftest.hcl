run "in_apply" {
  variables { a = "x" }
  expect_failures = [var.a]
}
run "skipped" { command = plan }
