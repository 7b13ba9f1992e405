provider "coder" {
  url = "https://coder.example.test"
}
run "url" {
  command = plan
  assert {
    condition     = data.coder_workspace.me.access_url == "https://coder.example.test"
    error_message = data.coder_workspace.me.access_url
  }
}
run "again" {
  command = plan
  assert {
    condition     = output.env_id == null || true
    error_message = "x"
  }
}
