run "null_in_a_plan" {
  command = plan
  assert {
    condition     = output.made.id == null && output.made.ids[0] == null && output.made.word == "hello"
    error_message = "an output keeps what is known"
  }
}
run "judged" {
  command = plan
  assert {
    condition     = output.made.id == "x"
    error_message = "and is judged by it"
  }
}
run "goes_on" {
  assert {
    condition     = length(output.made.id) == 36 && output.made.ids == [output.made.id, "hello"]
    error_message = "known after an apply"
  }
}
