#!/bin/sh
# Write the lock files anew from the ranges in pyproject.toml. Needs uv.
set -eu
cd "$(dirname "$0")/.."
compile="uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url"
$compile --group build pyproject.toml --output-file requirements.lock "$@"
$compile --group build --group dev pyproject.toml --output-file requirements-dev.lock "$@"
