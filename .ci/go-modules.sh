# Sourced by the scripts that build programs from the Go module proxy for the tests to compare ours with. What is built
# is kept in $cache, outside the clone; $work is gone when the script ends.

cache="$HOME/.cache/coder-local-ci"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT

# fetch_source MODULE VERSION: a copy in $work/source, since the module cache can't be written to.
fetch_source() {
  local folder
  folder="$(go mod download -json "$1@$2" | sed -n 's/^\t"Dir": "\(.*\)",$/\1/p')"
  rm -rf "$work/source"
  cp -r "$folder" "$work/source"
  chmod -R u+w "$work/source"
}

# build MODULE VERSION PACKAGE FILE [FLAG…]: what stands at FILE already is left alone.
build() {
  local module="$1" version="$2" package="$3" file="$4"
  [[ -x "$file" ]] && return
  echo "── Building $module $version"
  fetch_source "$module" "$version"
  mkdir -p "$(dirname "$file")"
  # Beside its place first: a build that is cut short must not look like one that is done.
  (cd "$work/source" && nice -n 10 go build "${@:5}" -o "$work/built" "$package")
  mv "$work/built" "$file"
}
