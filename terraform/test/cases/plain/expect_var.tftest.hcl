run "expected" {
  command = plan
  variables { a = "x" }
  expect_failures = [var.a]
}
run "missing" {
  command = plan
  variables { a = "xyz" }
  expect_failures = [var.a]
}
run "skipped" { command = plan }
