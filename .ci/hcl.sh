#!/usr/bin/env bash
# Builds HCL's own hcldec and the runner of its test suite, which ours is checked with, from the Go module proxy, and
# keeps the suite beside them. Nothing of it is checked in.
set -euo pipefail

version=2.24.0
folder="$HOME/.cache/coder-local-ci/hcl-$version"
[[ -x "$folder/hclspecsuite" && -x "$folder/hcldec" && -d "$folder/specsuite" ]] && exit 0

echo "── Building HCL's test suite $version"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
cd "$work"
source_folder="$(go mod download -json "github.com/hashicorp/hcl/v2@v$version" | sed -n 's/^\t"Dir": "\(.*\)",$/\1/p')"
# The module cache can't be written to.
cp -r "$source_folder" source
chmod -R u+w source
cd source
nice -n 10 go build -o "$work/built/" ./cmd/hcldec ./cmd/hclspecsuite
mkdir -p "$folder"
rm -rf "$folder/specsuite"
mv specsuite/tests "$folder/specsuite"
mv "$work/built/hcldec" "$work/built/hclspecsuite" "$folder/"
