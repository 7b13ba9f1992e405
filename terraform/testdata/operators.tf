locals {
  three = 3
  text  = "7"
}

output "arithmetic" {
  value = [1 + 2 * 3, (1 + 2) * 3, 7 / 2, 7 % 3, -7 % 3, -local.three, 10 - 3 - 2, 2 * local.text]
}

output "comparison" {
  value = [1 < 2, 2 <= 2, 3 > 4, 4 >= 5, "a" == "a", "a" != "b", 1 == "1", null == null, [] == [], [1, 2] == [1, 2]]
}

output "logic" {
  value = [true && false, true || false, !true, !false && true, true == false || true]
}

output "conditional" {
  value = [true ? "a" : "b", false ? 1 : 2, true ? 1 : "x", null == null ? [] : ["x"], local.three > 2 ? "big" : "small"]
}

output "precedence" {
  value = [1 + 2 == 3 && 4 < 5, !(1 == 2), 2 + 3 * 4 - 6 / 2, true ? false ? 1 : 2 : 3]
}

# output arithmetic: [7,9,3.5,1,-1,-3,5,14]
# output comparison: [true,true,false,false,true,true,false,true,true,true]
# output conditional: ["a",2,"1",[],"big"]
# output logic: [false,true,false,true,true]
# output precedence: [true,true,11,2]
