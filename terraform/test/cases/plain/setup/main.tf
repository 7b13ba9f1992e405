variable "prefix" { default = "p" }
resource "terraform_data" "s" { input = var.prefix }
output "name" { value = "${var.prefix}-made" }
output "id" { value = terraform_data.s.id }
