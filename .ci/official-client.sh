#!/usr/bin/env bash
# Builds Coder's command line, without its server, from the Go module proxy. The tests of cli/official run it against our
# coderd. It is licensed under the AGPL, so no part of it is in the repository or in the packaged application. Takes
# minutes on the first run of a machine.
set -euo pipefail
. "$(dirname "$0")/go-modules.sh"

# The version that our coderd reports as compatible.
version=2.30.0
# Its go.sum omits the dependencies of the server.
export GOFLAGS="-mod=mod ${GOFLAGS:-}"
build github.com/coder/coder/v2 "v$version" ./cmd/coder "$cache/coder-cli-$version/coder" \
  -tags slim -ldflags "-s -w -X github.com/coder/coder/v2/buildinfo.tag=$version"
