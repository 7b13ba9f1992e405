#!/bin/sh
# Clones into the workspace's folder, once: what is there already is never touched.
set -eu
if [ -e .git ]; then
  echo "Cloned already."
  exit 0
fi
command -v git >/dev/null || { echo "There is no git on this computer. Install it, or clone by hand." >&2; exit 1; }
git init --quiet
git remote add origin "$PROJECT_REPOSITORY"
git fetch ${PROJECT_DEPTH:+--depth "$PROJECT_DEPTH"} origin "${PROJECT_BRANCH:-HEAD}"
git checkout --quiet -b "${PROJECT_BRANCH:-main}" FETCH_HEAD
echo "Cloned $PROJECT_REPOSITORY."
