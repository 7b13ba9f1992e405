run "null_in_a_plan" {
  command = plan
  assert {
    condition     = output.made.id == null && output.made.ids[0] == null && output.made.word == "hello"
    error_message = "an output keeps its known part"
  }
}
run "evaluated" {
  command = plan
  assert {
    condition     = output.made.id == "x"
    error_message = "the assertion uses the known part"
  }
}
run "continues" {
  assert {
    condition     = length(output.made.id) == 36 && output.made.ids == [output.made.id, "hello"]
    error_message = "known after apply"
  }
}
