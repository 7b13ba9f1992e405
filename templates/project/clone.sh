#!/bin/sh
# Clones the repository into the workspace's folder at the first start. Never changes an existing clone.
set -eu
if [ -e .git ]; then
  echo "The repository is already cloned."
  exit 0
fi
command -v git >/dev/null || { echo "Could not clone the repository: git is not installed. Install it, or clone manually." >&2; exit 1; }
git init --quiet
git remote add origin "$PROJECT_REPOSITORY"
git fetch ${PROJECT_DEPTH:+--depth "$PROJECT_DEPTH"} origin "${PROJECT_BRANCH:-HEAD}"
git checkout --quiet -b "${PROJECT_BRANCH:-main}" FETCH_HEAD
echo "Cloned $PROJECT_REPOSITORY."
