#!/usr/bin/env bash
# Builds Coder's own command line, without its server, from the Go module proxy: it is what cli/official drives our
# coderd with. It is a peer of the tests only. It is licensed under the AGPL, so nothing of it comes into the clone or
# into what is packaged. Takes minutes the first time on a machine, nothing later.
set -euo pipefail
. "$(dirname "$0")/go-modules.sh"

# The version that our coderd says it is compatible with.
version=2.30.0
# Its go.sum leaves out what only its server needs.
export GOFLAGS="-mod=mod ${GOFLAGS:-}"
build github.com/coder/coder/v2 "v$version" ./cmd/coder "$cache/coder-cli-$version/coder" \
  -tags slim -ldflags "-s -w -X github.com/coder/coder/v2/buildinfo.tag=$version"
