locals {
  name  = "world"
  list  = ["a", "b", "c"]
  empty = ""
}

output "interpolation" {
  value = ["hello ${local.name}", "${local.name}", "${1 + 1}", "a${true}b${1.5}", "$${escaped} %%{escaped}", "tab\tquote\"back\\slash\u00e9\U0001F600"]
}

output "wrapper_keeps_type" {
  value = "${[1, 2]}"
}

output "directives" {
  value = ["%{ if local.name == "world" }yes%{ else }no%{ endif }", "%{ for x in local.list }<${x}>%{ endfor }", "%{ for i, x in local.list }${i}=${x};%{ endfor }", "%{ if false }x%{ endif }"]
}

output "heredoc" {
  value = <<EOT
  first ${local.name}
second "quoted" \n not an escape
EOT
}

output "indented" {
  value = <<-EOT
    first
      second ${local.name}

    third
  EOT
}

output "indented_interpolation" {
  value = <<-EOT
    ${local.name}
      x ${local.name}
  EOT
}

output "trim" {
  value = <<-EOT
    %{ for x in local.list ~}
    - ${x}
    %{ endfor ~}
    done
  EOT
}

output "trim_markers" {
  value = ["a ${~ "b" ~} c", "a   ${~ "b"} c", "a ${"b" ~}   c"]
}

output "nested" {
  value = "x${"y${"z"}"}"
}

# output directives: ["yes","<a><b><c>","0=a;1=b;2=c;",""]
# output heredoc: "  first world\nsecond \"quoted\" \\n not an escape\n"
# output indented: "first\n  second world\n\nthird\n"
# output indented_interpolation: "world\n  x world\n"
# output interpolation: ["hello world","world",2,"atrueb1.5","${escaped} %{escaped}","tab\tquote\"back\\slashé😀"]
# output nested: "xyz"
# output trim: "    - a\n    - b\n    - c\n    done\n"
# output trim_markers: ["abc","ab c","a bc"]
# output wrapper_keeps_type: [1,2]
