#!/usr/bin/env bash
# Builds OpenTofu, which the language is checked against, from the Go module proxy. Takes minutes the first time on a
# machine, nothing later.
set -euo pipefail

version=1.12.6
folder="$HOME/.cache/coder-local-ci/tofu-$version"
[[ -x "$folder/tofu" ]] && exit 0

echo "── Building OpenTofu $version"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
cd "$work"
source_folder="$(go mod download -json "github.com/opentofu/opentofu@v$version" | sed -n 's/^\t"Dir": "\(.*\)",$/\1/p')"
# The module cache can't be written to.
cp -r "$source_folder" source
chmod -R u+w source
cd source
nice -n 10 go build -o "$work/tofu" ./cmd/tofu
mkdir -p "$folder"
mv "$work/tofu" "$folder/tofu"
