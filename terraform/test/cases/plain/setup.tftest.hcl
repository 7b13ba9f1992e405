run "setup" {
  module { source = "./setup" }
  variables { prefix = "q" }
}
run "main" {
  variables { a = run.setup.name }
  assert {
    condition     = output.o == "Q-MADE"
    error_message = "wrong"
  }
}
run "keeps_state" {
  command = plan
  variables { a = run.setup.name }
  assert {
    condition     = terraform_data.d[0].output == "Q-MADE-0"
    error_message = "wrong"
  }
}
