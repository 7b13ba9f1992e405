override_resource {
  target = terraform_data.e
  values = { id = "fixed" }
}
override_module {
  target  = module.inner
  outputs = { twice = "overridden" }
}
run "file_level" {
  command = plan
  assert {
    condition     = terraform_data.e.id == "fixed" && output.inner == "overridden"
    error_message = "wrong"
  }
}
run "run_level" {
  override_resource {
    target = terraform_data.e
    values = { id = "other" }
  }
  override_module {
    target  = module.inner
    outputs = { id = "only" }
  }
  assert {
    condition     = terraform_data.e.id == "other"
    error_message = "wrong id"
  }
}
run "inner_resource" {
  command = plan
  override_module {
    target  = module.inner
    outputs = { twice = "x", id = "y" }
  }
  assert {
    condition     = module.inner.id == "y"
    error_message = "wrong id"
  }
}
