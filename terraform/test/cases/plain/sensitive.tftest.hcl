run "secret" {
  command = plan
  assert {
    condition     = output.secret == "s3cret"
    error_message = "x"
  }
  assert {
    condition     = output.secret == "other"
    error_message = "it is wrong"
  }
}
