output "basic" {
  value = [length([1, 2]), length("héllo"), length({ a = 1 }), contains(["a"], "a"), contains([1], 2)]
}

output "maps" {
  value = [merge({ a = 1, b = 2 }, { b = 3 }), keys({ b = 1, a = 2 }), values({ b = 1, a = 2 }), lookup({ a = 1 }, "a", 0), lookup({ a = 1 }, "z", 9), zipmap(["a", "b"], [1, 2])]
}

output "lists" {
  value = [concat([1], [2, 3]), distinct(["a", "b", "a"]), flatten([[1, [2]], 3]), element(["a", "b", "c"], 4), slice(["a", "b", "c", "d"], 1, 3), reverse([1, 2, 3]), sort(["b", "a", "C"]), compact(["a", "", "b"]), index(["a", "b"], "b"), one([]), one(["x"]), chunklist(["a", "b", "c"], 2)]
}

output "choose" {
  value = [coalesce("", "b"), coalesce(null, "c"), coalescelist([], ["x"]), try(local.none.missing, "fallback"), can(local.none.missing), can(1 + 1)]
}

locals {
  none = {}
}

output "ranges" {
  value = [range(3), range(1, 4), range(0, 10, 3), range(5, 0, -2), range(4, 1)]
}

output "sets" {
  value = [setunion(["a"], ["b", "a"]), setintersection(["a", "b"], ["b"]), setsubtract(["a", "b"], ["b"]), setproduct(["a", "b"], [1, 2])]
}

output "numbers" {
  value = [min(3, 1, 2), max([5, 2]...), floor(1.7), ceil(1.2), abs(-3), signum(-2), pow(2, 10), log(100, 10), parseint("ff", 16), sum([1, 2, 3]), alltrue([true, true]), anytrue([false, true]), alltrue([])]
}

output "more" {
  value = [transpose({ a = ["x", "y"], b = ["y"] }), matchkeys(["i1", "i2"], ["a", "b"], ["b"])]
}

# output basic: [2,5,1,true,false]
# output choose: ["b","c",["x"],"fallback",false,true]
# output lists: [[1,2,3],["a","b"],[1,2,3],"b",["b","c"],[3,2,1],["C","a","b"],["a","b"],1,null,"x",[["a","b"],["c"]]]
# output maps: [{"a":1,"b":3},["a","b"],[2,1],1,9,{"a":1,"b":2}]
# output more: [{"x":["a"],"y":["a","b"]},["i2"]]
# output numbers: [1,5,1,2,3,-1,1024,2,255,6,true,true,true]
# output ranges: [[0,1,2],[1,2,3],[0,3,6,9],[5,3,1],[4,3,2]]
# output sets: [["a","b"],["b"],["a"],[["a",1],["a",2],["b",1],["b",2]]]
