#!/usr/bin/env bash
# Builds HCL's hcldec and its test suite runner from the Go module proxy, and copies the test suite beside them. Tests
# compare our hcldec with them. No part of HCL is checked in.
set -euo pipefail
. "$(dirname "$0")/go-modules.sh"

version=2.24.0
folder="$cache/hcl-$version"
[[ -x "$folder/hclspecsuite" && -x "$folder/hcldec" && -d "$folder/specsuite" ]] && exit 0

echo "── Building HCL's test suite $version"
fetch_source github.com/hashicorp/hcl/v2 "v$version"
cd "$work/source"
nice -n 10 go build -o "$work/built/" ./cmd/hcldec ./cmd/hclspecsuite
mkdir -p "$folder"
rm -rf "$folder/specsuite"
mv specsuite/tests "$folder/specsuite"
mv "$work/built/hcldec" "$work/built/hclspecsuite" "$folder/"
