output "primitive" {
  value = [tostring(5), tostring(true), tonumber("5.5"), tobool("true"), tostring(null) == null, tonumber("1e3")]
}

output "collections" {
  value = [tolist(["a", 1, true]), toset(["b", "a", "a"]), tomap({ a = "x", b = 1 }), tolist(toset(["b", "a"]))]
}

output "numbers_as_text" {
  value = ["${1.0}", "${100000000000000000000}", "${1 / 4}", "${1e-7}"]
}

output "unified" {
  value = [true ? { a = 1 } : { a = 2 }, true ? ["a"] : [], [for x in [{ a = 1 }, { a = "x" }] : x.a]]
}

variable "settings" {
  type = object({
    name  = string
    count = optional(number, 3)
    tags  = optional(list(string), ["t"])
    inner = optional(object({ on = optional(bool, true) }), {})
  })
  default = { name = "n", extra = 1 }
}

output "optional" {
  value = var.settings
}

variable "anything" {
  type    = any
  default = { a = [1, "x"] }
}

output "any" {
  value = var.anything
}

variable "numbers" {
  type    = list(number)
  default = ["1", 2]
}

output "converted" {
  value = var.numbers
}

# output any: {"a":[1,"x"]}
# output collections: [["a","1","true"],["a","b"],{"a":"x","b":"1"},["a","b"]]
# output converted: [1,2]
# output numbers_as_text: [1,100000000000000000000,0.25,1e-07]
# output optional: {"count":3,"inner":{"on":true},"name":"n","tags":["t"]}
# output primitive: ["5","true",5.5,true,true,1000]
# output unified: [{"a":1},["a"],[1,"x"]]
