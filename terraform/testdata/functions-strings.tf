output "case" {
  value = [lower("ABC"), upper("abc"), title("hello world")]
}

output "trim" {
  value = [trimspace("  a "), trim("xxaxx", "x"), trimprefix("abc", "a"), trimsuffix("abc", "bc"), chomp("a\n\n")]
}

output "split_join" {
  value = [split(",", "a,b,c"), join("-", ["a", "b"]), join(",", ["a"], ["b", "c"]), split("", "abc"), split(",", "")]
}

output "replace" {
  value = [replace("a.b.c", ".", "-"), replace("hello", "/l+/", "L"), replace("ab", "/(a)(b)/", "$2$1"), replace("x1y22", "/[0-9]+/", "#")]
}

output "regex" {
  value = [regex("[a-z]+", "123abc"), regex("(\\d+)-(\\d+)", "10-20"), regex("(?P<y>\\d{4})", "in 2024"), regexall("a.", "abacad"), can(regex("x", "y"))]
}

output "substr" {
  value = [substr("hello", 1, 3), substr("hello", -3, 2), substr("hello", 2, -1)]
}

output "tests" {
  value = [startswith("abc", "ab"), endswith("abc", "bc"), strcontains("abc", "b"), strrev("abc")]
}

output "format" {
  value = [format("%s-%d", "a", 5), format("%05d|%-5s|%5s|%.2f", 42, "ab", "cd", 3.14159), format("%q %v %t", "x", [1, "a"], true), format("%x %X %o %b %%", 255, 255, 8, 5), format("%s", 1.5), format("%3d|%+d", 7, 7), formatlist("%s=%s", ["a", "b"], ["1", "2"]), formatlist("x%s", ["a"])]
}

output "indent" {
  value = indent(2, "a\nb")
}

output "encoding" {
  value = [base64encode("hello"), base64decode("aGVsbG8="), urlencode("a b&c=d/é~"), jsonencode({ b = [1, true, null], a = "x<y" }), jsondecode("{\"a\":[1,2.5,\"x\",null]}"), md5("a"), sha1("a"), sha256("a"), base64sha256("a")]
}

output "paths" {
  value = [basename("/a/b.txt"), dirname("/a/b.txt"), basename("x"), dirname("x")]
}

# output case: ["abc","ABC","Hello World"]
# output encoding: ["aGVsbG8=","hello","a+b%26c%3Dd%2F%C3%A9~","{\"a\":\"x\\u003cy\",\"b\":[1,true,null]}",{"a":[1,2.5,"x",null]},"0cc175b9c0f1b6a831c399e269772661","86f7e437faa5a7fce15d1ddcb9eaeaea377667b8","ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb","ypeBEsobvcr6wjGzmiPcTaeG7/gUfE5yuYB3ha/uSLs="]
# output format: ["a-5","00042|ab   |   cd|3.14","\"x\" [1,\"a\"] true","ff FF 10 101 %","1.5","  7|+7",["a=1","b=2"],["xa"]]
# output indent: "a\n  b"
# output paths: ["b.txt","/a","x","."]
# output regex: ["abc",["10","20"],{"y":"2024"},["ab","ac","ad"],false]
# output replace: ["a-b-c","heLo","ba","x#y#"]
# output split_join: [["a","b","c"],"a-b","a,b,c",["a","b","c"],[""]]
# output substr: ["ell","ll","llo"]
# output tests: [true,true,true,"cba"]
# output trim: ["a","a","bc","a","a"]
