variable "word" { type = string }
resource "terraform_data" "w" { input = var.word }
output "twice" { value = "${var.word}${var.word}" }
output "id" { value = terraform_data.w.id }
