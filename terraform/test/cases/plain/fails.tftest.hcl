run "wrong" {
  command = plan
  assert {
    condition     = output.o == "HELLx"
    error_message = "it is ${output.o}"
  }
}
run "still_runs" { command = plan }
