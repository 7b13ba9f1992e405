// The agent init script of a template's machine: `coder_agent.init_script`. It reads the token from
// CODER_AGENT_TOKEN, which the template sets.

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
if ! command -v coder >/dev/null 2>&1; then
  folder=$(mktemp -d)
  url="$CODER_AGENT_URL/bin/coder-${os}-${arch}"
  fetch() {
    if command -v curl >/dev/null 2>&1; then curl -fsSL -o "$folder/coder" "$url"
    elif command -v wget >/dev/null 2>&1; then wget -q -O "$folder/coder" "$url"
    else echo "There is neither a coder command on PATH nor curl or wget to fetch it with." >&2; exit 127
    fi
  }
  tries=0
  until fetch; do
    tries=$((tries + 1))
    if [ "$tries" -ge 10 ]; then
      echo "The coder command could not be fetched from $url. Put one on PATH, or start the workspace from an image that has it." >&2
      exit 127
    fi
    echo "The coder command could not be fetched from $url yet. Trying again in 30 seconds." >&2
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
if (-not (Get-Command coder -ErrorAction SilentlyContinue)) { throw "The coder command was not found on PATH. Install it there." }
coder agent
`
}
