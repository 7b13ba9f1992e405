#!/usr/bin/env bash
# Builds OpenTofu and providers, the reference for our language and providers, from the Go module proxy. Takes minutes on
# the first run of a machine. To use them: TF_CLI_CONFIG_FILE=<cache>/providers/tofu.rc.
set -euo pipefail
scripts="$(cd "$(dirname "$0")" && pwd)"
. "$scripts/go-modules.sh"

mirror="$cache/providers"

# provider NAMESPACE NAME MODULE VERSION
provider() {
  build "$3" "v$4" . "$mirror/registry.opentofu.org/$1/$2/$4/$(go env GOOS)_$(go env GOARCH)/terraform-provider-$2_v$4"
}

# Builds tofu, and tofu-batch (tofu-batch.go). In a subshell, because it changes the folder.
build_tofu() (
  local version=1.12.6
  local folder="$cache/tofu-$version"
  [[ -x "$folder/tofu" && -x "$folder/tofu-batch" ]] && return
  echo "── Building OpenTofu $version"
  fetch_source github.com/opentofu/opentofu "v$version"
  cd "$work/source"
  nice -n 10 go build -o "$work/tofu" ./cmd/tofu
  sed -i 's/^func main() {/func singleCommandMain() {/' cmd/tofu/main.go
  cp "$scripts/tofu-batch.go" cmd/tofu/
  nice -n 10 go build -o "$work/tofu-batch" ./cmd/tofu
  mkdir -p "$folder"
  mv "$work/tofu" "$work/tofu-batch" "$folder/"
)

build_tofu
provider coder coder github.com/coder/terraform-provider-coder/v2 2.20.0
provider hashicorp time github.com/hashicorp/terraform-provider-time 0.14.2
provider hashicorp local github.com/hashicorp/terraform-provider-local 1.4.0

cat >"$mirror/tofu.rc" <<RC
provider_installation {
  filesystem_mirror {
    path = "$mirror"
  }
}
disable_checkpoint = true
RC
