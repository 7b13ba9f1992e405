run "not_looked_at" {
  command = plan
  assert {
    condition     = var.a == ""
    error_message = "hidden files are not tests"
  }
}
