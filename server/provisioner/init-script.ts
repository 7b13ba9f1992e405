// The agent init script of a workspace's machine: `coder_agent.init_script`. It reads the token from CODER_AGENT_TOKEN,
// which the template sets.

import { agentFolder } from '../../lib/container-bridge.ts'
import { shellQuoted } from '../../lib/shell-quoted.ts'

/** @param accessUrl deployment URL for agents. @param os,arch Terraform values, for example `linux`, `amd64` */
export function agentInitScript(accessUrl: string, os: string, arch: string): string {
  return os === 'windows' ? windowsScript(accessUrl) : posixScript(accessUrl, os, arch)
}

function posixScript(accessUrl: string, os: string, arch: string): string {
  return `#!/bin/sh
set -eu
export CODER_AGENT_AUTH=token
export CODER_AGENT_URL=${shellQuoted(accessUrl)}
if [ -z "\${CODER_AGENT_TOKEN:-}" ]; then
  echo "CODER_AGENT_TOKEN is not set. Pass the agent's token to the machine: CODER_AGENT_TOKEN = coder_agent.<name>.token" >&2
  exit 1
fi
# The agent of this deployment, which its Docker provider mounts.
if [ -x ${agentFolder}/bin/coder ]; then PATH=${agentFolder}/bin:$PATH; fi
if ! command -v coder >/dev/null 2>&1; then
  folder=$(mktemp -d)
  url="$CODER_AGENT_URL/bin/coder-${os}-${arch}"
  fetch() {
    if command -v curl >/dev/null 2>&1; then curl -fsSL -o "$folder/coder" "$url"
    elif command -v wget >/dev/null 2>&1; then wget -q -O "$folder/coder" "$url"
    else echo "coder is not on PATH, and neither curl nor wget is available to download it." >&2; exit 127
    fi
  }
  tries=0
  until fetch; do
    tries=$((tries + 1))
    if [ "$tries" -ge 10 ]; then
      echo "Could not download coder from $url. Add coder to PATH, or use an image that contains it." >&2
      exit 127
    fi
    echo "Could not download coder from $url. Retrying in 30 seconds." >&2
    sleep 30
  done
  chmod +x "$folder/coder"
  PATH="$folder:$PATH"
fi
exec coder agent
`
}

function windowsScript(accessUrl: string): string {
  return `$ErrorActionPreference = "Stop"
$env:CODER_AGENT_AUTH = "token"
$env:CODER_AGENT_URL = '${accessUrl.replaceAll("'", "''")}'
if (-not $env:CODER_AGENT_TOKEN) { throw "CODER_AGENT_TOKEN is not set. Pass the agent's token to the machine." }
if (-not (Get-Command coder -ErrorAction SilentlyContinue)) { throw "coder is not on PATH. Install it." }
coder agent
`
}
