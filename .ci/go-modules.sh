# Sourced by the scripts that build, from the Go module proxy, the programs that tests compare ours with. Build results
# are stored in $cache, outside the clone; $work is removed when the script exits.

cache="$HOME/.cache/coder-local-ci"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT

# fetch_source MODULE VERSION: copies the module to $work/source, because the module cache is read-only.
fetch_source() {
  local folder
  folder="$(go mod download -json "$1@$2" | sed -n 's/^\t"Dir": "\(.*\)",$/\1/p')"
  rm -rf "$work/source"
  cp -r "$folder" "$work/source"
  chmod -R u+w "$work/source"
}

# build MODULE VERSION PACKAGE FILE [FLAG…]: builds the package unless FILE exists.
build() {
  local module="$1" version="$2" package="$3" file="$4"
  [[ -x "$file" ]] && return
  echo "── Building $module $version"
  fetch_source "$module" "$version"
  mkdir -p "$(dirname "$file")"
  # Builds outside the cache first, so that an interrupted build leaves no file there.
  (cd "$work/source" && nice -n 10 go build "${@:5}" -o "$work/built" "$package")
  mv "$work/built" "$file"
}
