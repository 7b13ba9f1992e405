locals {
  people = {
    ann = { age = 30, tags = ["x", "y"] }
    bob = { age = 40, tags = [] }
  }
  list = [{ id = 1, n = { v = "a" } }, { id = 2, n = { v = "b" } }]
}

output "for_list" {
  value = [for x in [1, 2, 3] : x * 2]
}

output "for_index" {
  value = [for i, x in ["a", "b"] : "${i}${x}"]
}

output "for_filter" {
  value = [for x in [1, 2, 3, 4] : x if x % 2 == 0]
}

output "for_map" {
  value = { for k, v in local.people : upper(k) => v.age }
}

output "for_group" {
  value = { for x in ["apple", "avocado", "banana"] : substr(x, 0, 1) => x... }
}

output "for_set" {
  value = [for x in toset(["b", "a", "b"]) : x]
}

output "splat" {
  value = [local.list[*].id, local.list.*.id, local.list[*].n.v, "x"[*], null[*]]
}

output "index" {
  value = [local.list[0].id, local.people["ann"].age, local.people.bob.age, local.list[1]["n"].v]
}

output "object_keys" {
  value = { a = 1, "b c" = 2, (upper("d")) = 3, e : 4, "${"f"}" = 5 }
}

output "newlines" {
  value = [
    1,
    2, # comment
    3,
  ]
}

output "nested_for" {
  value = flatten([for k, v in local.people : [for t in v.tags : "${k}-${t}"]])
}

# output for_filter: [2,4]
# output for_group: {"a":["apple","avocado"],"b":["banana"]}
# output for_index: ["0a","1b"]
# output for_list: [2,4,6]
# output for_map: {"ANN":30,"BOB":40}
# output for_set: ["a","b"]
# output index: [1,30,40,"b"]
# output nested_for: ["ann-x","ann-y"]
# output newlines: [1,2,3]
# output object_keys: {"D":3,"a":1,"b c":2,"e":4,"f":5}
# output splat: [[1,2],[1,2],["a","b"],["x"],[]]
