// Install script for `curl -fsSL <deployment>/install.sh | sh`, which Coder's pages recommend: downloads the
// coder command of this deployment to a folder on the PATH.

import { shellQuoted } from '../../lib/shell-quoted.ts'

/** @param accessUrl URL of the deployment for users */
export function installScript(accessUrl: string): string {
  // Code is in functions, so that a truncated script does nothing.
  return `#!/bin/sh
set -eu
url=${shellQuoted(accessUrl)}

usage() {
  cat <<EOF
Installs the coder command of $url.

  --prefix DIR   install into DIR/bin (default: ~/.local, or /usr/local for root)
  --dry-run      print the result without installing
  --help         show this help
EOF
}

main() {
  folder=\${HOME:-}/.local/bin
  [ "$(id -u)" -ne 0 ] || folder=/usr/local/bin
  dry=
  while [ $# -gt 0 ]; do
    case $1 in
      --prefix) [ $# -ge 2 ] || fail "--prefix requires a folder."; folder=$2/bin; shift ;;
      --prefix=*) folder=\${1#--prefix=}/bin ;;
      --dry-run) dry=yes ;;
      -h | --help) usage; exit 0 ;;
      *) fail "Unknown option $1. See --help." ;;
    esac
    shift
  done

  case $(uname -m) in
    x86_64 | amd64) arch=amd64 ;;
    aarch64 | arm64) arch=arm64 ;;
    *) arch=$(uname -m) ;;
  esac
  program=$url/bin/coder-$(uname -s | tr '[:upper:]' '[:lower:]')-$arch

  name=coder
  other=$(command -v coder || true)
  if [ -n "$other" ] && ! head -c 200 "$other" | grep -q "Coder Local"; then
    echo "$other is another program and is left unchanged."
    name=coder-local
  fi

  if [ -n "$dry" ]; then
    echo "Would install $program as $folder/$name."
    exit 0
  fi
  mkdir -p "$folder"
  unfinished=$folder/.$name-$$
  trap 'rm -f "$unfinished"' EXIT
  fetch "$program" "$unfinished" || fail "Could not download $program. Run Coder Local itself on this machine instead."
  chmod 755 "$unfinished"
  mv "$unfinished" "$folder/$name"

  echo "$name is installed as $folder/$name."
  case :$PATH: in
    *:"$folder":*) ;;
    *) echo "$folder is not on the PATH: add it in the settings of your shell." ;;
  esac
  echo "Sign in: $name login $url"
}

fetch() {
  if command -v curl >/dev/null 2>&1; then curl -fsSL -o "$2" "$1"
  elif command -v wget >/dev/null 2>&1; then wget -q -O "$2" "$1"
  else fail "curl or wget is required."
  fi
}

fail() {
  echo "$1" >&2
  exit 1
}

main "$@"
`
}
